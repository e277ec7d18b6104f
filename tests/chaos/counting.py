"""Simulated nodes that count what is sent to them to be run, and tell what ran there."""

from __future__ import annotations

import json
from pathlib import Path

from bot.demo.cluster.said import Said
from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.cluster.situation import Situation
from bot.demo.cluster.tickets import Stdin
from bot.run import unit_of

UNIT = f"--unit={unit_of('')}"


class Counting(SimulatedCluster):
    """Nothing runs there that was not sent."""

    def __init__(self, situation: Situation, file: Path) -> None:
        super().__init__(situation, file=file)
        self._disks = file
        self._sent: list[str] = []

    def run(self, node: str, argv: tuple[str, ...], stdin: Stdin = lambda _most: b"") -> Said:
        self._sent += [word.removeprefix(UNIT) for word in argv if word.startswith(UNIT)]
        return super().run(node, argv, stdin)

    def sent(self, id_: str) -> list[str]:
        """The tickets of the request *id_* that somebody wanted started, each time."""
        return [ticket for ticket in self._sent if ticket.startswith(f"{id_}-")]

    def ran(self, id_: str) -> dict[str, str]:
        """By ticket, the node on which it ran well."""
        kept = json.loads(self._disks.read_text())["tickets"]
        by_node = ((node, ticket, left) for node, of_node in kept.items() for ticket, left in of_node.items())
        ran = {ticket: node for node, ticket, left in by_node if left["result"] == "success exited 0"}
        return {ticket: node for ticket, node in ran.items() if ticket.startswith(f"{id_}-")}
