"""One real node, the bot's way to it, and what became of a step there."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from bot.names import NodeName, Secret
from bot.run import KEPT, Fate, Outcome, Ticket, Trace, outcome
from bot.ssh.login import Login
from bot.ssh.nodes import SshNodes
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.ssh.sshd import until

PVE01 = NodeName("pve01")


SUCCEEDED, NEVER, REFUSED, UNKNOWN = Outcome(Fate.SUCCEEDED, 0), Fate.NEVER, Fate.REFUSED, Fate.UNKNOWN


PASSWORD = Secret("pw-7c1e$HOME%s'\"\\\n")


@dataclass
class Node:
    """One node and the bot's way to it. Each ticket is new unless an id is given."""

    lab: Lab
    nodes: SshNodes
    boot_id: str
    numbers: Iterator[int]

    def ticket(self, *argv: str, guard: str = "true\n", timeout_s: int = 60, secret: Secret | None = None) -> Ticket:
        fingerprint, not_after_s = self.nodes.host(PVE01).fingerprint, int(time.time()) + 30
        return Ticket(f"t-{next(self.numbers)}", PVE01, argv, guard, timeout_s, fingerprint, not_after_s, secret)

    def found(self, ticket: Ticket) -> Outcome:
        return outcome(self.nodes.trace(ticket), self.boot_id)

    def ended(self, ticket: Ticket) -> Trace:
        """Once its unit is gone."""
        until(lambda: not self.nodes.trace(ticket).is_active)
        return self.nodes.trace(ticket)

    def ran(self, ticket: Ticket) -> tuple[Outcome, Trace]:
        assert self.nodes.start(ticket) == ""
        trace = self.ended(ticket)
        return outcome(trace, self.boot_id), trace

    def sh(self, script: str) -> str:
        """Past SSH."""
        return self.lab.exec(PVE01, "sh", "-c", script, check=True).stdout

    def kept(self, ticket: Ticket) -> list[str]:
        return self.sh(f"cd {KEPT}; ls -d {ticket.id}.* 2>/dev/null || true").split()


def login(lab: Lab, **other: object) -> Login:
    known = Login(lab.address(PVE01), 22, "root", lab.key, known_hosts=lab.known_hosts_file())
    return replace(known, **other)  # type: ignore[arg-type]  # by name


@contextmanager
def reached(lab: Lab, **other: object) -> Iterator[SshNodes]:
    now_us = lambda: time.time_ns() // 1000  # noqa: E731 - the bot's clock
    with closing(SshNodes({PVE01: login(lab, **other)}, now_us=now_us, connect=connector(lab))) as nodes:
        yield nodes


NUMBERS = itertools.count(1)
