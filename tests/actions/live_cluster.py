"""Three simulated members on two links, all well: what changes a live cluster is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot.action import Call, Output, Unreachable
from bot.actions import load_actions
from bot.command_line import parse
from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.cluster.situation import Layout, Situation
from bot.look import Look
from bot.names import NodeName
from bot.text import same

THREE = Layout("pve-lab", ("pve01", "pve02", "pve03"), has_qdevice=False, version=3)


@dataclass
class Live:
    """*silent*: nodes that do not answer the bot."""

    cluster: SimulatedCluster = field(default_factory=lambda: SimulatedCluster(Situation(THREE)))
    silent: frozenset[str] = frozenset()
    names: tuple[NodeName, ...] = tuple(map(NodeName, THREE.nodes))

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        return [self._answer(call) for call in calls]

    def _answer(self, call: Call) -> Output | Unreachable:
        if call.node in self.silent:
            return Unreachable(same("no route"))
        said = self.cluster.run(call.node, call.argv)
        return Output(call.node, said.exit, said.stdout, said.stderr)


def look(line: str, nodes: Live | None = None) -> Any:
    """The facts of what *line* asks for."""
    command = parse(line, load_actions())
    return Look(nodes or Live()).gather(command.verb.facts, partial(command.verb.further, command.args))
