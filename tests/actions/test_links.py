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
A, B = NodeName("pve01"), NodeName("pve02")


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
    found = seen(recorded("dual-link-both-links-down"))
    assert found.level is Level.BAD
    assert "no other link connects the two" in told(found)


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


def test_the_first_down_of_every_link_is_no_flapping_and_more_are() -> None:
    assert told(seen(with_link(recorded("dual-link-healthy"), A, (2, 1), down_count=1))) == ""
    assert "went down 4 times" in told(seen(with_link(recorded("dual-link-healthy"), A, (2, 1), down_count=5)))


def test_when_a_link_turned_comes_from_the_log() -> None:
    lines = (LogLine(1_767_268_800_000_000, "[KNET  ] link: host: 2 link: 0 is down"),)
    facts = recorded("dual-link-one-link-down")
    found = seen(replace(facts, log=EachNode({**facts.log.by_node, A: CorosyncLog(lines)}, {})))
    assert found.tables[0].rows[0][3] == "01-01 12:00:00"
    assert isinstance(found.tables[0].rows[1][3], Text)


def test_a_node_whose_corosync_is_stopped_is_named() -> None:
    facts = recorded("dual-link-healthy")
    stopped = replace(facts, stats=EachNode({**facts.stats.by_node, B: LinkStats(None)}, {}))
    assert "corosync does not run on pve02" in told(seen(stopped))


def test_nobody_to_ask_is_unknown_and_not_down() -> None:
    facts = recorded("dual-link-healthy")
    silent = dict.fromkeys(facts.stats.by_node, same("timed out"))
    assert seen(replace(facts, stats=EachNode({}, silent))).level is Level.UNKNOWN
    assert seen(Facts(EachNode({}, silent), EachNode({}, silent), EachNode({}, silent))).level is Level.UNKNOWN
