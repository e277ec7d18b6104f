"""/pve-cluster links on what real nodes answered."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.action import EachNode, Level, NoArgs, Output, Report
from bot.actions.links import report
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.corosync_log import CorosyncLog, LogLine
from bot.cluster.link_ends import Facts
from bot.cluster.link_stats import LinkStat, LinkStats
from bot.names import NodeName
from bot.text import Text, same

RUNNING = json.loads((Path(__file__).parents[1] / "data/corosync/running-3.1.7.json").read_text(encoding="utf-8"))
STATS, CONF = "corosync-cmapctl -m stats stats.knet", "cat /etc/pve/corosync.conf"
A, B, C = NodeName("pve01"), NodeName("pve02"), NodeName("pve03")


def recorded(situation: str) -> Facts:
    outputs = {
        command: {
            NodeName(r["node"]): Output(NodeName(r["node"]), r["exit"], r["stdout"], r["stderr"])
            for r in RUNNING[situation]
            if r["command"] == command
        }
        for command in (STATS, CONF)
    }
    return Facts(
        EachNode({node: CorosyncConf.parse(output) for node, output in outputs[CONF].items() if not output.exit}, {}),
        EachNode({node: LinkStats.parse(output) for node, output in outputs[STATS].items()}, {}),
        EachNode({node: CorosyncLog(()) for node in outputs[STATS]}, {}),
    )


def seen(facts: Facts) -> Report:
    found = report(NoArgs(), facts, facts)
    texts = [found.headline, *(f.text for f in found.findings), *(f.fix for f in found.findings if f.fix)]
    texts += [cell for table in found.tables for row in table.rows for cell in row if isinstance(cell, Text)]
    assert all(text.to("en") and text.to("fr") for text in texts)
    assert json.loads(json.dumps(found.data)) == found.data
    return found


def told(found: Report) -> str:
    return "\n".join(finding.text.to("en") for finding in found.findings)


def with_link(facts: Facts, on: NodeName, at: tuple[int, int], **changed: int | bool) -> Facts:
    stats = facts.stats.by_node[on]
    assert stats.links is not None
    other: LinkStat = replace(stats.links[at], **changed)  # type: ignore[arg-type] # int and bool fields by name
    return replace(
        facts, stats=EachNode({**facts.stats.by_node, on: LinkStats({**stats.links, at: other})}, facts.stats.silent)
    )


@pytest.mark.parametrize("situation", RUNNING)
def test_every_recorded_situation_gets_an_answer(situation: str) -> None:
    found = seen(recorded(situation))
    assert found.headline.to("en") != found.headline.to("fr")


def test_two_healthy_links_are_good_news() -> None:
    found = seen(recorded("dual-link-healthy"))
    assert (found.level, found.findings) == (Level.GOOD, ())
    assert len(found.tables[0].rows) == 6
    assert all(str(pair["connected"]) == "True" for pair in json.loads(json.dumps(found.data))["pairs"])


def test_a_link_that_is_down_while_another_carries_the_traffic_is_a_warning() -> None:
    found = seen(recorded("dual-link-one-link-down"))
    assert found.level is Level.WARNING
    assert "Link 0 between pve01 and pve02 is down; another link carries the traffic" in told(found)


def test_two_nodes_without_any_link_are_bad_news() -> None:
    facts = recorded("dual-link-both-links-down")
    for link in (0, 1):
        facts = with_link(with_link(facts, B, (3, link), connected=True), C, (2, link), connected=True)
    found = seen(facts)
    assert found.level is Level.BAD
    assert "no other link connects the two" in told(found)


def test_a_node_without_any_link_is_one_finding() -> None:
    found = seen(recorded("dual-link-both-links-down"))
    assert (found.level, told(found)) == (Level.BAD, "No link connects pve02 to any other node")


def without(facts: Facts, *nodes: NodeName) -> Facts:
    """Nodes that are off: they do not answer, and the others see each of their links down."""
    stats = dict(facts.stats.by_node)
    for node, stat in stats.items():
        assert stat.links is not None
        ids = {int(gone[-1]) for gone in nodes}
        down = {at: replace(one, connected=False) if at[0] in ids else one for at, one in stat.links.items()}
        stats[node] = LinkStats(down)
    silent = dict.fromkeys(nodes, same("timed out"))
    return Facts(*(_silenced(each, silent) for each in (facts.conf, EachNode(stats, {}), facts.log)))  # type: ignore[arg-type] # each in its place


def _silenced(each: EachNode[object], silent: dict[NodeName, Text]) -> EachNode[object]:
    return EachNode({node: said for node, said in each.by_node.items() if node not in silent}, silent)


def test_a_node_that_is_off_is_one_finding_with_the_reason() -> None:
    found = seen(without(recorded("dual-link-healthy"), C))
    assert (found.level, told(found)) == (Level.BAD, "No link reaches pve03, and it does not answer: timed out")


def test_all_nodes_off_but_one_are_a_finding_each() -> None:
    found = told(seen(without(recorded("dual-link-healthy"), B, C))).splitlines()
    assert [line.split(",")[0] for line in found] == ["No link reaches pve02", "No link reaches pve03"]


def test_a_silent_node_that_the_others_reach_is_not_called_off() -> None:
    facts = recorded("dual-link-healthy")
    silent = {C: same("timed out")}
    found = seen(Facts(*(_silenced(each, silent) for each in (facts.conf, facts.stats, facts.log))))  # type: ignore[arg-type] # each in its place
    assert (found.level, told(found)) == (Level.WARNING, "pve03: no answer. timed out")


def test_if_nobody_reaches_anybody_no_node_is_singled_out() -> None:
    facts = recorded("dual-link-both-links-down")
    for link in (0, 1):
        facts = with_link(with_link(facts, A, (3, link), connected=False), C, (1, link), connected=False)
    assert told(seen(facts)).count("no other link connects the two") == 6


def test_a_single_link_is_remarked() -> None:
    found = seen(recorded("healthy-3"))
    assert (found.level, told(found).split(":")[0]) == (Level.NOTE, "There is one link only")


def test_a_link_that_only_one_end_sees_is_bad_news() -> None:
    found = seen(with_link(recorded("dual-link-healthy"), A, (2, 1), connected=False))
    assert (found.level, "is up for one side only" in told(found)) == (Level.BAD, True)


@pytest.mark.parametrize(
    ("latency_us", "level"), [(4999, Level.GOOD), (5000, Level.WARNING), (9999, Level.WARNING), (10_000, Level.BAD)]
)
def test_five_milliseconds_are_the_limit(latency_us: int, level: Level) -> None:
    assert seen(with_link(recorded("dual-link-healthy"), A, (2, 1), latency_us=latency_us)).level is level


def test_a_small_mtu_stands_out_from_its_siblings() -> None:
    found = seen(with_link(recorded("dual-link-healthy"), A, (2, 1), mtu=469))
    assert "Link 1 between pve01 and pve02 carries only 469 bytes where the others carry 1397" in told(found)


def test_a_dead_link_has_no_latency_any_more() -> None:
    found = seen(recorded("dual-link-one-link-down"))
    shown = {row[2].to("en"): row[4] for row in found.tables[0].rows if isinstance(row[2], Text)}
    assert shown["disconnected"] == "–"
    assert shown["connected"] != "–"
    pairs = json.loads(json.dumps(found.data))["pairs"]
    assert all((pair["latency_us"] is None) is not pair["connected"] for pair in pairs)


def test_one_of_anything_is_no_plural() -> None:
    facts = with_link(with_link(recorded("dual-link-healthy"), A, (2, 1), connected=False), B, (1, 1), connected=False)
    assert seen(facts).headline.to("en") == "1 of 6 connections is down"
    assert "went down 1 time since" in told(seen(with_link(recorded("dual-link-healthy"), A, (2, 1), down_count=2)))
    assert seen(recorded("healthy-3")).headline.to("en") == "All connected: 3 connections over 1 link"


def test_the_first_down_of_every_link_is_no_flapping_and_more_are() -> None:
    assert told(seen(with_link(recorded("dual-link-healthy"), A, (2, 1), down_count=1))) == ""
    assert "went down 4 times" in told(seen(with_link(recorded("dual-link-healthy"), A, (2, 1), down_count=5)))


def test_when_a_link_turned_comes_from_the_log() -> None:
    lines = (LogLine(1_767_268_800_000_000, "[KNET  ] link: host: 2 link: 0 is down"),)
    facts = recorded("dual-link-one-link-down")
    found = seen(replace(facts, log=EachNode({**facts.log.by_node, A: CorosyncLog(lines)}, {})))
    assert found.tables[0].rows[0][3] == "2026-01-01 12:00:00"
    assert isinstance(found.tables[0].rows[1][3], Text)


def test_a_node_whose_corosync_is_stopped_is_named() -> None:
    facts = recorded("dual-link-healthy")
    stopped = replace(facts, stats=EachNode({**facts.stats.by_node, B: LinkStats(None)}, {}))
    assert "corosync does not run on pve02" in told(seen(stopped))


def test_a_stopped_corosync_is_one_finding_and_not_one_for_each_of_its_links() -> None:
    facts = recorded("dual-link-healthy")
    for link in (0, 1):
        facts = with_link(with_link(facts, A, (2, link), connected=False), C, (2, link), connected=False)
    stopped = replace(facts, stats=EachNode({**facts.stats.by_node, B: LinkStats(None)}, {}))
    assert told(seen(stopped)) == "corosync does not run on pve02"


def test_nobody_to_ask_is_unknown_and_not_down() -> None:
    facts = recorded("dual-link-healthy")
    silent = dict.fromkeys(facts.stats.by_node, same("timed out"))
    assert seen(replace(facts, stats=EachNode({}, silent))).level is Level.UNKNOWN
    assert seen(Facts(EachNode({}, silent), EachNode({}, silent), EachNode({}, silent))).level is Level.UNKNOWN
