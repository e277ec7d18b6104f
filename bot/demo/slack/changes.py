"""Tells those who wait that something in the local Slack changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Changes:
    """Counts what happened. Used on one loop only. *also*: called each time, before anybody is told."""

    count: int = 0
    also: Callable[[], None] = lambda: None
    closed: bool = False
    _waiting: set[asyncio.Future[None]] = field(default_factory=set)

    def happened(self) -> None:
        self.count += 1
        self.also()
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def close(self) -> None:
        self.closed = True
        self.happened()

    async def since(self, count: int) -> int:
        """Wait until more than *count* things happened, or this is closed."""
        while self.count <= count and not self.closed:
            future = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            await future
        return self.count

    async def until(self, true: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until *true* after some change, *timeout_s* at most; tell whether it is."""
        try:
            async with asyncio.timeout(timeout_s):
                while not true() and not self.closed:
                    await self.since(self.count)
        except TimeoutError:
            pass
        return true()
