"""The scripts of the trust between two nodes, run by a real shell on files of the test, as a login would find them."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.actions.join import trust
from bot.cluster.login_keys import LoginKey
from bot.names import NodeName

NEW = NodeName("pve04")
LINE = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAACAQ+/pve04== root@pve04"
KEY = LoginKey("ssh-rsa", LINE.split()[1], "root@pve04")
OTHERS = "# people\nssh-ed25519 AAAAbot bot\nssh-rsa AAAApve01 root@pve01\n"
KNOWN = trust.known_hosts("10.0.1.11", [KEY], NEW)


@pytest.fixture
def ssh(tmp_path: Path) -> Path:
    """A /root/.ssh whose list is a link, as on a node."""
    folder, priv = tmp_path / "ssh", tmp_path / "priv"
    folder.mkdir()
    priv.mkdir()
    (priv / "authorized_keys").write_text(OTHERS)
    (folder / "authorized_keys").symlink_to(priv / "authorized_keys")
    return folder


def run(argv: tuple[str, ...], ssh: Path, tools: str = "") -> subprocess.CompletedProcess[str]:
    """*argv* with that folder in place of root's own, and nothing else changed."""
    words = [word.replace("/root/.ssh", str(ssh)).replace("seq 60", "seq 2") for word in argv]
    env = {"PATH": f"{tools}:/usr/bin:/bin"}
    return subprocess.run(words, env=env, capture_output=True, text=True, check=False)


def merged(text: str, own: str) -> str:
    """What ssh_merge_keys (PVE::Cluster::Setup) makes of a list: the own key always, of each RSA key the first line only."""
    seen: set[str] = set()
    kept = []
    for line in [*text.splitlines(), own]:
        found = re.search(r"(^|\s)ssh-(rsa|dsa)\s+(\S+)\s+\S+$", line)
        if found and not line.startswith("#"):
            if found[3] in seen:
                continue
            seen.add(found[3])
        kept.append(line)
    return "\n".join(kept) + "\n"


def admit(ssh: Path) -> str:
    done = run(trust.admit(KEY, ("10.0.0.14", "fd00::14"), NEW), ssh)
    assert done.returncode == 0, done.stderr
    return (ssh / "authorized_keys").read_text()


def test_the_key_is_let_in_from_its_own_addresses_and_for_an_hour(ssh: Path) -> None:
    before = datetime.now()  # noqa: DTZ005 - sshd and date go by the node's own zone
    line = admit(ssh).splitlines()[-1]
    found = re.fullmatch(
        r'restrict,from="10\.0\.0\.14,fd00::14",expiry-time="(\d{12})" (\S+ \S+) pve-cluster-bot join pve04', line
    )
    assert found is not None, line
    assert LINE.startswith(f"{found[2]} ")
    until = datetime.strptime(found[1], "%Y%m%d%H%M")  # noqa: DTZ007 - as above
    assert timedelta(minutes=58) <= until - before <= timedelta(minutes=61)


def test_everybody_else_stays_in_the_list_and_the_link_a_link(ssh: Path) -> None:
    assert admit(ssh).startswith(OTHERS)
    assert (ssh / "authorized_keys").is_symlink()
    assert (ssh / "authorized_keys").resolve().stat().st_mode & 0o777 == 0o600
    assert not list((ssh / "authorized_keys").resolve().parent.glob("*.pve-cluster-bot"))


def test_proxmoxs_own_merging_keeps_the_lasting_line_beside_ours(ssh: Path) -> None:
    """With a comment of one word it would not: that is why ours has several."""
    text = admit(ssh)
    assert LINE in merged(text, LINE).splitlines()
    one_word = text.replace(trust.tag(NEW), "pve-cluster-bot")
    assert LINE not in merged(one_word, LINE).splitlines()


def test_it_is_taken_back_and_the_lasting_line_stays(ssh: Path) -> None:
    text = merged(admit(ssh), LINE)
    (ssh / "authorized_keys").write_text(text)
    done = run(trust.dismiss(KEY, NEW), ssh)
    assert (done.returncode, done.stdout) == (0, "pve-cluster-bot join pve04: let in no more\n")
    assert (ssh / "authorized_keys").read_text() == f"{OTHERS}{LINE}\n"


def test_a_lasting_line_that_is_missing_is_put_there(ssh: Path) -> None:
    admit(ssh)
    assert run(trust.dismiss(KEY, NEW), ssh).returncode == 0
    assert (ssh / "authorized_keys").read_text() == f"{OTHERS}{LINE}\n"


@pytest.mark.parametrize("tool", ["awk", "mv"])
def test_a_list_that_cannot_be_written_stays_as_it_is_and_that_is_an_error(
    ssh: Path, tmp_path: Path, tool: str
) -> None:
    text = admit(ssh)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in {tool, "mv"}:
        (tools / name).write_text("#!/bin/sh\nexit 1\n")
        (tools / name).chmod(0o755)
    assert run(trust.dismiss(KEY, NEW), ssh, str(tools)).returncode == 1
    assert (ssh / "authorized_keys").read_text() == text


def test_a_list_that_cannot_be_read_to_its_end_is_not_replaced_by_its_beginning(ssh: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "cat").write_text('#!/bin/sh\nhead -n 1 "$1"\nexit 1\n')
    (tools / "cat").chmod(0o755)
    assert run(trust.admit(KEY, ("10.0.0.14",), NEW), ssh, str(tools)).returncode == 1
    assert (ssh / "authorized_keys").read_text() == OTHERS


def test_an_empty_list_is_never_put_in_place_of_one_with_keys(ssh: Path) -> None:
    (ssh / "authorized_keys").write_text("")
    assert run(trust.dismiss(KEY, NEW), ssh).returncode == 1


@pytest.mark.parametrize("before", ["", "10.9.9.9 ssh-rsa AAAA\n", "10.9.9.9 ssh-rsa AAAA", None])
def test_known_hosts_gets_lines_of_its_own_and_loses_only_those(ssh: Path, before: str | None) -> None:
    file = ssh / "known_hosts"
    if before is not None:
        file.write_text(before)
    assert run(trust.know(KNOWN), ssh).returncode == 0
    rest = f"{before}\n".lstrip("\n") if before and not before.endswith("\n") else before or ""
    assert file.read_text() == rest + f"{KNOWN[0]}\n"
    assert run(trust.forget(KNOWN), ssh).returncode == 0
    assert file.read_text() == rest


def test_forgetting_where_nothing_was_known_is_done_at_once(ssh: Path) -> None:
    assert run(trust.forget(KNOWN), ssh).returncode == 0


def test_the_scripts_are_sound_shell() -> None:
    for argv in (trust.know(KNOWN), trust.forget(KNOWN), trust.admit(KEY, (), NEW), trust.dismiss(KEY, NEW)):
        assert subprocess.run(["/bin/sh", "-n"], input=argv[2], text=True, check=False).returncode == 0
        assert argv[2].startswith("set -eu\n")
