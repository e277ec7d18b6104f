"""Delivery with its rules: faults on the way, and events sent again when they were not taken."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace

from bot.demo.slack.clock import Clock
from bot.demo.slack.delivery import ACK_S, TIMEOUT, Ack, Delivery, Transport
from bot.demo.slack.faults import Faults

RETRIES_AFTER_S = (0, 60, 300)


@dataclass
class Post:
    """The way to the bot: *transport* is changed when the bot chooses HTTP."""

    transport: Transport
    faults: Faults
    clock: Clock
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def send(self, delivery: Delivery) -> Ack:
        """Deliver once; a command or a click is never sent again by itself."""
        if self.faults.strikes("duplicate_delivery"):
            self._start(self._twice(delivery))
        ack = await self.transport.deliver(delivery)
        return Ack(error=TIMEOUT, took_s=ACK_S) if self.faults.strikes("lost_ack") else ack

    def send_event(self, delivery: Delivery) -> None:
        """Deliver in the background, and again at once, after a minute and after five, until it is taken."""
        self._start(self._until_taken(delivery))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.transport.close()

    async def _twice(self, delivery: Delivery) -> None:
        await self.transport.deliver(delivery)

    async def _until_taken(self, delivery: Delivery) -> None:
        ack = await self.send(delivery)
        for number, after_s in enumerate(RETRIES_AFTER_S, 1):
            if not ack.error or ack.no_retry:
                return
            if after_s:
                await self.clock.sleep(after_s)
            reason = "http_timeout" if ack.error == TIMEOUT else "http_error"
            ack = await self.send(replace(delivery, retry=number, reason=reason))

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
