"""Time for the local Slack: the real one, or one that a test moves by hand."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Unix time in seconds."""

    async def sleep(self, seconds: float) -> None: ...


class WallClock:
    """The time it is."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class HandClock:
    """Stands still until `advance`, which may be called from any thread."""

    at: float = 1_700_000_000.0
    _sleepers: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            self._sleepers.append((self.at + seconds, future))
        await future

    def advance(self, seconds: float) -> None:
        with self._lock:
            self.at += seconds
            due = [future for when, future in self._sleepers if when <= self.at]
            self._sleepers = [one for one in self._sleepers if one[0] > self.at]
        for future in due:
            if not future.get_loop().is_closed():
                future.get_loop().call_soon_threadsafe(_wake, future)

    @property
    def sleepers(self) -> int:
        """How many wait for time to pass: lets a test advance only once somebody does."""
        with self._lock:
            return sum(not future.done() for _, future in self._sleepers)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
