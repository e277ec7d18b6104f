"""Answers that real nodes gave, by situation, as nodes that can be asked again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.action import Call, Output, Unreachable
from bot.names import NodeName
from bot.text import Text, same

DATA = Path(__file__).parent / "data" / "quorum"
SITUATIONS = json.loads((DATA / "corosync-3.1.7.json").read_text(encoding="utf-8"))
MEMBERS = json.loads((DATA / "members-pve-9.1.6.json").read_text(encoding="utf-8"))
NO_HA = ("cat /etc/pve/ha/manager_status", "")


def answers(situation: str, command: str) -> list[Output]:
    found = [r for r in SITUATIONS[situation] if r["command"] == command]
    return [Output(NodeName(r["node"]), r["exit"], r["stdout"], r["stderr"]) for r in found]


def members(me: str, nodes: Mapping[str, int], *, quorate: bool, online: Sequence[str] = (), version: int = 1) -> str:
    listed = {name: {"id": id_, "online": int(name in online)} for name, id_ in nodes.items()}
    cluster = {"name": "pve-lab", "version": version, "nodes": len(nodes), "quorate": int(quorate)}
    return json.dumps({"nodename": me, "version": 1, "cluster": cluster, "nodelist": listed})


def stopped(*nodes: str) -> dict[tuple[str, str], str | Text | Output]:
    """Corosync does not run on *nodes*, by their own word."""
    said = answers("corosync-stopped", "corosync-quorumtool -siH")[0]
    return {(node, "corosync-quorumtool -siH"): said for node in nodes}


@dataclass
class RecordedNodes:
    """Every node of *situation*; *said* are more answers by (node, command), a Text for a node that is unreachable.

    An `Output` is given as it is, whichever node it names.
    """

    situation: str
    said: Mapping[tuple[str, str], str | Text | Output] = field(default_factory=dict)
    more: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[NodeName, ...]:
        known = {r["node"] for r in SITUATIONS[self.situation]} - {"qnetd"}
        return tuple(NodeName(name) for name in sorted(known | set(self.more)))

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        return [self._answer(call) for call in calls]

    def _answer(self, call: Call) -> Output | Unreachable:
        command = " ".join(call.argv)
        given = self.said.get((call.node, command), self.said.get((call.node, "*")))
        if isinstance(given, Text):
            return Unreachable(given)
        if given is not None:
            return given if isinstance(given, Output) else Output(call.node, 0, given)
        for output in answers(self.situation, command) if self.situation in SITUATIONS else []:
            if output.node == call.node:
                return output
        if command == "cat /etc/pve/.members":
            return Output(call.node, 0, self._members(call.node))
        if command.startswith("cat "):
            return Output(call.node, 1, "", f"{command}: No such file or directory")
        return Unreachable(same("timed out"))

    def _members(self, node: NodeName) -> str:
        conf = next(
            (r["stdout"] for r in SITUATIONS[self.situation] if "corosync.conf" in r["command"] and r["stdout"]), ""
        )
        if not conf:
            return json.dumps({"nodename": node, "version": 0})
        names = [line.split()[1] for line in conf.splitlines() if line.strip().startswith("name:")]
        view = next((o.stdout for o in answers(self.situation, "corosync-quorumtool -siH") if o.node == node), "")
        return members(node, {name: i for i, name in enumerate(names, 1)}, quorate="Quorate:          Yes" in view)
