"""Makes rounds in a thread of its own: every so often, and at once when there is news."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bot.text import Refused

log = structlog.get_logger()


@dataclass
class Rounds:
    """Each round calls all of *calls*; none that fails keeps the others from being called."""

    calls: tuple[Callable[[], object], ...]
    every_s: float
    _news: threading.Event = field(default_factory=threading.Event, init=False)
    _ending: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._loop, name="rounds")
        self._thread.start()

    def wake(self) -> None:
        self._news.set()

    def close(self) -> None:
        self._ending.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()

    def _loop(self) -> None:
        while not self._ending.is_set():
            self._news.clear()
            for call in self.calls:
                _safely(call)
            self._news.wait(self.every_s)


def _safely(call: Callable[[], object]) -> None:
    try:
        call()
    except Refused as refused:
        log.warning("the requests cannot be looked at", why=str(refused))
    except Exception:
        log.exception("a round stumbled")
