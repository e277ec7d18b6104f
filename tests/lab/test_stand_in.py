"""What the real tools do besides answering, and the lab's stand-in with them."""

from __future__ import annotations

import pytest

from tests.lab.lab import READY, Lab
from tests.lab.test_recordings import JOIN, LOCK, created, knows_pve01, may_log_in

pytestmark = pytest.mark.parametrize(
    "booted", [{"count": 3, "links": 2, "standalone": True, "lock_expires": 12}], indirect=True
)
KEYS = "/etc/pve/priv/authorized_keys"


@pytest.fixture(scope="module")
def joined(booted: Lab) -> Lab:
    """A cluster of pve01, which pve02 begins to join; pve03 stands alone."""
    booted.wait_for("pve01", "pve02", command="test -s /etc/pve/local/pve-ssl.pem")
    created(booted)
    knows_pve01("pve02")(booted)
    may_log_in("pve02")(booted)
    link0, link1 = (booted.address("pve02", f"link{number}") for number in (0, 1))
    join = JOIN.format(host=booted.address("pve01"), link0=link0, link1=link1)
    started = f"systemd-run --unit=join -p Type=oneshot --no-block -p StandardOutput=file:/run/join.log {join}"
    booted.exec("pve02", "sh", "-c", started, check=True)
    return booted


def test_nobody_can_log_in_to_a_node_while_it_joins(joined: Lab) -> None:
    joined.wait_for("pve02", command="grep -q stopping.pve-cluster /run/join.log")
    joined.wait_for("pve02", command="! test -e /root/.ssh/authorized_keys")
    tried = joined.ssh("pve02", "true")
    over = joined.exec("pve02", "cat", "/run/join.log").stdout
    assert "successfully added" not in over
    assert "Permission denied" in tried.stderr
    joined.wait_for("pve02", command="grep -q successfully.added /run/join.log")
    assert joined.ssh("pve02", "true").returncode == 0


def test_who_joins_again_leaves_the_lock_behind_until_it_expires(joined: Lab) -> None:
    joined.wait_for("pve01", "pve02", command=READY)
    links = " ".join(f"--link{number} {joined.address('pve02', f'link{number}')}" for number in (0, 1))
    again = joined.exec("pve01", "sh", "-c", f"pvecm addnode pve02 --force 1 {links}")
    assert again.stdout == "forcing overwrite of configured node 'pve02'\n"
    joined.exec("pve01", "test", "-d", LOCK, check=True)
    next_change = joined.exec("pve01", "sh", "-c", "pvecm delnode pve02")
    lines = next_change.stderr.splitlines()
    assert next_change.returncode == 17
    assert lines == ["trying to acquire cfs lock 'file-corosync_conf' ..."] * 9 + [
        "cfs-lock 'file-corosync_conf' error: got lock request timeout"
    ]
    joined.wait_for("pve01", command=f"! test -d {LOCK}")


def test_of_the_keys_only_rsa_ones_are_kept_once(joined: Lab) -> None:
    """And only with one word of comment."""
    joined.wait_for("pve01", "pve02", command=READY)
    before = joined.exec("pve01", "cat", KEYS, check=True).stdout
    more = "ssh-rsa AAAAone a\nssh-rsa AAAAone b\nssh-rsa AAAAtwo\nssh-rsa AAAAtwo\nssh-ed25519 AAAAx c\nssh-ed25519 AAAAx c\n"
    joined.exec("pve01", "sh", "-c", f"cat >>{KEYS}", input=more, check=True)
    joined.exec("pve02", "pvecm", "updatecerts", check=True)
    kept = joined.exec("pve01", "cat", KEYS, check=True).stdout
    assert kept == before + more.replace("ssh-rsa AAAAone b\n", "")


def test_all_that_a_worker_says_is_on_standard_output_but_its_last_error(booted: Lab) -> None:
    """Also what the commands say that it runs. It exits with 0."""
    keygen = "/usr/sbin/corosync-keygen"
    broken = "#!/bin/sh\necho it broke >&2\nexit 1\n"
    write = f"mv {keygen} /root/kept && cat >{keygen} && chmod 755 {keygen}"
    booted.exec("pve03", "sh", "-c", write, input=broken, check=True)
    done = booted.exec("pve03", "pvecm", "create", "other")
    booted.exec("pve03", "mv", "/root/kept", keygen, check=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "it broke\n", "unable to generate key\n")
