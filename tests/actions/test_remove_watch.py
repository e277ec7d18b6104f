"""/pve-cluster remove NODE: when it is told that the node came back."""

from __future__ import annotations

from dataclasses import replace

from bot.action import EachNode, Json, Level
from bot.actions.remove import change, outcome
from bot.actions.remove.facts import Args
from bot.cluster.paths import Door, Paths, Port
from bot.names import NodeName
from tests.actions.dead_node import ALIVE, IDS, KEYS, MEMBERS, PVE05, Said, headed, look
from tests.actions.gone_node import gone
from tests.recorded import members

ARGS = Args(PVE05)


def test_a_removed_node_that_answers_is_told_unless_it_joined_again_or_stands_alone() -> None:
    lives: Said = {("pve05", MEMBERS): members("pve05", IDS, quorate=False, online=("pve05",))}
    alone: Said = {("pve05", MEMBERS): '{"nodename": "pve05", "version": 0}'}
    assert outcome.watch(ARGS, gone()) is None
    found = outcome.watch(ARGS, gone(lives))
    assert found is not None
    assert (found.level, found.headline.to("en")) == (Level.BAD, "pve05 was removed, and answers again")
    assert outcome.watch(ARGS, gone(alone)) is None
    assert outcome.watch(ARGS, look(lives)) is None, "it is a member again"
    elsewhere = members("pve05", IDS, quorate=True, online=("pve05",)).replace("pve-lab", "other")
    assert outcome.watch(ARGS, gone({("pve05", MEMBERS): elsewhere})) is None
    assert outcome.watch(Args(PVE05, cleanup=True), gone(lives)) is None


def test_its_old_addresses_are_tried_also_where_nobody_lists_them_any_more() -> None:
    """A host that is up and lets nobody log in is heard so alone."""
    approved: dict[str, Json] = {"addresses": ["10.0.1.15", "10.1.0.15", "10.0.1.14"]}
    asked = change.watch_further(ARGS, gone({("pve01", KEYS): headed(KEYS, "", "")}), approved)["paths"]
    assert sorted(asked) == list(ALIVE)
    first = NodeName(ALIVE[0])
    assert {asked[first][at] for at in range(5, len(asked[first]), 3)} == {"10.0.1.15", "10.1.0.15"}
    refused = {Port("10.1.0.15", 22): Door.REFUSED}
    heard = replace(gone(), paths=EachNode({first: Paths(ports=refused)}, {}))
    assert outcome.watch(ARGS, heard) is not None
    another_has_it = {Port("10.0.1.14", 22): Door.OPEN}
    assert outcome.watch(ARGS, replace(gone(), paths=EachNode({first: Paths(ports=another_has_it)}, {}))) is None
