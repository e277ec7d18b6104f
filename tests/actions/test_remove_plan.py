"""/pve-cluster remove NODE: what is approved, what guards it on the node, and what is told of it afterwards."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import propose
from bot.action import Json, Level, Output, Report, Votes
from bot.actions import load_actions
from bot.actions.remove import outcome
from bot.actions.remove.facts import Args, Facts
from bot.actions.remove.left import left
from bot.command_line import parse
from bot.names import ClusterName, NodeName
from bot.plan import Plan
from bot.policy import demand, risk_of
from bot.text import Refused, same
from tests.actions import gone_node
from tests.actions.dead_node import (
    ALIVE,
    CHANGE,
    CONF,
    CONF_CMD,
    FOLDERS,
    IDS,
    KEYS,
    MEMBERS,
    PVE05,
    QUORUM,
    Said,
    everywhere,
    headed,
    look,
)
from tests.recorded import answers, members

VIEW = answers("one-node-down", QUORUM)[0]
ARGS = Args(PVE05)


def planned(facts: Facts, line: str = "remove pve05") -> Plan:
    command, name = parse(line, load_actions()), ClusterName("pve-lab")
    return propose.plan(command, name, line, facts, demand(command, name, ()))


def test_the_plan_is_one_command_on_the_member_with_the_lowest_id() -> None:
    (step,) = planned(look()).steps
    assert (step.on, step.argv) == ("pve01", ("pvecm", "delnode", "pve05"))
    facts = look({("pve01", "*"): same("off")})
    assert planned(facts).steps[0].on == "pve02"


def test_two_people_type_the_nodes_name_and_say_how_they_know_that_it_is_off() -> None:
    made = planned(look())
    assert (made.risk, made.confirm) == ("destructive", "pve05")
    assert made.statement is not None
    assert made.statement.to("en") == "How do you know that pve05 is off, and will not come back on this network?"
    assert demand(parse("remove pve05", load_actions()), ClusterName("pve-lab"), ()).slots[0].count == 1
    assert risk_of(parse("remove pve05 --cleanup", load_actions())) == "destructive"


def test_an_approval_rests_on_the_ring_the_votes_and_the_addresses_that_are_silent() -> None:
    wanted: dict[str, Json] = {
        "cluster": "pve-lab",
        "config_version": 1,
        "node": "pve05",
        "node_id": 5,
        "addresses": ["10.0.1.15"],
        "ring": [1, 2, 3, 4],
        "votes": 4,
        "expected": 5,
        "quorate": True,
    }
    assert planned(look()).rests_on == wanted


def test_an_address_that_ping_would_take_for_an_option_is_not_tried() -> None:
    odd = look(everywhere(CONF_CMD, CONF.replace("ring0_addr: 10.0.1.15", "ring0_addr: -f\n    ring1_addr: pve05.lab")))
    assert odd.of(PVE05).addresses == ("pve05.lab",)


def test_the_votes_before_and_after_are_in_the_plan() -> None:
    made = planned(look())
    assert made.before == Votes(present=4, expected=5, needed=3, quorate=True, survives=1)
    assert made.after == Votes(present=4, expected=4, needed=3, quorate=True, survives=1)


@pytest.mark.parametrize("line", ["remove pve05", "remove pve05 --cleanup"])
def test_nothing_is_migrated_and_nothing_leaves_ha(line: str) -> None:
    """As notes have it: `qm migrate … pve01` for all, `ha-manager remove`, `rm -rf` right afterwards."""
    facts = look(cleanup=True) if "--cleanup" in line else look()
    sent = "\n".join(" ".join(step.argv) for step in planned(facts, line).steps)
    assert not re.search(r"\b(qm|pct) migrate|ha-manager remove|qdevice|pvecm expected", sent)
    assert "rm -rf" not in sent or sent.index("tar -df") < sent.index("rm -rf")


# The guard, run by a real shell on what a node's tools say


FILES = {"/etc/pve/corosync.conf": CONF}


def judge(tmp_path: Path, changed: Mapping[str, tuple[str, int]], conf: str = CONF) -> tuple[int, str]:
    """Exit code and reason, where the node's tools say what was approved but for *changed*."""
    said = {
        "hostname": ("pve01\n", 0),
        "cat": (conf, 0),
        "corosync-quorumtool": (VIEW.stdout, 0),
        "find": ("/etc/pve/nodes/pve01/qemu-server/100.conf\n", 0),
        "ping": ("", 1),
        **changed,
    }
    for name, (text, code) in said.items():
        (tmp_path / f"{name}.txt").write_text(text)
        tool = tmp_path / name
        lines = f"while read -r line; do printf '%s\\n' \"$line\"; done <{tmp_path}/{name}.txt"
        tool.write_text(f"#!/bin/sh\n{lines}\nexit {code}\n")
        tool.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    guard = planned(look()).steps[0].guard
    ran = subprocess.run(["/bin/sh", "-c", guard], env=env, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr.strip()


def test_the_guard_lets_pass_what_was_approved(tmp_path: Path) -> None:
    assert judge(tmp_path, {}) == (0, "")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hostname": ("pve02\n", 0)}, "host name: pve02; approved: pve01"),
        ({"cat": (CONF.replace("pve-lab", "other"), 0)}, "cluster: other; approved: pve-lab"),
        ({"cat": (CONF.replace("config_version: 1", "config_version: 2"), 0)}, "version of corosync.conf: 2"),
        ({"cat": (CONF.replace("name: pve05", "name: pve06"), 0)}, "pve05 is not in corosync.conf"),
        ({"corosync-quorumtool": (VIEW.stdout.replace("votes:   5", "votes:   4"), 0)}, "votes expected: 4"),
        (
            {"corosync-quorumtool": (f"{VIEW.stdout}0x00000005          1 10.0.1.15\n", 0)},
            "ring: 0x00000001 0x00000002 0x00000003 0x00000004 0x00000005",
        ),
        ({"corosync-quorumtool": ("", 1)}, ""),
        ({"find": ("/etc/pve/nodes/pve05/lxc/7.conf\n", 0)}, "guests: /etc/pve/nodes/pve05/lxc/7.conf"),
        ({"find": ("", 1)}, ""),
        ({"ping": ("", 0)}, "10.0.1.15 answers"),
    ],
)
def test_the_guard_refuses_what_was_not_approved_and_says_why(
    tmp_path: Path, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, changed)
    assert code != 0
    assert said.startswith(why)


# Afterwards

WITHOUT = gone_node.WITHOUT.replace("config_version: 1", "config_version: 2")


def gone(more: Said | None = None) -> Facts:
    """As all members see it when all is well."""
    views = {
        (name, QUORUM): Output(view.node, 0, view.stdout.replace("Expected votes:   5", "Expected votes:   4"))
        for name, view in zip(ALIVE, answers("one-node-down", QUORUM), strict=True)
    }
    lists = everywhere(MEMBERS, members("pve01", gone_node.FOUR, quorate=True, online=ALIVE, version=2))
    return look({**views, **lists, **everywhere(CONF_CMD, WITHOUT), **(more or {})})


def told(after: Facts) -> Report:
    return outcome.report(ARGS, look(), after)


def test_a_node_that_nobody_lists_any_more_is_removed() -> None:
    found = told(gone())
    assert (found.level, found.headline.to("en")) == (
        Level.GOOD,
        "pve05 is removed: version 2 of corosync.conf everywhere, 4 votes of 4 expected, 3 needed",
    )
    assert found.tables[0].rows[0] == ("pve01", "2", "pve01, pve02, pve03, pve04", "4/4")
    assert [words.to("en") for words in found.next] == ["/pve-cluster remove pve05 --cleanup", "/pve-cluster status"]
    assert found.data["left"] == {
        "folder": ["lrm_status"],
        "keys": 1,
        "known_hosts": 1,
        "storages": [],
        "rules": [],
        "replication": [],
    }


def test_what_is_left_is_told_each_with_the_command_that_takes_it_away() -> None:
    found = {f.text.to("en"): f.fix.to("en") for f in told(gone()).findings if f.fix}
    assert found == {
        "/etc/pve/nodes/pve05 is still there, with 0 guests' files: lrm_status": "With --cleanup it is archived first. By hand, "
        "when no guest is left in it: rm -r /etc/pve/nodes/pve05",
        "/etc/pve/priv/authorized_keys still has the key of pve05 (lines: 1)": "By hand: sed -i '/ root@pve05$/d' "
        "/etc/pve/priv/authorized_keys",
        "/etc/pve/priv/known_hosts still has the key of pve05 (lines: 1)": "By hand: ssh-keygen -R pve05 -f "
        "/etc/pve/priv/known_hosts",
    }
    nothing = gone({("pve01", FOLDERS): "/etc/pve/nodes/pve01\n", ("pve01", KEYS): headed(KEYS, "", "")})
    assert [words.to("en") for words in told(nothing).next] == ["/pve-cluster status"]


@pytest.mark.parametrize(
    ("more", "level", "says"),
    [
        ({("pve03", CONF_CMD): CONF}, Level.BAD, "but pve03 cannot be seen to have taken it"),
        ({("pve03", CONF_CMD): same("timed out")}, Level.BAD, "but pve03 cannot be seen to have taken it"),
        (
            {("pve02", QUORUM): answers("one-node-down", QUORUM)[1]},
            Level.BAD,
            "but pve02 cannot be seen to have taken it",
        ),
        (everywhere(CONF_CMD, CONF), Level.BAD, "pve05 is still a node of the cluster"),
        ({(name, "*"): same("off") for name in ALIVE}, Level.UNKNOWN, "No node says how the cluster stands now"),
    ],
)
def test_what_is_not_so_everywhere_is_no_good_news(more: Said, level: Level, says: str) -> None:
    after = look({**more}) if level is Level.UNKNOWN else gone(more)
    found = told(after)
    assert found.level is level
    assert says in found.headline.to("en")
    assert bool(found.code) is says.startswith("but ")


# What is left when it broke


def headline(after: Facts) -> str:
    found = left(ARGS, look(), after, 0)
    assert found.next
    assert found.headline.to("en") != found.headline.to("fr")
    return found.headline.to("en")


def test_which_half_finished_state_it_is_is_told() -> None:
    lost = Output(PVE05, 2, VIEW.stdout.replace("Quorate:          Yes", "Quorate:          No"))
    read_only = everywhere(MEMBERS, members("pve01", IDS, quorate=False, online=ALIVE))
    lock = {("pve01", CHANGE): "/etc/pve/priv/lock/file-corosync_conf\n"}
    old = {(name, QUORUM): view for name, view in zip(ALIVE, answers("one-node-down", QUORUM), strict=True)}
    assert headline(look()).startswith("Nothing was changed: pve05 is still a node of the cluster for every member")
    assert headline(look(everywhere(QUORUM, lost))).startswith("Nothing was changed: the quorum was lost")
    assert headline(look(lock)).startswith("Nothing was changed: somebody else holds the lock of corosync.conf")
    assert headline(look(read_only)).startswith("Nothing was changed: /etc/pve could not be written")
    assert headline(gone({("pve03", CONF_CMD): CONF})).startswith("Half done: pve05 is out of corosync.conf")
    assert headline(look({("pve03", CONF_CMD): WITHOUT})).startswith("Half done: ")
    assert headline(gone(old)).startswith("Half done: pve05 is out of corosync.conf, but corosync on pve01, pve02")
    assert headline(gone()).startswith("pve05 is out of the cluster all the same")
    assert headline(look({(name, "*"): same("off") for name in ALIVE})).startswith("No node says how")


def test_a_file_that_was_not_reloaded_is_told_with_the_command_to_copy() -> None:
    old = {(name, QUORUM): view for name, view in zip(ALIVE, answers("one-node-down", QUORUM), strict=True)}
    found = left(ARGS, look(), gone(old), 0)
    assert [(code.title.to("en"), code.lines) for code in found.code] == [
        ("To reload it everywhere, on pve01", "corosync-cfgtool -R")
    ]


# Every argument


@given(st.lists(st.text(min_size=1, max_size=12), max_size=4).map(" ".join))
def test_whatever_is_typed_behind_remove_is_understood_or_refused_and_never_sent(words: str) -> None:
    try:
        command = parse(f"remove {words}", load_actions())
    except Refused:
        return
    if command.action.name == "remove":
        assert isinstance(command.args.node, NodeName)
        assert command.args.cleanup in {True, False}
