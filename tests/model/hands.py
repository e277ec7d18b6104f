"""A worker that is let go one act at a time, and can be killed between two: the real code, in a thread that waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Semaphore, Thread
from typing import Any

from bot.docket import Docket, Edit
from bot.names import NodeName
from bot.request import Request
from bot.run import Ticket, Trace

IDLE = "idle"
PATIENCE_S = 30  # only a dead lock ever takes that long


class Killed(BaseException):
    """As if the process ended here: nothing of the code may catch it."""


@dataclass
class Hand:
    """*work*: what it does, calling `wait` before each act. *at*: the act that it waits for."""

    work: Callable[[Hand], object]
    at: str = IDLE
    error: BaseException | None = None
    _go: Semaphore = field(default_factory=lambda: Semaphore(0))
    _stopped: Semaphore = field(default_factory=lambda: Semaphore(0))
    _is_killed: bool = False

    def go(self) -> None:
        """On to the next act, or to the end; return when it is there."""
        if self.at == IDLE:
            self._is_killed = False
            Thread(target=self._live, daemon=True).start()
        else:
            self._go.release()
        if not self._stopped.acquire(timeout=PATIENCE_S):
            raise TimeoutError(f"stands at {self.at}")
        if self.error is not None:
            raise self.error

    def kill(self) -> None:
        if self.at != IDLE:
            self._is_killed = True
            self.go()

    def wait(self, at: str) -> None:
        self.at = at
        self._stopped.release()
        self._go.acquire()
        if self._is_killed:
            raise Killed

    def _live(self) -> None:
        try:
            self.work(self)
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - handed over to the test
            self.error = error
        self.at = IDLE
        self._stopped.release()


@dataclass(frozen=True)
class WaitingDocket:
    """The docket of one worker: each change is an act."""

    docket: Docket
    hand: Hand

    def __getattr__(self, name: str) -> Any:
        return getattr(self.docket, name)

    def change(self, id_: str, edit: Callable[[Request, int], Edit | None]) -> Request:
        self.hand.wait("change")
        return self.docket.change(id_, edit)


@dataclass
class FakeNode:
    """One node, as run.py says: whoever burns the ticket first has it, and a boot keeps only what was written.

    *number*: the fact that plans rest on; a guard is the number that it wants to find.
    """

    number: int = 0
    boots: int = 0
    tickets: dict[str, Trace] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def boot_id(self, _node: NodeName) -> str:
        return f"boot-{self.boots}"

    def start(self, ticket: Ticket) -> None:
        if ticket.id in self.tickets:
            return
        if ticket.guard != str(self.number):
            self.tickets[ticket.id] = self._trace(spent=True, result="exit-code")
            return
        self.runs.append(ticket.id)
        self.tickets[ticket.id] = self._trace(spent=True, is_active=True)

    def trace(self, ticket: Ticket) -> Trace:
        return replace(self.tickets.get(ticket.id, self._trace()), boot_id=f"boot-{self.boots}")

    def burn(self, ticket: Ticket) -> bool:
        if ticket.id in self.tickets:
            return False
        self.tickets[ticket.id] = self._trace(spent=True)
        return True

    def end(self, result: str) -> None:
        """Of whatever runs there; "": the node dies."""
        for id_, trace in self.tickets.items():
            if trace.is_active:
                self.tickets[id_] = replace(trace, is_active=False, result=result)

    def reboot(self) -> None:
        self.end("")
        self.boots += 1

    def _trace(self, *, spent: bool = False, is_active: bool = False, result: str = "") -> Trace:
        return Trace(f"boot-{self.boots}", spent, is_active, result)


@dataclass(frozen=True)
class WaitingNodes:
    """The nodes of one worker: start, trace and burn are acts."""

    node: FakeNode
    hand: Hand

    def boot_id(self, node: NodeName) -> str:
        return self.node.boot_id(node)

    def start(self, ticket: Ticket) -> None:
        self.hand.wait("start")
        self.node.start(ticket)

    def trace(self, ticket: Ticket) -> Trace:
        self.hand.wait("follow")
        return self.node.trace(ticket)

    def burn(self, ticket: Ticket) -> bool:
        self.hand.wait("burn")
        return self.node.burn(ticket)
