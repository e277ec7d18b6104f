"""/pve-cluster remove NODE: what forbids it, and what its approvers are told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.actions import load_actions
from bot.actions.remove import refusals, refusals_cleanup
from bot.actions.remove.facts import Args
from bot.command_line import parse
from bot.names import NodeName
from bot.text import Refused, Text, same
from tests.actions.dead_node import (
    ALIVE,
    CEPH,
    CHANGE,
    CONF,
    CONF_CMD,
    FILES,
    GUESTS,
    HA,
    IDS,
    JOBS,
    MEMBERS,
    PVE05,
    QUORUM,
    RULES,
    STORAGES,
    Said,
    everywhere,
    expecting,
    findings,
    headed,
    listed,
    look,
    refused,
    three,
    told,
    votes,
    without_quorum,
)
from tests.actions.two_of_five import status
from tests.recorded import answers, members, stopped


def test_a_node_that_is_off_and_has_nothing_may_be_removed() -> None:
    assert refused(look()) == []


SERVICE = json.dumps({"service_status": {"vm:1": {"node": "pve05", "state": "stopped"}}})


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (without_quorum(), "There is no quorum (3 of 4 votes): /etc/pve cannot be written"),
        (
            everywhere(MEMBERS, members("pve01", IDS, quorate=False, online=ALIVE)),
            "/etc/pve is still read-only on pve01, although corosync has quorum there",
        ),
        (expecting(1), "Without pve05 there would be no quorum: 3 of 4 votes needed, 1 present"),
        (
            {("pve03", MEMBERS): members("pve03", IDS, quorate=True, online=(*ALIVE, "pve05"))},
            "pve05 is online, say pve03: its corosync would be killed, and with HA it resets itself",
        ),
        ({("pve05", STORAGES): ""}, "pve05 answers the bot over SSH: it is not off"),
        (stopped("pve05"), "pve05 answers the bot over SSH: it is not off"),
        (
            {("pve03", QUORUM): same("timed out")},
            "pve03 is in the ring and does not tell the bot how it sees pve05: timed out",
        ),
        (
            {("pve02", CONF_CMD): same("timed out")},
            "pve02 is in the ring and does not tell the bot how it sees pve05: timed out",
        ),
        (
            {("pve03", CONF_CMD): CONF.replace("cluster_name: pve-lab", "cluster_name: other")},
            "The members do not agree on the name of the cluster: pve01, pve02, pve04: pve-lab · pve03: other",
        ),
        (
            {("pve04", CONF_CMD): CONF.replace("config_version: 1", "config_version: 2")},
            "The members do not agree on the version of corosync.conf: pve01, pve02, pve03: 1 · pve04: 2",
        ),
        (
            {("pve04", QUORUM): votes(answers("one-node-down", QUORUM)[3], Expected_votes="6")},
            "The members do not agree on the expected votes: pve01, pve02, pve03: 5 · pve04: 6",
        ),
        (
            {("pve01", CHANGE): "/etc/pve/priv/lock/file-corosync_conf\n"},
            "Somebody else is changing corosync.conf: /etc/pve/priv/lock/file-corosync_conf is there",
        ),
        (
            {("pve01", CHANGE): "/etc/pve/corosync.conf.new\n"},
            "Somebody else is changing corosync.conf: /etc/pve/corosync.conf.new is there",
        ),
        (
            {("pve02", FILES): "/etc/pve/nodes/pve05/lxc/7.conf\n/etc/pve/nodes/pve05/qemu-server/8.conf\n"},
            "pve05 has guests: 7, 8",
        ),
        ({("pve01", GUESTS): listed(**{"9": "pve05", "10": "pve05"})}, "pve05 has guests: 2 by the list"),
        ({("pve02", HA): SERVICE}, "HA has services on pve05: vm:1"),
        (
            {("pve01", RULES): headed(RULES, "node-affinity: own\n\tnodes pve05:1\n", "")},
            "pve05 is the only node of the HA rule own: its guests would have nowhere to run",
        ),
        ({("pve01", JOBS): "local: 100-0\n\ttarget pve05\n"}, "Replication still goes to or from pve05: 100-0"),
        (
            {("pve01", JOBS): "local: 999-1\n\ttarget pve02\n\tsource pve05\n"},
            "Replication still goes to or from pve05: 999-1",
        ),
        (
            {("pve02", CEPH): '{"mon":{"pve05":["pve05"]},"osd":{"pve05":[3]},"mds":{},"mgr":{}}'},
            "Ceph has daemons on pve05: mon.pve05, osd.3",
        ),
        *(
            ({("pve01", command): same("timed out")}, f"pve01 does not say {what}: timed out")
            for command, what in (
                (FILES, "which guests are where"),
                (HA, "where HA's services are"),
                (RULES, "what HA's rules name"),
                (JOBS, "what is replicated"),
                (CEPH, "where Ceph's daemons are"),
                (CHANGE, "whether corosync.conf is being changed"),
            )
        ),
    ],
)
def test_what_forbids_it(more: Said, why: str) -> None:
    assert refused(look(more)) == [why]


def test_a_job_of_a_guest_that_moved_away_from_the_node_comes_from_where_the_guest_is_now() -> None:
    assert refused(look({("pve01", JOBS): "local: 100-0\n\ttarget pve02\n\tsource pve05\n"})) == []


@pytest.mark.parametrize(
    ("line", "ways"),
    [
        ("ping 10.0.1.15 56 0|3 packets transmitted, 1 received, 66% packet loss", "ping"),
        ("tcp 10.0.1.15 22 0|", "TCP 22 open"),
        ("tcp 10.0.1.15 8006 1|bash: connect: Connection refused", "TCP 8006 refused"),
    ],
)
def test_anything_that_answers_a_member_at_its_addresses_forbids_it(line: str, ways: str) -> None:
    assert refused(look(signs={"pve03": f"{line}\n"})) == [
        f"Something answers at an address of pve05: 10.0.1.15 ({ways}), tried from pve03"
    ]


def test_a_member_that_could_not_try_forbids_it() -> None:
    assert refused(look(signs={"pve02": same("timed out")})) == [
        "pve02 does not say whether pve05 answers it: timed out"
    ]
    no_ping = "ping 10.0.1.15 56 127|bash: ping: command not found\n"
    facts = look(signs={"pve02": no_ping})
    echoes = {
        ping: echo
        for ping, echo in facts.paths.by_node[NodeName("pve02")].echoes.items()
        if ping.address != "10.0.1.15"
    }
    without = replace(facts.paths.by_node[NodeName("pve02")], echoes=echoes)
    paths = replace(facts.paths, by_node={**facts.paths.by_node, NodeName("pve02"): without})
    assert refused(replace(facts, paths=paths)) == [
        "pve02 does not say whether pve05 answers it: there is no ping there"
    ]


def test_an_api_that_answers_forbids_it() -> None:
    facts = look(api={"pve05": status(quorate=False, node="pve05")})
    assert refused(facts) == ["pve05 answers the bot on port 8006: it is not off"]


def test_a_node_in_the_ring_is_online_and_alive_in_every_way_at_once() -> None:
    assert refused(look(node="pve04"), "pve04") == [
        "pve04 is online, say pve01, pve02, pve03: its corosync would be killed, and with HA it resets itself",
        "pve04 answers the bot over SSH: it is not off",
    ]


def test_another_node_that_is_up_outside_the_ring_forbids_it_and_one_that_is_off_is_a_warning() -> None:
    up = {**stopped("pve04"), **three("pve04")}
    assert "pve04 is up, but not in the ring: it would keep a corosync.conf that lists pve05" in refused(look(up))
    facts = look({**three("pve04"), ("pve04", "*"): same("off")})
    assert refused(facts) == []
    assert any(text.startswith("pve04 is off too: when it comes back") for text in told(facts))


def test_where_no_other_node_has_a_view_nobody_can_remove_it() -> None:
    assert refused(look({(node, "*"): same("off") for node in ALIVE})) == [
        "No node other than pve05 says how the votes stand: nobody can remove it"
    ]


def test_a_node_that_there_is_not_is_named_and_the_way_to_clean_up_after_it() -> None:
    (found,) = findings(look(node="pve09"), "pve09")
    assert found.text.to("en") == "The cluster pve-lab has no node “pve09”: it has pve01, pve02, pve03, pve04, pve05"
    assert found.fix is not None
    assert "remove pve09 --cleanup" in found.fix.to("fr")


def test_a_node_that_the_bot_was_never_told_of_cannot_be_tried() -> None:
    facts = look()
    quorum = replace(facts.quorum, silent={})
    assert refused(replace(facts, quorum=quorum)) == [
        "The bot was never told of pve05, so it cannot try whether it is off"
    ]


def test_everything_that_forbids_it_is_said_at_once() -> None:
    more = {("pve02", HA): SERVICE, ("pve01", JOBS): "local: 100-0\n\ttarget pve05\n", **stopped("pve05")}
    assert len(refused(look(more))) == 3


@pytest.mark.parametrize("more", [{}, stopped("pve05"), without_quorum(), {("pve01", HA): same("timed out")}])
def test_every_finding_is_said_in_both_languages(more: Said) -> None:
    for found in findings(look(more)):
        assert found.text.to("en") != found.text.to("fr")
        assert found.fix is None or found.fix.to("en") != found.fix.to("fr")


@pytest.mark.parametrize("module", [refusals, refusals_cleanup])
def test_a_module_of_refusals_holds_nothing_else(module: object) -> None:
    own = {name: value for name, value in vars(module).items() if name.isupper()}
    assert own
    assert all(isinstance(value, Text) for value in own.values())


@pytest.mark.parametrize("line", ["remove", "remove pve05 pve04", "remove ../etc", "remove pve05;reboot", "remove -rf"])
def test_a_line_that_names_no_node_is_refused(line: str) -> None:
    with pytest.raises(Refused):
        parse(line, load_actions())


def test_delnode_is_what_people_type_too() -> None:
    command = parse("pvecm delnode pve05", load_actions())
    assert (command.action.name, command.args) == ("remove", Args(PVE05))
