"""/pve-cluster status on what real nodes answered."""

import json

import pytest

from bot.action import Level, NoArgs, Report
from bot.actions.status import Facts, report
from bot.look import Look
from bot.text import Text
from tests.recorded import SITUATIONS, RecordedNodes, members, stopped


def asked(nodes: RecordedNodes) -> Report:
    facts = Look(nodes).gather(Facts)
    return report(NoArgs(), facts, facts)


def told(seen: Report) -> str:
    return "\n".join(finding.text.to("en") for finding in seen.findings)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_recorded_situation_gets_an_answer_in_both_languages(situation: str) -> None:
    seen = asked(RecordedNodes(situation))
    assert seen.headline.to("en") != seen.headline.to("fr")
    assert json.loads(json.dumps(seen.data)) == seen.data


def test_a_healthy_cluster_is_good_news_without_findings() -> None:
    seen = asked(RecordedNodes("healthy-5"))
    assert (seen.level, seen.findings) == (Level.GOOD, ())
    assert seen.headline.to("en") == "pve-lab has quorum: 5 of 5 votes. It survives 2 more failures"
    assert seen.data["survives"] == 2


def test_an_offline_node_is_in_the_table_and_a_warning() -> None:
    nodes = RecordedNodes(
        "one-node-down", {("pve05", "*"): Text(en="no route to host", fr="hôte injoignable")}, ("pve05",)
    )
    seen = asked(nodes)
    assert seen.level is Level.WARNING
    state = seen.tables[0].rows[4][2]
    assert isinstance(state, Text)
    assert (seen.tables[0].rows[4][0], state.to("en")) == ("pve05", "🟡 offline")
    assert "pve05 gave no answer: no route to host" in told(seen)
    assert told(seen).count("no route to host") == 1


def test_no_quorum_is_bad_news() -> None:
    others = ("pve03", "pve04", "pve05")
    seen = asked(RecordedNodes("no-quorum", stopped(*others), others))
    assert seen.level is Level.BAD
    assert seen.headline.to("en") == "pve-lab has no quorum: 2 of 5 votes, 3 needed"
    assert "/pve-cluster expected" in [text.to("en") for text in seen.next]


SILENT = Text(en="no route to host", fr="hôte injoignable")


def one_side_heard() -> RecordedNodes:
    """Three nodes say nothing, and the two that do have no quorum."""
    others = ("pve03", "pve04", "pve05")
    return RecordedNodes("no-quorum", {(node, "*"): SILENT for node in others}, others)


def test_what_one_side_without_quorum_sees_is_not_told_as_the_clusters_state() -> None:
    seen = asked(one_side_heard())
    assert seen.level is Level.UNKNOWN
    assert seen.headline.to("en") == (
        "Seen from pve01, pve02 alone, pve-lab has no quorum: 2 of 5 votes, 3 needed. "
        "Whether there is quorum among pve03, pve04, pve05 is unknown"
    )
    assert (seen.data["quorate"], seen.data["survives"]) == (None, None)


def test_a_node_that_nobody_could_speak_of_is_unknown_and_not_offline() -> None:
    seen = asked(one_side_heard())
    states = [row[2].to("en") for row in seen.tables[0].rows if isinstance(row[2], Text)]
    assert states == ["🟢 online", "🟢 online", "❔ unknown", "❔ unknown", "❔ unknown"]
    assert "is offline" not in told(seen)
    assert "Without quorum on pve01, pve02: there /etc/pve is read-only" in told(seen)


def test_nothing_is_said_to_come_from_other_nodes_where_none_could_say_it() -> None:
    fixes = [finding.fix.to("en") for finding in asked(one_side_heard()).findings if finding.fix]
    assert not [fix for fix in fixes if "the other nodes say" in fix]
    down = RecordedNodes("one-node-down", {("pve05", "*"): SILENT}, ("pve05",))
    assert [f for f in asked(down).findings if f.fix and "the other nodes say" in f.fix.to("en")]


def test_a_side_with_quorum_speaks_for_the_cluster_whoever_is_silent() -> None:
    down = RecordedNodes("one-node-down", {("pve05", "*"): SILENT}, ("pve05",))
    assert asked(down).data["quorate"] is True


def test_the_qdevices_state_is_told_in_words_and_by_node() -> None:
    pairs = {label.to("en"): value for label, value in asked(RecordedNodes("two-node-qdevice-qnetd-down")).pairs}
    said = pairs["QDevice as pve01, pve02 has it"]
    assert isinstance(said, Text)
    assert said.to("en").startswith("A,NV,NMW: its daemon is alive, it gives no vote")
    assert not [label for label, _ in asked(RecordedNodes("healthy-3")).pairs if "QDevice" in label.to("en")]


def test_a_qdevice_without_a_vote_is_shown_with_what_it_is_worth() -> None:
    seen = asked(RecordedNodes("two-node-qdevice-qnetd-down"))
    assert seen.tables[0].rows[-1][3] == "0 (1)"
    assert "The QDevice gives no vote" in told(seen)
    assert "One more failure ends the quorum" in told(seen)
    assert "A,NV,NMW" in json.dumps(seen.data["qdevice"])


def test_a_node_cut_off_is_another_partition_and_not_a_power_failure() -> None:
    seen = asked(RecordedNodes("dual-link-both-links-down"))
    assert "pve02 runs corosync in another partition" in told(seen)
    assert "pve02 is offline" not in told(seen)
    assert seen.level is Level.BAD


def test_a_stopped_corosync_is_told_from_a_missing_node() -> None:
    seen = asked(RecordedNodes("corosync-stopped"))
    assert "pve03 answers, but corosync does not run there" in told(seen)
    assert seen.level is Level.BAD


def test_a_host_in_no_cluster_says_so() -> None:
    seen = asked(RecordedNodes("standalone"))
    assert (seen.level, seen.data["clustered"]) == (Level.NOTE, False)
    assert seen.findings == ()


def test_nobody_answering_is_unknown_and_not_a_failure() -> None:
    silent = Text(en="timed out", fr="délai dépassé")
    seen = asked(RecordedNodes("healthy-3", {(f"pve0{i}", "*"): silent for i in (1, 2, 3)}))
    assert seen.level is Level.UNKNOWN
    assert told(seen).count("timed out") == 3
    assert not [finding for finding in seen.findings if finding.fix]


def test_garbage_from_one_node_does_not_hide_the_others() -> None:
    seen = asked(RecordedNodes("healthy-3", {("pve02", "corosync-quorumtool -siH"): "Quorate: Yes\n<html>\n"}))
    assert seen.data["quorate"] is True
    assert "line 2: '<html>'" in told(seen)
    assert "pve02 is in the ring, but gave the bot no answer" in told(seen)


def test_nodes_with_different_files_disagree_aloud() -> None:
    conf = next(r["stdout"] for r in SITUATIONS["healthy-3"] if "corosync.conf" in r["command"])
    newer = conf.replace("config_version: 1", "config_version: 2")
    seen = asked(RecordedNodes("healthy-3", {("pve01", "cat /etc/pve/corosync.conf"): newer}))
    assert "the version of corosync.conf: pve02, pve03: 1 · pve01: 2" in told(seen)
    assert seen.data["config_version"] == 2


def test_a_read_only_file_system_on_a_quorate_node_is_seen() -> None:
    stale = members("pve02", {"pve01": 1, "pve02": 2, "pve03": 3}, quorate=False)
    seen = asked(RecordedNodes("healthy-3", {("pve02", "cat /etc/pve/.members"): stale}))
    assert "/etc/pve is read-only on pve02" in told(seen)


def test_ha_is_armed_only_where_services_run() -> None:
    ha = json.dumps({"service_status": {"vm:100": {"node": "pve02", "state": "started"}}})
    seen = asked(RecordedNodes("healthy-3", {("pve01", "cat /etc/pve/ha/manager_status"): ha}))
    assert seen.data["ha_armed"] == ["pve02"]
    assert asked(RecordedNodes("healthy-3")).data["ha_armed"] == []
