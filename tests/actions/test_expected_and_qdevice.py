"""/pve-cluster expected and qdevice on what real nodes answered."""

import json

import pytest

from bot.action import Level, NoArgs, Report
from bot.actions import qdevice
from bot.actions.expected import show as expected
from bot.look import Look
from bot.text import same
from tests.recorded import SITUATIONS, RecordedNodes, stopped


def asked(action, nodes: RecordedNodes) -> Report:
    facts = Look(nodes).gather(action.Facts)
    seen: Report = action.report(NoArgs(), facts, facts)
    return seen


def told(seen: Report) -> str:
    return "\n".join(finding.text.to("en") for finding in seen.findings)


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("action", [expected, qdevice], ids=["expected", "qdevice"])
def test_every_recorded_situation_gets_an_answer_in_both_languages(situation: str, action) -> None:
    seen = asked(action, RecordedNodes(situation))
    assert seen.headline.to("en") != seen.headline.to("fr")
    assert json.loads(json.dumps(seen.data)) == seen.data


def test_with_quorum_nothing_is_proposed() -> None:
    seen = asked(expected, RecordedNodes("healthy-3"))
    assert seen.level is Level.GOOD
    assert seen.data["proposal"] is None


def test_without_quorum_the_votes_present_are_proposed_with_the_danger() -> None:
    others = ("pve03", "pve04", "pve05")
    seen = asked(expected, RecordedNodes("no-quorum", stopped(*others), others))
    assert (seen.data["proposal"], seen.level) == (2, Level.BAD)
    assert "starts guests twice" in told(seen)


def test_while_silent_nodes_may_have_quorum_the_votes_present_are_proposed_on_that_condition() -> None:
    others = ("pve03", "pve04", "pve05")
    seen = asked(expected, RecordedNodes("no-quorum", {(node, "*"): same("timed out") for node in others}, others))
    assert (seen.level, seen.data["proposal"], seen.data["quorate"]) == (Level.UNKNOWN, 2, None)
    assert seen.data["only_if_off"] == [*others]
    assert seen.headline.to("en") == (
        "No quorum on pve01, pve02. Whether there is quorum among pve03, pve04, pve05 is unknown. Only if they are all off, "
        "as a last resort: expected 2"
    )
    assert seen.headline.to("fr").endswith("Seulement s'ils sont tous éteints, en dernier recours : expected 2")


def test_a_qdevice_that_may_vote_for_a_silent_side_is_not_said_to_be_mute() -> None:
    silent = {("pve02", "*"): same("timed out")}
    seen = asked(qdevice, RecordedNodes("two-node-qdevice-node-and-qnetd-down", silent, ("pve02",)))
    assert seen.level is Level.UNKNOWN


def test_one_vote_is_no_plural() -> None:
    assert "gives 1 vote" in asked(qdevice, RecordedNodes("two-node-qdevice-healthy")).headline.to("en")
    said = {("pve02", "corosync-quorumtool -siH"): stopped("pve02")["pve02", "corosync-quorumtool -siH"]}
    alone = asked(expected, RecordedNodes("two-node-qdevice-node-and-qnetd-down", said, ("pve02",)))
    assert alone.headline.to("en").startswith("No quorum: 1 vote of 2 needed")


def test_the_table_says_what_corosync_would_answer() -> None:
    rows = asked(expected, RecordedNodes("healthy-3")).data["outcomes"]
    assert isinstance(rows, list)
    accepted = [row["n"] for row in rows if isinstance(row, dict) and row["accepted"]]
    assert accepted == [3, 4, 5]


def test_a_qdevice_that_works_is_good_news() -> None:
    seen = asked(qdevice, RecordedNodes("two-node-qdevice-healthy"))
    assert (seen.level, seen.data["votes"]) == (Level.GOOD, 1)


def test_an_unreachable_qnetd_is_named_by_node_and_state() -> None:
    seen = asked(qdevice, RecordedNodes("two-node-qdevice-qnetd-down"))
    assert "pve02 has no connection to qnetd on 198.18.0.250:5403 (Connect failed)" in told(seen)
    assert seen.level is Level.WARNING


def test_a_daemon_that_does_not_run_is_named() -> None:
    seen = asked(qdevice, RecordedNodes("two-node-qdevice-recovered"))
    assert "corosync-qdevice does not run on pve02" in told(seen)


@pytest.mark.parametrize(
    ("situation", "level", "said"),
    [("two-node-healthy-no-qdevice", Level.WARNING, "recommended"), ("healthy-3", Level.NOTE, "not advised")],
)
def test_advice_without_a_qdevice_depends_on_the_number_of_nodes(situation: str, level: Level, said: str) -> None:
    seen = asked(qdevice, RecordedNodes(situation))
    assert seen.level is level
    assert said in told(seen)
