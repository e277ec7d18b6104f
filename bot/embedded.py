"""Runs approved requests in this process, which is the only one: a lock beside the database file sees to that.

So nothing here needs a lease or a clock to know who lives: whatever is running in the database and not here is an orphan.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.attempts import Attempts
from bot.docket import Docket
from bot.pause import Pause
from bot.rounds import Rounds
from bot.turn import runnable


@dataclass
class Embedded:
    """*sweep*: what time made due. *pause*: how runs wait; ended when this is closed."""

    docket: Docket
    attempts: Attempts
    sweep: Callable[[], None]
    pause: Pause
    workers: int = 8
    look_s: float = 0.5
    _live: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.workers, "runner")
        self._rounds = Rounds((self.sweep, self._dispatch), self.look_s)

    def start(self) -> None:
        self._rounds.start()

    def wake(self) -> None:
        self._rounds.wake()

    def close(self) -> None:
        """Take nothing new. What runs is left to its node: who starts next follows it there."""
        self._rounds.close()
        self.pause.end()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _dispatch(self) -> None:
        live = set(self._live)
        for one in runnable(self.docket.line(), self.docket.clock_us(), live, self.attempts.resting()):
            self._live.add(one.id)
            self._pool.submit(self._attempt, one.id)

    def _attempt(self, id_: str) -> None:
        self.attempts.make(id_)
        self._live.discard(id_)
        self._rounds.wake()
