"""An outbox and what works it off, on a local Slack whose clock is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from sqlalchemy import insert, select

from bot.demo.slack.clock import HandClock
from bot.demo.slack.server import LocalSlack
from bot.message import Letter
from bot.slack.client import async_client
from bot.slack.delivery import Delivery
from bot.store import SqlOutbox
from bot.store.outbox import letter_row
from bot.store.tables import outbox
from tests.slack.running import settings_of

SECOND_US = 1_000_000


@dataclass
class Post:
    """An outbox and the delivery that works it off, on a local Slack; time stands still but for `passes`."""

    slack: LocalSlack
    clock: HandClock
    outbox: SqlOutbox

    def now_us(self) -> int:
        return round(self.clock.now() * SECOND_US)

    def delivery(self) -> Delivery:
        """A new one is what a new process has."""
        return Delivery(self.outbox, async_client(settings_of(self.slack)), self.now_us)

    def letter(self, text: str, to: str = "", user: str = "U0ALICE", channel: str = "C0OPS") -> Letter:
        url = self.slack.on_loop(lambda: self.slack.response_urls.new(user, channel))
        return Letter("response", f"{to or url} {channel}/{user}", {"text": text}, self.now_us())

    def put(self, *letters: Letter) -> None:
        with self.outbox.engine.begin() as connection:
            connection.execute(insert(outbox), [letter_row(one) for one in letters])

    def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def switch(self, name: str, *, on: bool = True, times: int = -1) -> None:
        self.slack.on_loop(lambda: self.slack.faults.switch(name, on=on, times=times))

    @property
    def seen(self) -> list[str]:
        return self.slack.on_loop(lambda: [one.text for one in self.slack.workspace.messages])

    @property
    def seen_by(self) -> list[tuple[str, str | None]]:
        """Where each message is, and who alone sees it."""
        return self.slack.on_loop(lambda: [(one.channel, one.ephemeral_to) for one in self.slack.workspace.messages])

    @property
    def left(self) -> list[Any]:
        """What the outbox still has to send."""
        with self.outbox.engine.connect() as connection:
            return list(connection.execute(select(outbox).where(outbox.c.done_us.is_(None))).all())

    @property
    def why(self) -> list[str | None]:
        with self.outbox.engine.connect() as connection:
            return list(connection.execute(select(outbox.c.why).order_by(outbox.c.id)).scalars())


def talking_to(post: Post, url: str) -> Delivery:
    settings = replace(settings_of(post.slack), base_url=f"{url}/api/")
    return Delivery(post.outbox, async_client(settings), post.now_us)


@asynccontextmanager
async def serving(answer: Callable[[], web.Response]) -> AsyncIterator[tuple[str, list[str]]]:
    """Another server on this machine that always answers that, and the paths it was asked for."""
    paths: list[str] = []

    async def take(request: web.Request) -> web.Response:
        paths.append(request.path)
        return answer()

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", paths
    finally:
        await runner.cleanup()
