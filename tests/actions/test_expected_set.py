"""/pve-cluster expected N on what real nodes answered: what forbids it, and what its approvers are told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.action import Output
from bot.actions.expected.check import check
from bot.actions.expected.facts import Args
from bot.names import NodeName, Number
from bot.text import Text, same
from tests.actions.two_of_five import CONF, GONE, IDS, SILENT, VIEW, found, look, status
from tests.recorded import answers, members, stopped

GUESTS = "head -v -c 900000 /etc/pve/.vmlist /etc/pve/.rrd"


# Corosync's own rule


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (1, "corosync refuses 1: it is below the 2 votes that are present"),
        (4, "4 would change nothing: that needs 3 votes, and 2 are present"),
        (5, "5 would change nothing: that needs 3 votes, and 2 are present"),
    ],
)
def test_without_quorum_a_number_that_brings_none_is_refused_with_the_right_one(n: int, said: str) -> None:
    refusal = next(f for f in check(Args(Number(str(n))), look()) if f.blocks)
    assert refusal.text.to("en") == said
    assert refusal.fix is not None
    assert (refusal.fix.to("en"), refusal.fix.to("fr")) == (
        "To restore quorum: expected 2",
        "Pour rétablir le quorum : expected 2",
    )


@pytest.mark.parametrize("n", [2, 3])
def test_without_quorum_the_numbers_that_bring_it_back_are_not_refused(n: int) -> None:
    assert found(n, look()) == []


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (2, "corosync refuses 2: it is below the 3 votes that are present"),
        (3, "The expected votes are 3 already"),
        (4, "There is quorum with 3 of 3 votes; expecting 4 adds no vote, it only makes the next failure fatal"),
        (6, "corosync refuses 6: that needs 4 votes, 3 are present, and the quorum would be lost"),
    ],
)
def test_with_quorum_every_number_is_refused(n: int, said: str) -> None:
    assert found(n, look({}, situation="healthy-3", more=())) == [said]


def test_lowering_it_under_quorum_would_only_take_the_guard_away() -> None:
    facts = look({("pve05", "*"): same("timed out")}, situation="one-node-down", more=("pve05",))
    assert found(4, facts) == [
        "There is quorum with 4 of 5 votes: lowering it to 4 only removes what guards against a split"
    ]


# Where too little is known


def test_a_host_in_no_cluster_has_no_votes() -> None:
    assert found(1, look({}, situation="standalone", more=())) == ["Not in a cluster: there are no votes"]


def test_no_view_of_the_votes_is_a_refusal() -> None:
    assert found(1, look({**SILENT, **stopped("pve01", "pve02")})) == [
        "No node could say how the votes stand: start corosync on one"
    ]


def test_without_the_list_of_nodes_nobody_can_say_who_is_missing() -> None:
    away = Output(NodeName("pve01"), 1, "", "cat: /etc/pve/corosync.conf: No such file or directory")
    said = {**SILENT, **{(node, "cat /etc/pve/corosync.conf"): away for node in ("pve01", "pve02")}}
    assert found(2, look(said))[0] == (
        "pve01 has no readable /etc/pve/corosync.conf, so nobody can say which nodes are missing"
    )


def test_a_missing_node_that_the_bot_does_not_know_could_not_be_tried() -> None:
    assert found(2, look(SILENT, more=("pve03", "pve04"))) == [
        "pve05 is missing, and the bot was not told of it: it could not try whether it lives"
    ]


def test_nodes_of_one_ring_may_expect_different_numbers_and_the_one_where_it_is_set_counts() -> None:
    seen = {node: view.expected for node, view in look().side.items()}
    assert seen == {"pve01": 5, "pve02": 4}, "as recorded"
    assert look().view.expected == 5


def test_nodes_of_one_side_that_see_different_rings_are_asked_again() -> None:
    other = replace(answers("no-quorum", "corosync-quorumtool -siH")[1])
    moved = replace(other, stdout=other.stdout.replace("Ring ID:          1.", "Ring ID:          1.9"))
    assert found(2, look({**SILENT, ("pve02", "corosync-quorumtool -siH"): moved})) == [
        "The nodes of this side do not see the same ring"
    ]


def test_a_newer_file_elsewhere_proves_that_there_was_quorum_without_this_side() -> None:
    version = next(line.split()[1] for line in CONF.splitlines() if "config_version" in line)
    newer = CONF.replace(f"config_version: {version}", "config_version: 99")
    said = {**SILENT, **stopped("pve03"), ("pve03", "*"): "", ("pve03", "cat /etc/pve/corosync.conf"): newer}
    assert found(2, look(said)) == [
        f"pve03 has version 99 of corosync.conf, this side only {version}: there was quorum without this side since"
    ]


def test_a_file_of_another_cluster_is_no_file_of_this_one() -> None:
    strange = CONF.replace("cluster_name: ", "cluster_name: other").replace("config_version: ", "config_version: 9")
    said = {**SILENT, **stopped("pve03"), ("pve03", "*"): "", ("pve03", "cat /etc/pve/corosync.conf"): strange}
    assert "pve01 belongs to the cluster" in found(2, look(said))[0]


# Who is alive


def test_a_node_in_another_partition_forbids_it_with_or_without_quorum_there() -> None:
    alone = VIEW.stdout.replace("0x00000001\n", "0x00000003\n").replace("Total votes:      2", "Total votes:      1")
    alone = "\n".join(line for line in alone.splitlines() if not line.startswith(("0x00000001", "0x00000002")))
    alone += "\n0x00000003          1 198.18.1.3 (local)\n"
    said = {**SILENT, ("pve03", "corosync-quorumtool -siH"): Output(NodeName("pve03"), 2, alone)}
    refusals = [f for f in check(Args(Number("2")), look(said)) if f.blocks]
    assert [f.text.to("fr") for f in refusals] == [
        "pve03 est vivant : son corosync tourne dans une autre partition. Deux côtés auraient le quorum en même temps"
    ]
    assert refusals[0].fix is not None
    assert refusals[0].fix.to("en") == "Repair the links instead: /pve-cluster links status"


def test_a_node_that_is_quorate_by_its_api_forbids_it() -> None:
    facts = look(api={"pve04": status(quorate=True, node="pve04")})
    assert found(2, facts) == ["pve04 is alive and has quorum, says its API on port 8006"]


def test_a_node_that_only_its_api_shows_is_not_off() -> None:
    facts = look(api={"pve04": status(quorate=False, node="pve04")})
    assert found(2, facts) == [
        "pve04 does not answer over SSH, but its API does: it is not off, and nothing can keep it from coming back meanwhile"
    ]


def test_a_node_whose_files_say_quorum_forbids_it() -> None:
    listed = members("pve05", IDS, quorate=True)
    said = {**SILENT, **stopped("pve05"), ("pve05", "cat /etc/pve/.members"): listed}
    assert found(2, look(said)) == ["pve05 is alive: its /etc/pve says that it has quorum"]


def test_a_node_that_is_up_and_does_not_say_what_its_corosync_does_forbids_it() -> None:
    said = {**SILENT, ("pve05", "cat /etc/pve/.members"): members("pve05", IDS, quorate=False)}
    assert found(2, look(said)) == [
        "pve05 is up, and does not say whether its corosync runs: it may have quorum on another side"
    ]


def test_a_node_with_corosync_stopped_is_told_with_its_guests() -> None:
    vmlist = {"version": 3, "ids": {"503": {"node": "pve05", "type": "qemu"}, "504": {"node": "pve05", "type": "lxc"}}}
    rrd = "pve-vm-9.0/503:9:a:running:0:1700000000:2\npve-vm-9.0/504:0:b:stopped:0:1700000000:2\n"
    guests = f"==> /etc/pve/.vmlist <==\n{json.dumps(vmlist)}\n\n==> /etc/pve/.rrd <==\n{rrd}"
    facts = look({**SILENT, **stopped("pve05"), ("pve05", GUESTS): guests})
    assert found(2, facts) == []
    told = found(2, facts, blocks=False)
    assert "pve05 is up with corosync stopped; 1 of its 2 guests run there" in told


NO_STATES = '==> /etc/pve/.vmlist <==\n{"ids": {"503": {"node": "pve05", "type": "qemu"}}}\n\n==> /etc/pve/.rrd <==\n'


@pytest.mark.parametrize("guests", [same("timed out"), NO_STATES], ids=["no answer", "no state"])
def test_the_guests_of_a_node_that_does_not_say_are_unknown_not_none(guests: str | Text) -> None:
    facts = look({**SILENT, **stopped("pve05"), ("pve05", GUESTS): guests})
    assert "pve05 is up with corosync stopped; how many of its guests run there is unknown" in found(
        2, facts, blocks=False
    )


# What the approvers must know


def test_every_silent_node_is_told_with_what_was_tried() -> None:
    assert found(2, look(), blocks=False)[:3] == [
        f"{node} does not answer. SSH: timed out. API: No API token is configured for this cluster" for node in GONE
    ]
    assert found(2, look(api={}), blocks=False)[0] == "pve03 does not answer. SSH: timed out. API: no route"


def test_the_danger_names_the_missing_and_says_that_the_number_climbs_again() -> None:
    told = found(2, look(), blocks=False)
    assert told[-2:] == [
        "If one of these still runs, guests start twice and destroy their disks: pve03, pve04, pve05",
        "The number is not kept: it climbs again as nodes come back, and a reload of corosync.conf recomputes it",
    ]


def test_the_watchdog_is_told_where_services_keep_it_armed() -> None:
    status_ = {"service_status": {"vm:1": {"node": "pve02", "state": "started"}}}
    said = {**SILENT, ("pve01", "cat /etc/pve/ha/manager_status"): json.dumps(status_)}
    assert any(
        "pve02 reset themselves 60 s after the quorum is lost" in one for one in found(2, look(said), blocks=False)
    )


def test_a_qdevice_that_gives_no_vote_here_may_vote_there() -> None:
    facts = look({("pve02", "*"): same("off")}, situation="two-node-qdevice-node-and-qnetd-down", more=("pve02",))
    assert any("The QDevice on 198.18.0.250 gives no vote here" in one for one in found(1, facts, blocks=False))


@pytest.mark.parametrize("situation", ["no-quorum", "healthy-3", "standalone", "two-node-qdevice-node-and-qnetd-down"])
def test_every_finding_is_said_in_both_languages(situation: str) -> None:
    for one in check(Args(Number("2")), look(situation=situation)):
        assert one.text.to("en") != one.text.to("fr")


def test_of_a_number_that_corosync_refuses_no_consequence_is_told() -> None:
    texts = [one.text.to("en") for one in check(Args(Number("1")), look())]
    assert any("corosync refuses 1" in text for text in texts)
    assert not any("guests start twice" in text or "is not kept" in text for text in texts)
