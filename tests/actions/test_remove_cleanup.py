"""/pve-cluster remove NODE --cleanup: what forbids it, each of its steps, run by a real shell, and what it leaves alone."""

from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import propose
from bot.action import Finding, Level, Output, Report
from bot.actions import load_actions
from bot.actions.remove import outcome
from bot.actions.remove.check import check
from bot.actions.remove.facts import Facts
from bot.actions.remove.left import left
from bot.command_line import parse
from bot.names import ClusterName
from bot.policy import demand
from bot.text import same
from tests.actions.dead_node import (
    ALIVE,
    CEPH,
    CHANGE,
    CONF,
    CONF_CMD,
    FILES,
    FOLDERS,
    HA,
    IDS,
    JOBS,
    KEYS,
    MEMBERS,
    PVE05,
    QUORUM,
    RULES,
    STORAGES,
    Said,
    everywhere,
    headed,
    look,
)
from tests.actions.gone_node import ARGS, FOUR, LINES, gone, planned
from tests.recorded import answers, members


def found(facts: Facts) -> list[Finding]:
    return check(ARGS, facts)


def refused(facts: Facts) -> list[str]:
    return [each.text.to("en") for each in found(facts) if each.blocks]


def test_what_a_removed_node_left_may_be_cleaned_up() -> None:
    assert refused(gone()) == []


LOST = {
    **everywhere(
        QUORUM,
        Output(
            PVE05,
            2,
            answers("one-node-down", QUORUM)[0].stdout.replace("Quorate:          Yes", "Quorate:          No"),
        ),
    )
}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({("pve02", CONF_CMD): CONF}, "pve05 is still a node of the cluster, by corosync.conf on pve02"),
        (
            {("pve02", MEMBERS): members("pve02", IDS, quorate=True, online=ALIVE)},
            "pve05 is still a member of the cluster, by /etc/pve/.members on pve02",
        ),
        (
            {("pve05", MEMBERS): members("pve05", IDS, quorate=False)},
            "pve05 is up, and takes itself for a member of the cluster: it came back after its removal",
        ),
        (LOST, "There is no quorum (4 of 3 votes): /etc/pve cannot be written"),
        (
            everywhere(MEMBERS, members("pve01", FOUR, quorate=False, online=ALIVE)),
            "/etc/pve is still read-only on pve01, although corosync has quorum there",
        ),
        (
            {("pve03", CONF_CMD): same("timed out")},
            "pve03 is in the ring and does not tell the bot whether it still knows pve05: timed out",
        ),
        (
            {("pve01", CHANGE): "/etc/pve/corosync.conf.new\n"},
            "Somebody else is changing corosync.conf: /etc/pve/corosync.conf.new is there",
        ),
        (
            {("pve02", FILES): "/etc/pve/nodes/pve05/lxc/7.conf\n"},
            "/etc/pve/nodes/pve05 holds guests, and may be all that is left of them: 7",
        ),
        (
            {("pve01", HA): '{"service_status": {"vm:1": {"node": "pve05", "state": "error"}}}'},
            "HA has services on pve05: vm:1",
        ),
        *(
            ({("pve01", command): same("timed out")}, f"pve01 does not say {what}: timed out")
            for command, what in (
                (FILES, "which guests are where"),
                (HA, "where HA's services are"),
                (RULES, "what HA's rules name"),
                (JOBS, "what is replicated"),
                (CHANGE, "whether corosync.conf is being changed"),
                (STORAGES, "what the storages name"),
                (FOLDERS, "what lies in /etc/pve/nodes"),
                (KEYS, "which keys the cluster knows"),
            )
        ),
    ],
)
def test_what_forbids_it(more: Said, why: str) -> None:
    assert refused(gone(more)) == [why]


def test_a_ceph_that_does_not_answer_forbids_no_clean_up() -> None:
    assert refused(gone({("pve01", CEPH): same("timed out")})) == []


def test_a_node_that_stands_alone_again_forbids_nothing() -> None:
    assert refused(gone({("pve05", MEMBERS): '{"nodename": "pve05", "version": 0}'})) == []


def test_the_key_of_the_bot_itself_is_never_taken_out() -> None:
    own = Output(PVE05, 0, headed(KEYS, "ssh-ed25519 AAAAB root@pve05\n", ""), key="ssh-ed25519 AAAAB")
    assert refused(gone({("pve01", KEYS): own})) == [
        "The key with which the bot itself logs in is named root@pve05, as that of pve05 is"
    ]


NOTHING: Said = {
    ("pve01", STORAGES): "dir: own\n\tnodes pve05\n",
    ("pve01", RULES): headed(RULES, "node-affinity: own\n\tnodes pve05\n", ""),
    ("pve01", JOBS): "",
    ("pve01", KEYS): headed(KEYS, LINES[0], ""),
    ("pve01", FOLDERS): "/etc/pve/nodes/pve01\n",
}


def test_where_nothing_is_left_there_is_nothing_to_clean_up_and_what_is_not_touched_is_told() -> None:
    facts = gone(NOTHING)
    assert refused(facts) == ["There is nothing of pve05 to clean up"]
    assert [each.text.to("en") for each in found(facts) if not each.blocks] == [
        "The storage own is for pve05 alone",
        "The HA rule own is for pve05 alone: it is not touched",
    ]


def test_where_nobody_has_a_view_nobody_can_write() -> None:
    facts = gone({(name, "*"): same("off") for name in ALIVE} | {})
    assert refused(look({(name, "*"): same("off") for name in ALIVE}, cleanup=True)) == [
        "No node says how the votes stand: nobody can write /etc/pve"
    ]
    assert facts is not None


def test_every_finding_is_said_in_both_languages() -> None:
    for each in [*found(gone(NOTHING)), *found(gone(LOST)), *found(gone({("pve02", CONF_CMD): CONF}))]:
        assert each.text.to("en") != each.text.to("fr")
        assert each.fix is None or each.fix.to("en") != each.fix.to("fr")


# The plan


def test_each_thing_that_is_there_is_a_step_and_nothing_else_is() -> None:
    steps = planned(gone()).steps
    assert {step.on for step in steps} == {"pve01"}
    assert [step.argv if step.argv[0] != "sh" else step.argv[3:] for step in steps] == [
        ("archive", "pve05"),
        ("forget-logins", "pve05"),
        ("forget-hosts", "10.0.1.15", "pve05"),
        ("pvesm", "set", "nas", "--nodes", "pve01"),
        ("ha-manager", "rules", "set", "node-affinity", "near", "--nodes", "pve01:1"),
        ("ha-manager", "groupset", "old", "--nodes", "pve02"),
        ("pvesr", "delete", "100-0", "--force"),
    ]
    only_keys = {**NOTHING, ("pve01", KEYS): headed(KEYS, "\n".join(LINES), "")}
    assert [step.argv[3] for step in planned(gone(only_keys)).steps] == ["forget-logins"]


def test_it_takes_the_nodes_name_no_statement_and_costs_no_vote() -> None:
    made = planned(gone())
    assert (made.confirm, made.statement) == ("pve05", None)
    assert made.before == made.after
    assert "tar -C /etc/pve/nodes -xf /var/lib/pve-cluster-bot/nodes-pve05" in made.undo.to("fr")
    assert made.rests_on == {
        "cluster": "pve-lab",
        "config_version": 1,
        "node": "pve05",
        "folder": ["lrm_status"],
        "keys": 1,
        "known_hosts": 2,
        "storages": ["nas"],
        "rules": ["near", "old"],
        "replication": ["100-0"],
    }


# Afterwards, and half-way


def told(after: Facts) -> Report:
    return outcome.report(ARGS, gone(), after)


def test_nothing_left_is_good_news_and_something_left_is_not() -> None:
    assert (told(gone(NOTHING)).level, told(gone(NOTHING)).headline.to("en")) == (
        Level.GOOD,
        "Nothing is left of pve05",
    )
    more = told(gone())
    assert (more.level, more.headline.to("en")) == (Level.WARNING, "Something is still left of pve05")
    assert "The replication job 100-0 still goes to or from pve05" in [each.text.to("en") for each in more.findings]


def test_a_step_that_broke_is_told_with_what_is_left_and_how_to_go_on() -> None:
    report = left(ARGS, gone(), gone(), 3)
    assert report.headline.to("en").startswith("The clean-up stopped at step 4; this is still left of pve05")
    assert [words.to("en") for words in report.next] == ["/pve-cluster remove pve05 --cleanup"]
    assert len(report.findings) == 8
    assert left(ARGS, gone(), gone(NOTHING), 6).headline.to("en").endswith("nothing is left of pve05")


# Every word that a node can say, down to the words that are sent

NODE = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?", fullmatch=True).filter(
    lambda name: name not in IDS
)
ID = st.from_regex(r"[a-zA-Z][a-zA-Z0-9._-]{0,20}[a-zA-Z0-9]", fullmatch=True)
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:,_-]*|--nodes|--force")


@settings(max_examples=40, deadline=None)
@given(NODE, ID, ID, st.integers(100, 999_999_999), st.integers(0, 1000))
def test_a_plan_has_no_word_but_its_own_and_those_of_a_nodes_answer(
    node: str, storage: str, rule: str, guest: int, priority: int
) -> None:
    said: Said = {
        ("pve01", STORAGES): f"nfs: {storage}\n\tnodes pve01,{node}\n",
        ("pve01", RULES): headed(RULES, f"node-affinity: {rule}\n\tnodes {node},pve02:{priority}\n", ""),
        ("pve01", JOBS): f"local: {guest}-0\n\ttarget {node}\n",
        ("pve01", FOLDERS): f"/etc/pve/nodes/{node}\n",
        ("pve01", KEYS): headed(KEYS, f"ssh-rsa AAAA root@{node}\n", f"{node} ssh-rsa H\n"),
    }
    line = f"remove {node} --cleanup"
    command, name = parse(line, load_actions()), ClusterName("pve-lab")
    steps = propose.plan(command, name, line, gone(said), demand(command, name, ())).steps
    words = [word for step in steps for word in (step.argv[3:] if step.argv[0] == "sh" else step.argv)]
    assert all(SAFE.fullmatch(word) for word in words), words
    assert len(steps) == 6
    guards = "\n".join(step.guard for step in steps)
    assert subprocess.run(["/bin/sh", "-n"], input=guards, text=True, check=False).returncode == 0


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_whatever_stands_in_a_storage_is_taken_whole_or_forbids_it(word: str) -> None:
    facts = gone({("pve01", STORAGES): f"nfs: {word}\n\tnodes pve01,pve05\n"})
    if any(each.blocks for each in found(facts)):
        return
    steps = [step.argv for step in planned(facts).steps if step.argv[0] == "pvesm"]
    assert all(SAFE.fullmatch(part) for argv in steps for part in argv)
