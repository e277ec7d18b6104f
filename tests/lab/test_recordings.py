"""The lab's pvecm and /etc/pve say what the real ones said when they were brought into the same situation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.lab.lab import READY, Lab, lab_up
from tests.lab.recordings import recordings, replay

RECORDED = recordings()
LOCK = "/etc/pve/priv/lock/file-corosync_conf"
JOIN = "pvecm add {host} --use_ssh --link0 {link0} --link1 {link1}"
Situation = Callable[[Lab], object]


def sh(node: str, script: str) -> Situation:
    return lambda lab: lab.exec(node, "bash", "-c", script, check=True)


def until(node: str, script: str) -> Situation:
    return lambda lab: lab.wait_for(node, command=script)


def created(lab: Lab) -> None:
    links = f"--link0 {lab.address('pve01', 'link0')} --link1 {lab.address('pve01', 'link1')}"
    sh("pve01", f"pvecm create lab {links}")(lab)
    until("pve01", READY)(lab)


def knows_pve01(node: str) -> Situation:
    """Its host key."""
    return lambda lab: lab.exec(node, "sh", "-c", "cat >/root/.ssh/known_hosts", input=lab.known_hosts(), check=True)


def may_log_in(node: str) -> Situation:
    """On pve01, by hand."""

    def admit(lab: Lab) -> None:
        key = lab.exec(node, "cat", "/root/.ssh/id_rsa.pub", check=True).stdout
        lab.exec("pve01", "sh", "-c", "cat >>/root/.ssh/authorized_keys", input=key, check=True)

    return admit


def joins(node: str, how: str = "{join}") -> Situation:
    def join(lab: Lab) -> None:
        host, link0, link1 = lab.address("pve01", "link0"), lab.address(node, "link0"), lab.address(node, "link1")
        sh(node, how.format(join=JOIN.format(host=host, link0=link0, link1=link1)))(lab)

    return join


def listed_only(lab: Lab) -> None:
    """pve03's join ended after its entry in corosync.conf and its folder were made."""
    links = f"--link0 {lab.address('pve03', 'link0')} --link1 {lab.address('pve03', 'link1')}"
    sh("pve01", f"pvecm addnode pve03 --force 1 {links} && mkdir -p /etc/pve/nodes/pve03")(lab)
    until("pve01", "corosync-quorumtool -s | grep -q 'Expected votes: *3'")(lab)


def gone(node: str, left: int, *, quorate: bool) -> Situation:
    def power_off(lab: Lab) -> None:
        lab.kill(node)
        rest = [name for name in lab.members if lab.is_up(name)]
        lab.wait_members(left, rest, quorate=quorate)
        until("pve01", "corosync-cfgtool -s | grep -q disconnected")(lab)

    return power_off


def cut_link1(lab: Lab) -> None:
    lab.link("pve02", 1, "down")
    until("pve01", "corosync-cfgtool -s | grep -q disconnected")(lab)


def healed(lab: Lab) -> None:
    lab.heal()
    until("pve01", "! corosync-cfgtool -s | grep -q disconnected")(lab)


def members(count: int) -> Situation:
    return lambda lab: lab.wait_members(count, [node for node in lab.members if lab.is_up(node)][:count])


LATE = """{join} | python3 -c '
import os
said = b""
while b"waiting for quorum" not in said:
    said += os.read(0, 1)
'"""
SEPARATED = """systemctl stop pve-cluster corosync; pmxcfs -l; rm /etc/pve/corosync.conf; rm -r /etc/corosync/*
killall pmxcfs; while pgrep -x pmxcfs; do sleep 0.1; done; systemctl start pve-cluster"""


@dataclass(frozen=True)
class History:
    """Situations, and after each the recordings that were made in it; a tuple of several where one answer is all of theirs."""

    steps: tuple[Situation | str | tuple[str, ...], ...]
    lab: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> Iterator[str]:
        for step in self.steps:
            if not callable(step):
                yield from (step,) if isinstance(step, str) else step


def of(file: str, names: str) -> tuple[str, ...]:
    return tuple(f"{file}/{name}" for name in names.split())


ALONE = {"standalone": True, "lock_expires": 3, "updatecerts_timeout": 2}
HISTORIES = {
    "a cluster grows and shrinks": History(
        (
            *of("00-standalone", "pvecm_status pvecm_nodes pvecm_expected pvecm_expected_1 pvecm pvecm_apiver"),
            *of("00-standalone", "pvecm_delnode_pve02 pvecm_foo"),
            *of("01-create", "create_bad_underscore create_bad_long create_noname"),
            ("01-create/create", "10a-right-after-create/create"),
            *of("10a-right-after-create", "addnode_alone expected_1"),
            "01-create/status_immediately",
            until("pve01", READY),
            *of("01-create", "create_twice status nodes corosync_conf delnode_self delnode_unknown expected_noarg"),
            *of("01-create", "expected_bad expected_0 expected_1 cfgtool_s quorumtool_s"),
            "02-join-ssh/add_no_keys_no_known_hosts",
            knows_pve01("pve02"),
            ("02-join-ssh/add_known_hosts_no_key", "10a-right-after-create/add_while_cluster_has_no_quorum"),
            *of("02-join-ssh", "add_without_use_ssh_no_stdin add_in_etc_pve add_bad_link add_unreachable"),
            may_log_in("pve02"),
            *of("02-join-ssh", "add_one_link_missing state_after_one_link_missing add_no_links add_duplicate_addr"),
            *of("02-join-ssh", "add_ok status_pve01_after nodes_pve01_after status_pve02_after"),
            *of("03-join-more", "mk_guest_on_pve03 add_with_guest rm_guest"),
            knows_pve01("pve03"),
            may_log_in("pve03"),
            listed_only,
            *of("03-join-more", "status_pve01 nodes_pve01 cfgtool cfgtool_n corosync_conf add_again"),
            members(3),
            until("pve01", f"! test -d {LOCK}"),
            *of(
                "04-three-nodes", "status nodes expected_1_while_quorate status_after_expected_1 expected_3 expected_5"
            ),
            *of(
                "04-three-nodes", "status_after_expected_5 expected_6 status_after_back updatecerts updatecerts_silent"
            ),
            *of("04-three-nodes", "updatecerts_f addnode_existing keygen_exists create_in_cluster members"),
            *of("05-expected", "status_before expected_3 status_after_3 expected_1 status_after_1 expected_2"),
            *of("05-expected", "status_after_2 expected_4 status_after_4 expected_5 status_after_5 expected_6"),
            *of("05-expected", "status_after_6 expected_9 status_after_9 expected_3_again status_end"),
            "06-delnode-online/delnode_online",
            members(2),
            *of("06-delnode-online", "status_pve01 pve03_state pve01_nodes_dir pve03_start_corosync"),
            "07-separate-and-rejoin/add_without_cleanup",
            sh("pve03", SEPARATED),
            *of("07-separate-and-rejoin", "vmlist rejoin_without_varlib_clean"),
            members(3),
            "07-separate-and-rejoin/status",
            gone("pve03", 2, quorate=True),
            *of("08-node-lost", "status_pve01 nodes_pve01 cfgtool_s delnode_offline"),
            *of("08-node-lost", "status_after_delnode leftovers delnode_again delnode_by_ip"),
            gone("pve02", 1, quorate=False),
            *of("09-no-quorum", "status nodes quorumtool write delnode addnode updatecerts expected_2 expected_1"),
            until("pve01", "test -w /etc/pve/priv"),
            *of("09-no-quorum", "status_after_expected_1 delnode_after status_after_delnode"),
        ),
        {"count": 3, **ALONE},
    ),
    "a link address of nobody": History(
        ("01-create/create_foreign_link", "01-create/status_after_foreign_link"), {"count": 1, **ALONE}
    ),
    "a first join that breaks": History(
        (
            "16-join-calm/create",
            knows_pve01("pve02"),
            may_log_in("pve02"),
            sh("pve02", "echo ssh-rsa AAAAB3NzaC1yc2E only-on-pve02 >>/root/.ssh/authorized_keys"),
            "10a-right-after-create/keys_before",
            *of("10-join-window", "addnode_alone add_while_cluster_has_no_quorum expected_1"),
            until("pve01", "test -w /etc/pve/priv"),
            *of("10-join-window", "add_ok keys_after status"),
        ),
        {"count": 2, **ALONE},
    ),
    "whoever ran the join goes away": History(
        (
            created,
            *(situation for node in ("pve02", "pve03") for situation in (knows_pve01(node), may_log_in(node))),
            "16-join-calm/add_pve02",
            members(2),
            joins("pve03", "{join} | true"),
            until("pve01", "corosync-quorumtool -s | grep -q 'Expected votes: *3'"),
            *of("17-join-connection-lost", "state_pve03 state_pve01"),
            joins("pve03", LATE),
            members(3),
            *of("18-join-connection-lost-late", "state_pve01 missing repair"),
        ),
        {"count": 3, **ALONE},
    ),
    "a join without a session": History(
        (
            created,
            knows_pve01("pve02"),
            may_log_in("pve02"),
            joins(
                "pve02",
                "systemd-run --wait --unit=botjoin -p Type=oneshot -p StandardOutput=file:/run/botjoin.log "
                "-p StandardError=inherit {join}",
            ),
            "23-join-under-systemd-run/result",
        ),
        {"count": 2, **ALONE},
    ),
    "links and daemons that stop": History(
        (
            cut_link1,
            *of("19-links", "cfgtool_s_link1_cut status_link1_cut"),
            healed,
            "19-links/cfgtool_healed",
            *of("20-corosync-stopped", "status nodes expected members_stale start"),
            "21-pmxcfs-stopped/all",
        ),
        {"count": 3},
    ),
}
NOT_REPLAYED = {
    "01-create/tasks": "the stand-in keeps the list of tasks, not a file for each",
    "03-join-more/add_ok": "ended by a time limit, on a busy machine",
    "04-three-nodes/status_after_expected_6": "ended by a time limit, on a busy machine",
    "04-three-nodes/expected_3_back": "refused because the machine was too busy to answer; 05 has it as it is",
    "04-three-nodes/mtunnel": "a mistake of the recording's own set-up, no answer of pvecm",
    "07-separate-and-rejoin/separate": "without killall it went wrong half way; reset's own tests separate a node",
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES.keys())
def test_the_stand_in_answers_as_the_real_tools_did(history: History) -> None:
    different: dict[str, tuple[object, object]] = {}
    with lab_up(links=2, token=1000, name="recordings", **history.lab) as lab:
        lab.wait_for(*lab.members, command="test -s /etc/pve/local/pve-ssl.pem")
        for step in history.steps:
            if callable(step):
                step(lab)
                continue
            names = (step,) if isinstance(step, str) else step
            said = replay(lab, RECORDED[names[0]])
            different |= {name: (RECORDED[name].said, said) for name in names if RECORDED[name].said != said}
    assert different == {}


def test_each_recording_is_replayed_or_there_is_a_reason_why_not() -> None:
    replayed = [name for history in HISTORIES.values() for name in history.names]
    assert sorted([*replayed, *NOT_REPLAYED]) == sorted(RECORDED)
