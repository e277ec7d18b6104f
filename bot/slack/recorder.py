"""Writes commands down: what arrives while one transaction is under way shares the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.desk import Inbox
from bot.message import Asked

Waiting: TypeAlias = list[tuple[Asked, asyncio.Future[None]]]


@dataclass
class Recorder:
    """Lives on the event loop. *threads* are its own: busy workers must not delay an acknowledgement."""

    inbox: Inbox
    wake: Callable[[], None]
    threads: Executor
    _waiting: Waiting = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    def record(self, asked: Asked) -> asyncio.Future[None]:
        """Done when it is on the disk, or with the inbox's error. The desk is woken then, however late that is."""
        recorded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, recorded))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return recorded

    async def _write(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            await self._write_together(taken)

    async def _write_together(self, taken: Waiting) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self.threads, self.inbox.put, *(asked for asked, _ in taken))
        except Exception as error:  # noqa: BLE001 - each of those who wait raises it
            for _, recorded in taken:
                recorded.set_exception(error)
            return
        for _, recorded in taken:
            recorded.set_result(None)
        with suppress(RuntimeError):  # the threads end: the rows wait for the next start
            loop.run_in_executor(self.threads, self.wake)
