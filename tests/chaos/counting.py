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
    """*sent*: the tickets that somebody wanted started, each time; nothing runs there that was not."""

    def __init__(self, situation: Situation, file: Path) -> None:
        super().__init__(situation, file=file)
        self.disks, self.sent = file, list[str]()

    def run(self, node: str, argv: tuple[str, ...], stdin: Stdin = lambda _most: b"") -> Said:
        self.sent += [word.removeprefix(UNIT) for word in argv if word.startswith(UNIT)]
        return super().run(node, argv, stdin)

    def ran(self) -> dict[str, str]:
        """By ticket, the node on which it ran well."""
        kept = json.loads(self.disks.read_text())["tickets"]
        by_node = ((node, ticket, left) for node, of_node in kept.items() for ticket, left in of_node.items())
        return {ticket: node for node, ticket, left in by_node if left["result"] == "success exited 0"}
