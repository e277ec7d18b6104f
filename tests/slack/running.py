"""The bot's own Slack side, or the whole bot, on a local Slack and over either transport."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncApp
from sqlalchemy import Engine

from bot import serving, wiring
from bot.actions import load_actions
from bot.config import load
from bot.demo.slack.delivery import Ack, Delivery
from bot.demo.slack.server import LocalSlack
from bot.desk import Desk, Inbox
from bot.event import Event
from bot.filing import Filing
from bot.help import with_help
from bot.message import Asked, Letter
from bot.names import Secret
from bot.people import Account, Standing, Who
from bot.slack.app import Reception, listen
from bot.slack.blocks import letters
from bot.slack.client import async_client, new_app
from bot.slack.recorder import Recorder
from bot.slack.settings import SlackSettings
from bot.slack.socket import Socket
from bot.store import SqlInbox
from bot.web.app import Door, server, web_app
from bot.web.guard import Guard
from bot.web.metrics import Metrics
from bot.wiring import now_us
from bot.workflow import Workflow
from tests.clerks import reading_clerk
from tests.demo.slack.running import until

FIELDS = {"team_id": "T0LOCAL", "user_id": "U0ALICE", "channel_id": "C0OPS", "trigger_id": "1.2.3"}
SLASH = {**FIELDS, "command": "/pve-cluster", "text": "help", "response_url": "http://127.0.0.1:9/none"}


def settings_of(slack: LocalSlack, transport: str = "socket") -> SlackSettings:
    secret = Secret(slack.signing_secret) if transport == "http" else None
    return SlackSettings(Secret(slack.bot_token), signing_secret=secret, base_url=f"{slack.url}/api/")


def app_on(slack: LocalSlack, transport: str = "socket") -> AsyncApp:
    settings = settings_of(slack, transport)
    return new_app(settings, async_client(settings))


@asynccontextmanager
async def over_socket(slack: LocalSlack, app: AsyncApp, **limits: float) -> AsyncIterator[Socket]:
    """*limits* are those of `Socket`. Not waited for: `connected` says when it is."""
    one = Socket(app, Secret(slack.app_token), **{"watch_s": 0.05, **limits})  # type: ignore[arg-type] # all are floats
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def over_http(slack: LocalSlack, app: AsyncApp) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        guard = Guard(Secret(slack.signing_secret), now_us)
        http = server(web_app(Metrics(), lambda: None, Door(app, guard)))
        task = asyncio.create_task(http.serve(sockets=[listening]))
        await until(lambda: http.started)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        await asyncio.to_thread(slack.connect_http, f"{url}/slack/events")
        try:
            yield url
        finally:
            http.should_exit = True
            await task


@asynccontextmanager
async def attached(slack: LocalSlack, app: AsyncApp, transport: str) -> AsyncIterator[None]:
    if transport == "http":
        async with over_http(slack, app):
            yield
        return
    async with over_socket(slack, app) as one:
        await asyncio.wait_for(one.connected.wait(), 10)
        yield


@asynccontextmanager
async def receiving(slack: LocalSlack, reception: Reception, transport: str = "socket") -> AsyncIterator[AsyncApp]:
    """The bot's listeners, writing down where *reception* says."""
    app = app_on(slack, transport)
    listen(app, reception)
    async with attached(slack, app, transport):
        yield app


async def delivered(slack: LocalSlack, kind: Any, payload: dict[str, Any]) -> Ack:
    """What the local Slack gets for an acknowledgement when it sends *payload*, whatever that is."""
    return await asyncio.to_thread(slack.run, slack._post.send(Delivery(kind, payload)))


async def types_at_once(slack: LocalSlack, count: int, line: str = "help") -> list[dict[str, Any]]:
    """The acks of *count* commands that people send in the same moment."""

    async def all_of_them() -> list[dict[str, Any]]:
        typed = (slack.acts.slash("U0ALICE", "C0OPS", line, 0.0) for _ in range(count))
        return [seen["ack"] for seen in await asyncio.gather(*typed)]

    return await asyncio.to_thread(slack.run, all_of_them())


@dataclass(frozen=True)
class Broken:
    """An inbox with a mistake in it."""

    def put(self, *asked: Asked) -> int:
        raise KeyError(asked[0].key)

    def take(self, limit: int, *, now_us: int) -> list[Asked]:
        return []

    def leave(self, asked: Asked) -> None:
        raise NotImplementedError

    def finish(self, asked: Asked, event: Event, letters: Sequence[Letter], filing: Filing | None = None) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Held:
    """An inbox that writes when *gate* opens; *reached* says that a command came so far."""

    inbox: Inbox
    gate: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def put(self, *asked: Asked) -> int:
        self.reached.set()
        assert self.gate.wait(20)
        return self.inbox.put(*asked)

    def take(self, limit: int, *, now_us: int) -> list[Asked]:
        return self.inbox.take(limit, now_us=now_us)

    def leave(self, asked: Asked) -> None:
        self.inbox.leave(asked)

    def finish(self, asked: Asked, event: Event, letters: Sequence[Letter], filing: Filing | None = None) -> None:
        self.inbox.finish(asked, event, letters, filing)


@dataclass(frozen=True)
class Alice:
    """Everybody is Alice, as soon as *gate* is open."""

    gate: threading.Event | None = None

    def who(self, account: Account) -> Who:
        assert self.gate is None or self.gate.wait(20)
        return Who(account, "alice", "alice", Standing.MEMBER, "en")


def desk_on(engine: Engine, pool: Executor, answered: Callable[[Event], None], directory: Alice | None = None) -> Desk:
    """The real desk, without clusters: help can be had."""
    flow = Workflow({}, with_help(load_actions()), ())
    clerk = reading_clerk(flow, directory or Alice(), now_us)
    return Desk(clerk, SqlInbox(engine, now_us), letters, answered, pool, 32)


def reception_on(inbox: Inbox, threads: ThreadPoolExecutor, **more: Any) -> Reception:
    return Reception(Recorder(inbox, more.pop("wake", lambda: None), threads), now_us, **more)


def config_file(folder: Path, slack: LocalSlack, transport: str = "socket") -> Path:
    """A bot on *slack* with one node that is not there."""
    for name in ("bot_token", "app_token", "signing_secret"):
        (folder / name).write_text(getattr(slack, name))
    path = folder / "config.toml"
    path.write_text(
        f'[slack]\ntransport = "{transport}"\nbase_url = "{slack.url}/api/"\n'
        'bot_token = "file:bot_token"\napp_token = "file:app_token"\nsigning_secret = "file:signing_secret"\n'
        "[http]\nport = 0\n"
        '[clusters.pve-prod]\nnodes = [{ name = "pve01", host = "127.0.0.1", port = 9 }]\n'
    )
    return path


@asynccontextmanager
async def whole_bot(folder: Path, slack: LocalSlack, transport: str = "socket") -> AsyncIterator[None]:
    """All that `serve` starts, in this process."""
    config = load(config_file(folder, slack, transport))
    wiring.upgrade(config)
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    bot = asyncio.create_task(serving.serve(config, port.set_result))
    try:
        async with asyncio.timeout(20):
            http = await port
        if transport == "http":
            await asyncio.to_thread(slack.connect_http, f"http://127.0.0.1:{http}/slack/events")
        yield
    finally:
        bot.cancel()
        await asyncio.gather(bot, return_exceptions=True)
