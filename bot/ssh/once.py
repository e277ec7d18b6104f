"""Changes on one node: a ticket is sent once, over a connection to the very host that was approved, and never again."""

from __future__ import annotations

from dataclasses import dataclass

from bot.action import Call, Output, Unreachable, Unreadable
from bot.names import NodeName
from bot.plan import Host
from bot.run import Ticket, Trace
from bot.ssh import run_once
from bot.ssh.kept import KeptConnection
from bot.ssh.login import Login
from bot.ssh.words import unreachable
from bot.text import Text

ASK_S = 10
START_S = 20
BOOT_ID = ("cat", "/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Once:
    node: NodeName
    login: Login
    connection: KeptConnection

    def host(self) -> Host:
        """Raise `Unreachable` if there is no connection to be had."""
        at = f"[{self.login.host}]" if ":" in self.login.host else self.login.host
        sudo = " sudo" if self.login.sudo else ""
        return Host(f"{self.login.user}@{at}:{self.login.port}{sudo}", self.connection.fingerprint())

    def boot_id(self) -> str:
        """Raise `Unreachable`."""
        output = self._ask(BOOT_ID)
        if output.exit != 0 or not output.stdout.strip():
            raise unreachable(NOT_UNDERSTOOD, self.login, error=output.stderr.strip()[:200])
        return output.stdout.strip()

    def start(self, ticket: Ticket) -> str:
        """What the node objected to starting it, "" for nothing. Raise `Unreachable` if it cannot be known whether
        it was started: it is not sent a second time.
        """
        argv, stdin = run_once.start(ticket)
        output = self.connection.send(Call(ticket.node, argv, START_S), stdin, ticket.fingerprint)
        if isinstance(output, Unreachable):
            raise output
        return output.stderr.strip() if output.exit else ""

    def trace(self, ticket: Ticket) -> Trace:
        """Raise `Unreachable`, also for an answer that proves nothing."""
        output = self._ask(run_once.trace(ticket))
        try:
            return run_once.traced(output)
        except Unreadable as error:
            raise unreachable(NOT_UNDERSTOOD, self.login, error=error) from error

    def burn(self, ticket: Ticket) -> bool:
        """Raise `Unreachable` if it cannot be known whether this burnt it."""
        output = self.connection.send(Call(ticket.node, run_once.burn(ticket), ASK_S), b"", ticket.fingerprint)
        if isinstance(output, Unreachable):
            raise output
        try:
            return run_once.burnt(output)
        except Unreadable as error:
            raise unreachable(NOT_UNDERSTOOD, self.login, error=error) from error

    def _ask(self, argv: tuple[str, ...]) -> Output:
        output = self.connection.read(Call(self.node, argv, ASK_S))
        if isinstance(output, Unreachable):
            raise output
        return output


NOT_UNDERSTOOD = Text(
    en="{host} answered something that proves nothing: {error}",
    fr="{host} a répondu quelque chose qui ne prouve rien : {error}",
)
