"""reset NODE on real systemd, sshd and corosync: everything that forbids it, then the separation and a clean join."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.action import Level
from bot.config import load
from bot.request import State
from tests.lab.conftest import config_file
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.running_changes import Changing, changing, require, said

NODE = "pve03"
BACKUP = "/var/lib/pve-cluster-bot/backup-*"


@dataclass(frozen=True)
class Stuck:
    lab: Lab
    bot: Changing


@pytest.fixture(scope="module")
def bot(booted: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changing]:
    booted.guests("pve01", "vm:100")
    booted.wait_for(NODE, command="test -e /var/lib/pve-cluster/db/nodes/pve01/qemu-server/100.conf")
    config = load(config_file(booted, tmp_path_factory.mktemp("bot")))
    with changing(config, connector(booted)) as parts:
        yield parts


@pytest.fixture
def stuck(booted: Lab, bot: Changing) -> Stuck:
    """Three nodes, the third with its corosync stopped; pve01 has a guest."""
    booted.exec(NODE, "systemctl", "stop", "corosync", check=True)
    booted.wait_members(2, ["pve01", "pve02"])
    booted.wait_for("pve01", "pve02", command="test -w /etc/pve/priv")
    return Stuck(booted, bot)


def in_db(lab: Lab, script: str) -> None:
    """Change the stuck node's own copy of /etc/pve, which nobody else can."""
    lab.exec(NODE, "sh", "-c", f"cd /var/lib/pve-cluster/db && {script}", check=True)


def test_a_node_that_is_not_there_is_refused(stuck: Stuck) -> None:
    assert stuck.bot.refused("reset pve09") == ["This cluster has no node “pve09”: it has pve01, pve02, pve03"]


def test_a_healthy_member_is_refused_and_what_the_rest_would_lose_is_said(stuck: Stuck) -> None:
    assert stuck.bot.refused("reset pve02") == [
        "pve02 is a healthy member of a quorate ring",
        "Without pve02 the rest loses the quorum: 1 vote would be left of 2 needed",
    ]


def test_guests_of_its_own_copy_are_refused(stuck: Stuck) -> None:
    in_db(stuck.lab, f"touch nodes/{NODE}/qemu-server/300.conf nodes/{NODE}/lxc/301.conf")
    try:
        assert stuck.bot.refused(f"reset {NODE}") == ["pve03 has guests: 300, 301"]
    finally:
        in_db(stuck.lab, f"rm nodes/{NODE}/qemu-server/300.conf nodes/{NODE}/lxc/301.conf")


def test_services_of_ha_are_refused(stuck: Stuck) -> None:
    in_db(
        stuck.lab,
        f"""echo '{{"service_status":{{"vm:7":{{"node":"{NODE}","state":"stopped"}}}}}}' >ha/manager_status""",
    )
    try:
        assert stuck.bot.refused(f"reset {NODE}") == ["HA has services on pve03: vm:7"]
    finally:
        in_db(stuck.lab, "rm ha/manager_status")


def test_shared_storage_is_refused_and_everything_else_with_it(stuck: Stuck) -> None:
    in_db(stuck.lab, f"touch nodes/{NODE}/lxc/301.conf")
    mount_fake_nfs(stuck.lab)
    try:
        assert stuck.bot.refused(f"reset {NODE}") == [
            "pve03 has guests: 301",
            "pve03 has shared storage mounted: /mnt/shared (nfs4)",
        ]
    finally:
        unmount_fake_nfs(stuck.lab)
        in_db(stuck.lab, f"rm nodes/{NODE}/lxc/301.conf")


def test_without_etc_pve_nobody_knows_its_guests(stuck: Stuck) -> None:
    stuck.lab.ssh(NODE, "true")
    stuck.bot.ask("status")  # a connection that stands before the keys are gone
    stuck.lab.exec(NODE, "systemctl", "stop", "pve-cluster", check=True)
    try:
        assert "/etc/pve is not mounted on pve03, so nobody knows whether it has guests" in stuck.bot.refused(
            f"reset {NODE}"
        )
    finally:
        stuck.lab.exec(NODE, "systemctl", "start", "pve-cluster", check=True)


def test_a_node_that_is_alone_in_its_ring_may_be_separated(stuck: Stuck) -> None:
    lab = stuck.lab
    lab.kill("pve01")
    lab.exec(NODE, "systemctl", "start", "corosync", check=True)
    lab.wait_members(2, ["pve02", NODE])
    lab.exec("pve02", "systemctl", "stop", "corosync", check=True)
    lab.wait_members(1, [NODE], quorate=False)
    try:
        found = stuck.bot.ask(f"reset {NODE} --dry-run")
        assert found.report is not None
        assert not found.blocked
    finally:
        lab.start("pve01")
        lab.exec("pve02", "systemctl", "start", "corosync", check=True)


def test_a_guest_that_comes_in_the_last_moment_stops_it_on_the_node(stuck: Stuck) -> None:
    request = stuck.bot.file(f"reset {NODE}")
    stuck.bot.approve(request)
    ended = stuck.bot.run(request, lambda _step: in_db(stuck.lab, f"touch nodes/{NODE}/qemu-server/300.conf"))
    in_db(stuck.lab, f"rm nodes/{NODE}/qemu-server/300.conf")
    require(ended, State.ABORTED)
    assert "guests: /etc/pve/nodes/pve03/qemu-server/300.conf" in said(ended)
    assert stuck.lab.exec(NODE, "sh", "-c", f"ls -d {BACKUP}").returncode != 0


def test_a_script_that_breaks_says_where_and_leaves_the_door_open(stuck: Stuck) -> None:
    """One of the files cannot be removed: it is a mount point. (systemd is told to reload its units meanwhile.)"""
    lab = stuck.lab
    lab.exec(NODE, "sh", "-c", "mount --bind /etc/corosync/authkey /etc/corosync/authkey", check=True)
    try:
        ended = stuck.bot.change(f"reset {NODE}")
    finally:
        lab.exec(NODE, "umount", "/etc/corosync/authkey", check=True)
    require(ended, State.FAILED)
    assert "STOPPED with exit code 1 while removing what makes it a member; backup in /var/lib/" in said(ended)
    assert "what to do: put the backup back, or finish by hand" in said(ended)
    assert lab.ssh(NODE, "true").returncode == 0
    put_back(lab)


def test_a_node_is_separated_and_joins_again_by_hand(stuck: Stuck) -> None:
    lab = stuck.lab
    ended = stuck.bot.change(f"reset {NODE}")
    require(ended, State.SUCCEEDED)
    assert (
        "pve03 stands alone; 4 keys may log in again, and one did; backup in /var/lib/pve-cluster-bot/backup-"
        in said(ended)
    )
    report = stuck.bot.reports[-1]
    assert (report.level, report.headline.to("en")) == (Level.GOOD, "pve03 stands alone, and 4 keys may log in there")
    assert report.code[0].lines == "pvecm delnode pve03"
    assert report.code[0].title.to("en") == "To type on pve01"
    assert lab.ssh(NODE, "true").returncode == 0, "a new login"
    assert lab.ssh(NODE, "ls /etc/pve/nodes").stdout == "pve03\n"
    assert lab.ssh(NODE, "ls /etc/corosync /var/lib/corosync").stdout.split() == [
        "/etc/corosync:",
        "uidgid.d",
        "/var/lib/corosync:",
    ]
    kept = lab.ssh(NODE, f"cd $(ls -d {BACKUP} | tail -n 1) && ls . etc-corosync && ls etc-pve/nodes").stdout.split()
    assert {"authkey", "corosync.conf", "etc-pve", "var-lib-pve-cluster", "pve01", "pve02", "pve03"} <= set(kept)
    assert stuck.bot.refused(f"reset {NODE}") == ["pve03 is in no cluster: there is nothing to separate"]

    assert lab.ssh("pve01", "pvecm delnode pve03").returncode == 0
    join(lab)


def test_a_node_that_was_removed_while_it_ran_is_separated_and_joins_again(stuck: Stuck) -> None:
    """Its corosync was killed; started again it is alone, with a file that the others no longer know."""
    lab = stuck.lab
    lab.exec(NODE, "systemctl", "start", "corosync", check=True)
    lab.wait_members(3)
    lab.wait_for("pve01", command="test -w /etc/pve/priv")
    assert lab.ssh("pve01", "pvecm delnode pve03").returncode == 0
    lab.wait_members(2, ["pve01", "pve02"])
    lab.exec(NODE, "systemctl", "restart", "corosync", check=True)
    lab.wait_members(1, [NODE], quorate=False)
    ended = stuck.bot.change(f"reset {NODE}")
    require(ended, State.SUCCEEDED)
    assert ended.plan.rests_on["rest_lists_it"] is False
    assert ended.plan.rests_on["ring"] == [3]
    assert stuck.bot.reports[-1].code == ()
    join(lab)


def join(lab: Lab) -> None:
    """By hand, on the node itself."""
    links = f"--link0 {lab.address(NODE, 'link0')} --link1 {lab.address(NODE, 'link1')}"
    lab.exec(NODE, "sh", "-c", "cat > /root/.ssh/known_hosts", input=lab.known_hosts(), check=True)
    joined = lab.ssh(NODE, f"pvecm add {lab.address('pve01')} --use_ssh {links}")
    assert "successfully added node 'pve03' to cluster." in joined.stdout, joined
    lab.wait_members(3)


def mount_fake_nfs(lab: Lab) -> None:
    """No lab has an NFS server: findmnt is told of one in the node's own table of mounts."""
    lab.exec(NODE, "sh", "-c", FAKE, check=True)


def unmount_fake_nfs(lab: Lab) -> None:
    lab.exec(NODE, "mv", "/usr/bin/findmnt.real", "/usr/bin/findmnt", check=True)


FAKE = """mv /usr/bin/findmnt /usr/bin/findmnt.real
cat > /usr/bin/findmnt <<'END'
#!/bin/sh
/usr/bin/findmnt.real "$@"
echo 'nfs4 /mnt/shared'
END
chmod 755 /usr/bin/findmnt"""


def put_back(lab: Lab) -> None:
    """As the plan says how to undo it."""
    undo = (
        f"backup=$(ls -d {BACKUP} | tail -n 1); systemctl stop pve-cluster; cp -a $backup/etc-corosync/. /etc/corosync/; "
        "rm -rf /var/lib/pve-cluster; cp -a $backup/var-lib-pve-cluster /var/lib/pve-cluster; "
        "systemctl start pve-cluster corosync"
    )
    lab.exec(NODE, "sh", "-c", undo, check=True)
    lab.wait_members(3)
