"""A worker that is let go one act at a time, and can be killed between two: the real code, in a thread that waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Semaphore, Thread
from typing import Any

from bot.docket import Docket, Edit
from bot.request import Request

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
