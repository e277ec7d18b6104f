"""/pve-cluster reset NODE: what forbids it, what is approved, what guards it, and what is told afterwards."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot import propose
from bot.action import Level, Output
from bot.actions import load_actions
from bot.actions.reset import change
from bot.actions.reset.check import check
from bot.actions.reset.facts import Args, Facts
from bot.command_line import parse
from bot.look import Look
from bot.names import ClusterName, NodeName
from bot.plan import Plan
from bot.policy import demand
from bot.text import Refused, same
from tests.actions.stuck_node import (
    ALONE,
    CONF,
    GUESTS,
    HA,
    IDENTITY,
    KEYS,
    MOUNTS,
    PVE05,
    QUORUM,
    Said,
    identity,
    look,
    stuck,
)
from tests.recorded import RecordedNodes, answers


def refused(facts: Facts, node: str = "pve05") -> list[str]:
    return [found.text.to("en") for found in check(Args(NodeName(node)), facts) if found.blocks]


def planned(facts: Facts) -> Plan:
    command = parse("reset pve05", load_actions())
    name = ClusterName("pve-lab")
    return propose.plan(command, name, "reset pve05", facts, demand(command, name, ()))


def test_a_stuck_node_with_nothing_on_it_may_be_separated() -> None:
    assert refused(look()) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({("pve05", IDENTITY): same("timed out")}, "pve05 does not answer: timed out"),
        (ALONE, "pve05 is in no cluster: there is nothing to separate"),
        ({("pve05", IDENTITY): identity("pve07")}, "The host that answers as pve05 is named pve07"),
        (
            {("pve05", IDENTITY): identity("pve05", None)},
            "pve05 has no /etc/corosync/corosync.conf any more, but does not stand alone either",
        ),
        (
            {("pve05", IDENTITY): identity("pve05", CONF.replace("cluster_name: pve-lab", "cluster_name: old"))},
            "pve05 belongs to the cluster old, the others to pve-lab",
        ),
        (
            {("pve05", GUESTS): "/etc/pve/nodes/pve05/lxc/7.conf\n/etc/pve/nodes/pve05/qemu-server/8.conf\n"},
            "pve05 has guests: 7, 8",
        ),
        ({("pve01", GUESTS): "/etc/pve/nodes/pve05/lxc/9.conf\n"}, "pve05 has guests: 9"),
        (
            {("pve05", GUESTS): Output(PVE05, 1, "", "find: '/etc/pve/nodes': No such file or directory")},
            "/etc/pve is not mounted on pve05, so nobody knows whether it has guests",
        ),
        ({("pve05", GUESTS): same("timed out")}, "pve05 does not say which guests it has: timed out"),
        (
            {("pve05", MOUNTS): "ext4 /\nnfs4 /mnt/pve/nas\ncifs /mnt/pve/win\nfuse.glusterfs /g\nceph /c\n"},
            "pve05 has shared storage mounted: /mnt/pve/nas (nfs4), /mnt/pve/win (cifs), /g (fuse.glusterfs), /c (ceph)",
        ),
        ({("pve05", MOUNTS): same("timed out")}, "pve05 does not say what is mounted there: timed out"),
        (
            {("pve02", HA): json.dumps({"service_status": {"vm:1": {"node": "pve05", "state": "stopped"}}})},
            "HA has services on pve05: vm:1",
        ),
        ({("pve05", HA): same("timed out")}, "pve05 does not say which HA services are there: timed out"),
        ({("pve05", QUORUM): same("timed out")}, "pve05 does not say whether its corosync is in a ring: timed out"),
    ],
)
def test_what_forbids_it(more: Said, why: str) -> None:
    assert refused(look(more)) == [why]


def test_everything_that_forbids_it_is_said_at_once() -> None:
    facts = look({("pve05", GUESTS): "/etc/pve/nodes/pve05/lxc/7.conf\n", ("pve05", MOUNTS): "nfs /mnt\n"})
    assert len(refused(facts)) == 2


def test_a_node_that_there_is_not_is_named() -> None:
    assert refused(look(), "pve09") == ["This cluster has no node “pve09”: it has pve01, pve02, pve03, pve04, pve05"]
    with pytest.raises(Refused):
        parse("reset ../etc", load_actions())


def test_a_healthy_member_is_to_be_removed_instead() -> None:
    healthy = {**stuck("pve04"), ("pve04", QUORUM): answers("one-node-down", QUORUM)[3]}
    facts = look(healthy)
    assert refused(facts, "pve04") == ["pve04 is a healthy member of a quorate ring"]
    fix = next(found.fix for found in check(Args(NodeName("pve04")), facts) if found.blocks)
    assert fix is not None
    assert "pvecm delnode pve04" in fix.to("fr")


def test_a_cluster_that_has_no_other_node_ends_with_it() -> None:
    """The way back from `create`: healthy, and nobody else's."""
    others = {(f"pve0{n}", "*"): same("off") for n in range(1, 5)}
    conf = "nodelist {\n node {\n name: pve05\n nodeid: 5\n ring0_addr: 10.0.1.15\n }\n}\ntotem {\n cluster_name: new\n config_version: 1\n}\n"
    quorate = answers("healthy-3", QUORUM)[0].stdout
    facts = look({**others, ("pve05", IDENTITY): identity("pve05", conf), ("pve05", QUORUM): quorate})
    assert refused(facts) == []
    told = [found.text.to("en") for found in check(Args(PVE05), facts)]
    assert "pve05 is all there is of the cluster new, which ends with this" in told


def test_what_the_rest_would_lose_is_said() -> None:
    three = {
        ("pve05", "*"): same("off"),
        **stuck("pve03"),
        ("pve03", QUORUM): answers("dual-link-both-links-down", QUORUM)[2],
    }
    facts: Facts = Look(RecordedNodes("dual-link-both-links-down", three)).gather(Facts)
    assert "Without pve03 the rest loses the quorum: 1 vote would be left of 2 needed" in refused(facts, "pve03")


def test_a_ring_without_quorum_keeps_its_votes() -> None:
    nodes = RecordedNodes("no-quorum", {**stuck("pve02"), ("pve02", QUORUM): answers("no-quorum", QUORUM)[1]})
    facts: Facts = Look(nodes).gather(Facts)
    assert "pve02 is in a ring with 1 more, without quorum: its vote counts for getting it back" in refused(
        facts, "pve02"
    )


@pytest.mark.parametrize("more", [{}, ALONE, {("pve05", MOUNTS): "nfs /mnt\n"}])
def test_every_finding_is_said_in_both_languages(more: Said) -> None:
    for found in check(Args(PVE05), look(more)):
        assert found.text.to("en") != found.text.to("fr")


def test_where_nobody_else_answers_that_is_said_and_not_forbidden() -> None:
    others = {(f"pve0{n}", "*"): same("off") for n in range(1, 5)}
    told = [found.text.to("en") for found in check(Args(PVE05), look(others))]
    assert told[0].startswith("No other node says how the rest of the cluster is")


# What is approved


def test_the_plan_is_one_script_on_that_node_alone() -> None:
    (step,) = planned(look()).steps
    assert (step.on, step.argv[:2], step.argv[3:]) == ("pve05", ("sh", "-c"), ("separate", "pve05"))


def test_the_bot_is_let_in_afterwards_whoever_was_in_the_list() -> None:
    """After a join that broke the list is empty."""
    bot = "ssh-ed25519 AAAAC3NzaBot="
    empty = Output(PVE05, 1, "", f"cat: {KEYS[4:]}: No such file or directory", key=bot)
    (step,) = planned(look({("pve05", KEYS): empty})).steps
    assert step.argv[3:] == ("separate", "pve05", bot)


def test_it_backs_up_before_it_stops_and_stops_before_it_removes() -> None:
    script = planned(look()).steps[0].argv[2]
    order = [
        'cp -a /etc/pve "$backup/etc-pve"',
        'cp -a /etc/corosync "$backup/etc-corosync"',
        "systemctl stop pve-cluster\n",
        "systemctl stop corosync\n",
        'cp -a /var/lib/pve-cluster "$backup/var-lib-pve-cluster"',
        "\npmxcfs -l\n",
        "\nrm -f /etc/pve/corosync.conf\n",
        "/etc/corosync/authkey /etc/corosync/qdevice\n",
        "\npkill -x pmxcfs\ngone\n",
        "\nsystemctl start pve-cluster\n",
        "\nrm -rf /var/lib/corosync/*\n",
        "may log in again, and one did",
    ]
    places = [script.rindex(line) for line in order]
    assert places == sorted(places)


def test_the_script_is_sound_shell() -> None:
    script = planned(look()).steps[0].argv[2]
    assert script.startswith("set -eu\n")
    assert subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=False).returncode == 0


def test_an_approval_rests_on_who_the_node_is_and_how_the_rest_stands() -> None:
    made = planned(look())
    assert made.rests_on == {
        "cluster": "pve-lab",
        "config_version": 1,
        "node": "pve05",
        "node_id": 5,
        "ring": None,
        "rest_quorate": True,
        "rest_lists_it": True,
    }
    assert (made.confirm, made.statement) == ("pve05", None)
    assert made.before == made.after
    assert made.before is not None
    assert made.before.present == 4
    assert "cp -a /var/lib/pve-cluster-bot/backup-…/etc-corosync/. /etc/corosync/" in made.undo.to("fr")


def judge(tmp_path: Path, facts: Facts, changed: Mapping[str, tuple[str, int]]) -> tuple[int, str]:
    """Exit code and reason of the guard, where the node's tools say what was approved but for *changed*."""
    said = {
        "hostname": ("pve05\n", 0),
        "cat": (CONF, 0),
        "corosync-quorumtool": ("", 1),
        "find": ("", 0),
        "pgrep": ("", 1),
        "findmnt": ("", 1),
        **changed,
    }
    for name, (text, code) in said.items():
        (tmp_path / f"{name}.txt").write_text(text)
        tool = tmp_path / name
        lines = f"while read -r line; do printf '%s\\n' \"$line\"; done <{tmp_path}/{name}.txt"
        tool.write_text(f"#!/bin/sh\n{lines}\nexit {code}\n")
        tool.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    guard = planned(facts).steps[0].guard
    ran = subprocess.run(["/bin/sh", "-c", guard], env=env, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr.strip()


def test_the_guard_lets_pass_what_was_approved(tmp_path: Path) -> None:
    assert judge(tmp_path, look(), {}) == (0, "")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hostname": ("pve04\n", 0)}, "host name: pve04; approved: pve05"),
        ({"cat": (CONF.replace("pve-lab", "other"), 0)}, "cluster: other; approved: pve-lab"),
        ({"cat": (CONF.replace("nodeid: 5", "nodeid: 6"), 0)}, "node id: 6; approved: 5"),
        ({"corosync-quorumtool": ("", 0)}, "corosync runs"),
        ({"corosync-quorumtool": ("", 2)}, "corosync runs"),
        ({"find": ("/etc/pve/nodes/pve05/lxc/7.conf\n", 0)}, "guests: /etc/pve/nodes/pve05/lxc/7.conf"),
        ({"find": ("", 1)}, ""),
        ({"pgrep": ("4711\n", 0)}, "guests run"),
        ({"findmnt": ("/mnt/pve/nas\n", 0)}, "shared storage is mounted: /mnt/pve/nas"),
        ({"findmnt": ("", 2)}, ""),
    ],
)
def test_the_guard_refuses_what_was_not_approved_and_says_why(
    tmp_path: Path, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, look(), changed)
    assert code != 0
    assert said.startswith(why)


# The report


def test_a_node_that_stands_alone_is_told_with_what_is_left_to_do() -> None:
    report = change.report(Args(PVE05), look(), look(ALONE))
    assert (report.level, report.headline.to("en")) == (Level.GOOD, "pve05 stands alone, and 6 keys may log in there")
    assert (report.code[0].title.to("en"), report.code[0].lines) == ("To type on pve01", "pvecm delnode pve05")
    assert report.findings[0].text.to("en") == "The others still list pve05 and expect its vote"


def test_fewer_keys_than_before_are_no_good_news() -> None:
    fewer = {**ALONE, ("pve05", KEYS): Output(PVE05, 1, "", f"cat: {KEYS[4:]}: No such file or directory")}
    report = change.report(Args(PVE05), look(), look(fewer))
    assert (report.level, report.data["keys"]) == (Level.WARNING, 0)


def test_a_node_that_is_silent_or_still_a_member_is_not_said_to_stand_alone() -> None:
    assert change.report(Args(PVE05), look(), look({("pve05", IDENTITY): same("timed out")})).level is Level.UNKNOWN
    assert change.report(Args(PVE05), look(), look()).level is Level.BAD


def test_delnode_is_said_to_need_quorum_where_there_is_none() -> None:
    lost = {(f"pve0{n}", "*"): same("off") for n in range(2, 5)}
    view = answers("one-node-down", QUORUM)[0]
    without = replace(view, exit=2, stdout=view.stdout.replace("Quorate:          Yes", "Quorate:          No"))
    report = change.report(Args(PVE05), look(), look({**lost, **ALONE, ("pve01", QUORUM): without}))
    assert report.findings[-1].text.to("en") == "That needs quorum, which they do not have: /pve-cluster expected"
