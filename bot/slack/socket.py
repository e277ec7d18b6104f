"""Socket Mode: one connection that comes back by itself, whatever happened to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.names import Secret

log = structlog.get_logger()
WATCH_S = 5.0
SILENT_S = 60.0
PING_S = 10.0
CONNECT_S = 10.0
DRAIN_S = 5.0
LOOK_S = 0.01


@dataclass
class Socket:
    """The handler is replaced when it does not recover. *connected* is set once, when Slack was first reached."""

    app: AsyncApp
    app_token: Secret
    watch_s: float = WATCH_S
    silent_s: float = SILENT_S
    ping_s: float = PING_S
    connect_s: float = CONNECT_S
    drain_s: float = DRAIN_S
    monotonic: Callable[[], float] = time.monotonic
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    _handler: _Handler | None = None
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
        """One attempt: the SDK's own goes on for ever, with the URL that was refused."""
        handler = _Handler(self.app, self.app_token.reveal(), self.ping_s)
        try:
            async with asyncio.timeout(self.connect_s):
                handler.client.wss_uri = await handler.client.issue_new_wss_url()
                await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's
        except BaseException as error:
            await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's
            if not isinstance(error, Exception):
                raise
            # Slack may be down in any way; the next round tries again.
            log.warning("Slack cannot be reached", error=type(error).__name__)
            return
        self._handler, self._alive_at, self._is_alive = handler, self.monotonic(), True
        self.connected.set()

    async def _close(self) -> None:
        self._is_alive = False
        handler, self._handler = self._handler, None
        if handler is not None:
            await handler.drain(self.drain_s)
            await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's


class _Handler(AsyncSocketModeHandler):
    """Knows which envelopes it has read and not yet acknowledged."""

    def __init__(self, app: AsyncApp, app_token: str, ping_s: float) -> None:
        super().__init__(app, app_token, ping_interval=ping_s)
        self.client.proxy = app.client.proxy
        self._under_way: set[asyncio.Task[None]] = set()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # Bolt's
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs has one
        self._under_way.add(task)
        try:
            await super().handle(client, req)
        finally:
            self._under_way.discard(task)

    async def drain(self, within_s: float) -> None:
        """Read nothing more, and let what was read be acknowledged while the socket is still open."""
        if self.client.message_receiver is not None:
            self.client.message_receiver.cancel()
        await asyncio.sleep(LOOK_S)  # what was read just now is queued, then under way
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=within_s)
            log.info("drained", not_acknowledged=len(late))
