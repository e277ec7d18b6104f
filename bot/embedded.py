"""Runs approved requests in this process, which is the only one: a lock beside the database file sees to that.

So nothing here needs a lease or a clock to know who lives: whatever is running in the database and not here is an orphan.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from bot.docket import Docket
from bot.request import BUSY, State
from bot.text import Refused
from bot.turn import runnable

log = structlog.get_logger()
TO_RUN = (State.APPROVED, *sorted(BUSY))
MOST = 1_000
SECOND_US = 1_000_000


@dataclass
class Embedded:
    """*run* brings one request to its end, or says False: then it rests for *rest_s* seconds. *sweep*: what is due."""

    docket: Docket
    run: Callable[[str], bool]
    sweep: Callable[[], None]
    now_us: Callable[[], int]
    workers: int = 8
    look_s: float = 0.5
    rest_s: float = 5.0
    _live: set[str] = field(default_factory=set)
    _resting: dict[str, int] = field(default_factory=dict)
    _news: threading.Event = field(default_factory=threading.Event)
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._pool = ThreadPoolExecutor(self.workers, "runner")
        self._thread = threading.Thread(target=self._loop, name="dispatcher")
        self._thread.start()

    def wake(self) -> None:
        self._news.set()

    def close(self) -> None:
        """Take nothing new. What runs is left to its node: who starts next follows it there."""
        self._ending.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _loop(self) -> None:
        while not self._ending.is_set():
            self._news.clear()
            try:
                self._round()
            except Refused as refused:
                log.warning("the requests cannot be read", why=str(refused))
            except Exception:
                log.exception("the dispatcher stumbled")
            self._news.wait(self.look_s)

    def _round(self) -> None:
        self.sweep()
        now_us = self.now_us()
        live = self._live | {id_ for id_, until_us in self._resting.items() if until_us > now_us}
        for id_ in runnable(self.docket.find(TO_RUN, limit=MOST), now_us, live):
            self._live.add(id_)
            self._pool.submit(self._work, id_)

    def _work(self, id_: str) -> None:
        try:
            is_done = self.run(id_)
        except Exception:
            log.exception("a run stumbled", request=id_)
            is_done = False
        self._resting.pop(id_, None)
        if not is_done:
            self._resting[id_] = self.now_us() + round(self.rest_s * SECOND_US)
        self._live.discard(id_)
        self._news.set()
