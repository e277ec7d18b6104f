"""Simulated hosts that are built into a cluster and taken apart, command by command."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from bot.action import Output
from bot.cluster.members import Members
from bot.demo.cluster import shared
from bot.demo.cluster.pve import key_of
from bot.demo.cluster.simulated import SimulatedCluster
from bot.names import NodeName, Secret
from bot.run import Ticket, Trace
from tests.demo.tickets import ended, start

FAR, WAIT_S = 4_000_000_000, 10


@dataclass
class Hosts:
    """*cluster*, and the number of its next ticket."""

    cluster: SimulatedCluster
    numbers: Iterator[int] = field(default_factory=count)

    def run(self, node: str, line: str, *, limit_s: int = 30, secret: str = "") -> Trace:
        """*line* as a change: what it left when it was over."""
        return self.left(self.begin(node, tuple(line.split(" ")), limit_s=limit_s, secret=secret))

    def run_words(self, node: str, argv: tuple[str, ...]) -> Trace:
        return self.left(self.begin(node, argv))

    def begin(self, node: str, argv: tuple[str, ...], *, limit_s: int = 30, secret: str = "") -> Ticket:
        hidden, id_ = Secret(secret) if secret else None, f"r-{next(self.numbers)}"
        ticket = Ticket(id_, NodeName(node), argv, "exit 0\n", limit_s, "SHA256:x", FAR, hidden)
        assert start(self.cluster, ticket) == 0
        return ticket

    def left(self, ticket: Ticket) -> Trace:
        return ended(self.cluster, ticket)

    def fact(self, kind: Any, node: str) -> Any:
        """A fact of the bot, asked of *node*."""
        return self.said(kind, node, kind.ARGV)

    def said(self, kind: Any, node: str, argv: tuple[str, ...]) -> Any:
        """What *kind* reads in the answer to *argv*."""
        said = self.cluster.run(node, argv)
        return kind.parse(Output(NodeName(node), said.exit, said.stdout, said.stderr))

    def trust(self, member: str, new: str, address: str) -> None:
        """What `join` prepares: *new* knows *address* of *member*, and is let in there."""

        def trusted(now: Any) -> Any:
            keys = now.pve_of(member).keys
            now = shared.write(now, member, keys=(*keys, key_of(new)))
            return replace(now, known=tuple({**dict(now.known), new: (address,)}.items()))

        self.cluster.change(trusted)

    def becomes_writable(self, node: str) -> None:
        end = time.monotonic() + WAIT_S
        while not self.fact(Members, node).quorate:
            assert time.monotonic() < end
