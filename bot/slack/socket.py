"""Socket Mode: one connection that comes back by itself, whatever happened to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.names import Secret

log = structlog.get_logger()
WATCH_S = 5.0
SILENT_S = 60.0
FIRST_RETRY_S = 5.0
DRAIN_S = 5.0


@dataclass
class Socket:
    """The handler is replaced when it does not recover. *connected* is set once, when Slack was first reached."""

    app: AsyncApp
    app_token: Secret
    watch_s: float = WATCH_S
    silent_s: float = SILENT_S
    monotonic: Callable[[], float] = time.monotonic
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    _handler: AsyncSocketModeHandler | None = None
    _alive_at: float = 0.0
    _is_alive: bool = False

    @property
    def is_alive(self) -> bool:
        return self._is_alive

    async def run(self) -> None:
        """Until cancelled; then no new command is read, and those being acknowledged get their time."""
        try:
            while True:
                await self._watch()
                await asyncio.sleep(self.watch_s)
        finally:
            await asyncio.shield(self._close())

    async def _watch(self) -> None:
        if self._handler is None:
            await self._open()
            return
        client = self._handler.client
        self._is_alive = await client.is_connected() and not await client.is_ping_pong_failing()
        if self._is_alive:
            self._alive_at = self.monotonic()
        elif self.monotonic() - self._alive_at > self.silent_s:
            log.warning("socket silent: opening a new one")
            await self._close()
        else:
            # The SDK would try the same one-time URL for ever; without it, it asks for a new one.
            client.wss_uri = None

    async def _open(self) -> None:
        handler = AsyncSocketModeHandler(self.app, self.app_token.reveal())
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's
        except Exception as error:  # noqa: BLE001 - Slack may be down in any way; the next round tries again
            log.warning("Slack cannot be reached", error=type(error).__name__)
            await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's
            return
        self._handler, self._alive_at, self._is_alive = handler, self.monotonic(), True
        self.connected.set()

    async def _close(self) -> None:
        self._is_alive = False
        handler, self._handler = self._handler, None
        if handler is not None:
            await handler.disconnect_async()  # type: ignore[no-untyped-call]  # Bolt's
            await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's
