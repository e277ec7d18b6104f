"""corosync set: everything that forbids it, what people are told, and what is said of how it ended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.action import EachNode, Level
from bot.actions.corosync import refusals_set, told_set
from bot.actions.corosync.check_set import check
from bot.actions.corosync.setting import Args, plan, rests_on
from bot.cluster import rewrite_refusals
from bot.cluster.candidate import Candidate
from bot.cluster.cmap import LoadedTotem
from bot.cluster.conf_change import ConfChange
from bot.cluster.conf_edit import KeyValue, edited
from bot.cluster.conf_files import SharedConf
from bot.cluster.conf_rewrite import Facts
from bot.cluster.corosync_document import parse
from bot.cluster.corosync_package import CorosyncPackage
from bot.demo.cluster.situation import Power
from bot.names import NodeName
from bot.text import Refused, Text, same
from tests.actions.live_cluster import THREE, Live, look

LINE = "corosync set totem.token=5000"
PVE02, PVE03 = NodeName("pve02"), NodeName("pve03")
TOKEN = Args((KeyValue("totem.token=5000"),))


def facts(line: str = LINE, **other: Any) -> Facts:
    found: Facts = look(line)
    return replace(found, **other)


def on(node: NodeName, answer: object, others: EachNode[Any]) -> EachNode[Any]:
    return EachNode({**others.by_node, node: answer}, {})


def refused(seen: Facts, *words: str) -> list[str]:
    found = check(Args(tuple(map(KeyValue, words))) if words else TOKEN, seen)
    return [finding.text.en for finding in found if finding.blocks]


def constants(module: ModuleType) -> dict[str, Text]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Text)}


def gone() -> Facts:
    nodes = Live()
    nodes.cluster.power("pve03", Power.OFF)
    found: Facts = look(LINE, nodes)
    return found


def without_quorum() -> Facts:
    nodes = Live()
    nodes.cluster.power("pve02", Power.OFF)
    nodes.cluster.power("pve03", Power.OFF)
    found: Facts = look(LINE, nodes)
    return found


def unlisted() -> Facts:
    nodes = Live(names=tuple(map(NodeName, THREE.nodes[:2])))
    found: Facts = look(LINE, nodes)
    return found


NOW = facts()
OTHER_FILE = SharedConf(NOW.text.replace("link_mode: passive", "link_mode: active"))
CASES: dict[str, list[str]] = {
    "NO_CLUSTER": refused(facts(shared=EachNode({}, {}))),
    "SILENT": refused(
        facts(quorum=EachNode({n: q for n, q in NOW.quorum.by_node.items() if n != PVE03}, {PVE03: same("no")}))
    ),
    "NOT_CONFIGURED": refused(unlisted()),
    "NOT_ALL_THERE": refused(gone()),
    "NO_QUORUM": refused(without_quorum()),
    "COPIES_DIFFER": refused(facts(shared=on(PVE03, OTHER_FILE, NOW.shared))),
    "OTHER_LOADED": refused(facts(loaded=on(PVE02, LoadedTotem(2), NOW.loaded))),
    "CHANGING": refused(facts(change=on(PVE02, ConfChange(prepared=False, locked=True), NOW.change))),
    "MIXED_COROSYNC": refused(facts(corosync=on(PVE02, CorosyncPackage("3.1.7", (3, 1, 7, 0)), NOW.corosync))),
    "FLAWED": refused(NOW, "totem.token=20"),
    "REJECTED": refused(facts(candidate=on(PVE02, Candidate("it is broken"), NOW.candidate))),
    "NOT_TRIED": refused(facts(candidate=EachNode({}, {PVE02: same("no route")}))),
    "NOTHING_CHANGES": refused(NOW, "totem.link_mode=passive"),
    "NO_SECTION": refused(NOW, "nowhere.token=5"),
    "NO_VERSION": refused(facts(shared=EachNode({PVE02: SharedConf("totem {\n  token: 1\n}\n")}, {}))),
    "FOR_GOOD": refused(NOW, "totem.transport=udpu"),
    "NOT_HERE": refused(NOW, "quorum.provider=x"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_refusal_has_a_situation_in_which_it_forbids_it(name: str) -> None:
    assert constants(refusals_set)[name].en in CASES[name]


def test_no_refusal_is_without_a_situation() -> None:
    assert CASES.keys() == constants(refusals_set).keys()
    assert constants(rewrite_refusals).keys() <= CASES.keys()


def test_nothing_forbids_it_where_all_is_well_and_what_changes_is_said() -> None:
    found = check(TOKEN, NOW)
    assert [finding for finding in found if finding.blocks] == []
    told = "\n".join(finding.text.to("en") for finding in found)
    assert "+  token: 5000" in told
    assert "-  config_version: 3\n+  config_version: 4" in told
    assert "token 3125 → 5125 ms, consensus 3750 → 6150 ms" in told
    assert "timers of the links go on by the old token" in told


def test_what_holds_only_from_a_start_on_is_said() -> None:
    told = [finding.text.to("en") for finding in check(Args((KeyValue("totem.netmtu=1400"),)), NOW)]
    assert any("holds only when corosync is started anew" in text for text in told)


def test_one_step_carries_the_whole_file_and_rests_on_its_digest() -> None:
    (step,) = plan(TOKEN, NOW)
    assert step.argv[4] == edited(NOW.text, TOKEN.setting)
    assert step.argv[7:9] == ("4", "3")
    assert parse(step.argv[5]).last("totem", "config_version").value == "5"  # type: ignore[union-attr]  # it has one
    assert rests_on(TOKEN, NOW)["config_version"] == 3


def after(line: str = LINE, *, nodes: Live | None = None) -> Facts:
    """As it is when the step has run."""
    live = nodes or Live()
    (step,) = plan(TOKEN, look(LINE, live))
    live.cluster._do(step.on, live.cluster._units[step.on].act(step.argv, "").stages[0])
    found: Facts = look(line, live)
    return found


def test_the_report_is_good_when_every_node_runs_the_new_version() -> None:
    report = told_set.report(TOKEN, NOW, after())
    assert report.level is Level.GOOD
    assert report.data["loaded"] == {"pve01": 4, "pve02": 4, "pve03": 4}


def test_a_file_that_is_not_the_wanted_one_or_not_in_force_is_not_good() -> None:
    done = after()
    late = replace(done, loaded=on(PVE02, LoadedTotem(3), done.loaded))
    assert told_set.report(TOKEN, NOW, late).level is Level.WARNING
    assert told_set.report(TOKEN, NOW, NOW).level is Level.BAD
    assert told_set.report(TOKEN, NOW, without_quorum()).level is Level.BAD
    assert told_set.report(TOKEN, NOW, facts(quorum=EachNode({}, {}))).level is Level.UNKNOWN


def test_what_is_left_says_which_file_is_in_its_place() -> None:
    went_back = facts(
        shared=EachNode({n: SharedConf(NOW.text.replace(": 3\n", ": 5\n")) for n in NOW.shared.by_node}, {})
    )
    said = [told_set.left(TOKEN, NOW, seen, 0).headline.en for seen in (NOW, went_back, after())]
    assert said == [told_set.UNCHANGED.en, told_set.WENT_BACK.en, told_set.IN_PLACE.en]
    assert told_set.left(TOKEN, NOW, facts(shared=EachNode({}, {})), 0).level is Level.UNKNOWN


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_word_is_refused_or_arrives_as_it_was_typed(word: str) -> None:
    with suppress(Refused):
        setting = KeyValue(f"totem.{word}")
        found = parse(edited(NOW.text, (setting,))).last(*setting.path)
        assert found is not None
        assert found.value == setting.value
