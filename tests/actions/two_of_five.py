"""Two of five real nodes without quorum, and three that say nothing, unless they do: what `expected N` then sees."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot import propose
from bot.action import Output, Unreachable
from bot.actions import load_actions
from bot.actions.expected.check import check
from bot.actions.expected.facts import Args, Facts
from bot.command_line import parse
from bot.look import Look
from bot.names import ClusterName, NodeName, Number
from bot.plan import Plan
from bot.policy import demand
from bot.text import Text, same
from tests.recorded import RecordedNodes, answers

GONE = ("pve03", "pve04", "pve05")
IDS = {f"pve0{n}": n for n in range(1, 6)}
SILENT: dict[tuple[str, str], str | Text | Output] = {(node, "*"): same("timed out") for node in GONE}
VIEW = answers("no-quorum", "corosync-quorumtool -siH")[0]
CONF = answers("no-quorum", "cat /etc/pve/corosync.conf")[0].stdout


@dataclass(frozen=True)
class RecordedApi:
    """What port 8006 of some nodes says; the others do not answer."""

    said: Mapping[str, str] = field(default_factory=dict)

    def get_all(self, nodes: Sequence[NodeName], path: str) -> list[Output | Unreachable]:
        return [
            Output(node, 0, self.said[node]) if node in self.said else Unreachable(same("no route")) for node in nodes
        ]


def look(
    said: Mapping[tuple[str, str], str | Text | Output] | None = None,
    api: Mapping[str, str] | None = None,
    situation: str = "no-quorum",
    more: tuple[str, ...] = GONE,
) -> Facts:
    """Two of five, and three that say nothing, unless they do."""
    nodes = RecordedNodes(situation, SILENT if said is None else said, more)
    found: Facts = Look(nodes, None if api is None else RecordedApi(api)).gather(Facts)
    return found


def found(n: int, facts: Facts, *, blocks: bool = True) -> list[str]:
    return [f.text.to("en") for f in check(Args(Number(str(n))), facts) if f.blocks is blocks]


def planned(line: str, facts: Facts) -> Plan:
    command = parse(line, load_actions())
    name = ClusterName("pve-lab")
    return propose.plan(command, name, line, facts, demand(command, name, ()))


def status(*, quorate: bool, node: str) -> str:
    return json.dumps(
        [
            {"type": "cluster", "name": "pve-lab", "quorate": int(quorate)},
            {"type": "node", "name": node, "online": 1},
        ]
    )
