"""How soon a slash command is acknowledged with 50 in flight, against a Bolt listener that does nothing but that."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

import aiohttp
from slack_bolt.async_app import AsyncAck, AsyncApp

from benchmarks.figure import Figure
from bot import store
from bot.actions import load_actions
from bot.demo.slack.http_transport import FORM, signed
from bot.desk import Clerk, Desk
from bot.event import Event
from bot.help import with_help
from bot.names import Secret
from bot.people import Account, Standing, Who
from bot.serving import RECORDERS, TAKEN_MAX, WORKERS
from bot.slack.app import Reception, listen
from bot.slack.blocks import letters
from bot.slack.client import async_client, new_app
from bot.slack.recorder import Recorder
from bot.slack.settings import SlackSettings
from bot.web.app import Door, server, web_app
from bot.web.guard import Guard
from bot.web.metrics import Metrics
from bot.wiring import now_us
from bot.workflow import Workflow

IN_FLIGHT, COMMANDS, ROUNDS = 50, 500, 3
SECRET = "bench"
SETTINGS = SlackSettings(Secret("xoxb-bench"), signing_secret=Secret(SECRET), base_url="http://127.0.0.1:9/api/")
SLASH = {"command": "/pve-cluster", "text": "help", "team_id": "T1", "user_id": "U1", "channel_id": "C1"}
numbers = count()


class Somebody:
    """Everybody is a full member: Slack is not asked."""

    def who(self, account: Account) -> Who:
        return Who(account, "alice", "alice", Standing.MEMBER, "en")


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as last:
        url = f"sqlite:///{name}/bot.db"
        store.upgrade(url, now_us)
        engine = store.ready_engine(url)
        last.callback(engine.dispose)
        pools = [last.enter_context(ThreadPoolExecutor(size)) for size in (WORKERS, RECORDERS)]
        ours, empty = asyncio.run(_both(_recording(store.SqlInbox(engine, now_us), *pools), _empty()))
        fsync_ms = _fsync_ms(Path(name))
    note = f"p50 {_p(ours, 50):.0f} ms against {_p(empty, 50):.0f}, p99 against {_p(empty, 99):.0f}; fsync {fsync_ms:.1f} ms"
    return [
        Figure(f"ack of a command, {IN_FLIGHT} in flight: p99", _p(ours, 99), "ms", 300, note),
        Figure("the same against an empty Bolt listener: p99", _p(ours, 99) / _p(empty, 99), "x", 3),
    ]


def _recording(inbox: store.SqlInbox, workers: ThreadPoolExecutor, recorders: ThreadPoolExecutor) -> AsyncApp:
    """As `serve` puts it together: the commands are also done, meanwhile."""
    clerk = Clerk(Workflow({}, with_help(load_actions()), ()), Somebody(), now_us)

    def answered(_event: Event) -> None:
        recorders.submit(desk.wake)

    desk = Desk(clerk, inbox, letters, answered, workers, TAKEN_MAX)
    app = new_app(SETTINGS, async_client(SETTINGS))
    listen(app, Reception(Recorder(inbox, desk.wake, recorders), now_us))
    return app


def _empty() -> AsyncApp:
    app = new_app(SETTINGS, async_client(SETTINGS))

    @app.command("/pve-cluster")
    async def typed(ack: AsyncAck) -> None:
        await ack()

    return app


async def _both(recording: AsyncApp, empty: AsyncApp) -> tuple[list[float], list[float]]:
    """In turns, so that what else the machine does falls on both."""
    times: dict[AsyncApp, list[float]] = {recording: [], empty: []}
    async with _serving(recording) as ours, _serving(empty) as theirs, _connections() as web:
        for url in (ours, theirs):
            await _acks(web, url, IN_FLIGHT)
        for _ in range(ROUNDS):
            times[empty] += await _acks(web, theirs, COMMANDS)
            times[recording] += await _acks(web, ours, COMMANDS)
    return times[recording], times[empty]


def _connections() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


@asynccontextmanager
async def _serving(app: AsyncApp) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        http = server(web_app(Metrics(), lambda: None, Door(app, Guard(Secret(SECRET), now_us))))
        task = asyncio.create_task(http.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
        http.should_exit = True
        await task


async def _acks(web: aiohttp.ClientSession, url: str, commands: int) -> list[float]:
    """The milliseconds of each, when the next is sent as soon as one of those in flight is acknowledged."""
    todo = iter(range(commands))

    async def one_after_the_other() -> list[float]:
        return [await _ack(web, url) for _ in todo]

    times = await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))
    return [time_ms for some in times for time_ms in some]


async def _ack(web: aiohttp.ClientSession, url: str) -> float:
    number = next(numbers)
    answer_to = f"http://127.0.0.1:9/response/{number}"
    body = urlencode({**SLASH, "trigger_id": f"bench.{number}", "response_url": answer_to}).encode()
    headers = signed(body, SECRET, int(time.time())) | {"Content-Type": FORM}
    begun = time.perf_counter()
    async with web.post(url, data=body, headers=headers) as answer:
        said = await answer.read()
    if answer.status != 200 or said:
        raise RuntimeError(f"not acknowledged: {answer.status} {said!r}")
    return (time.perf_counter() - begun) * 1000


def _p(times: Sequence[float], percent: int) -> float:
    return quantiles(times, n=100)[percent - 1]


def _fsync_ms(folder: Path) -> float:
    """What this disk takes to keep one page, of which a recorded command needs one."""
    times = []
    with (folder / "page").open("wb", buffering=0) as file:
        for _ in range(50):
            begun = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    return quantiles(times, n=2)[0] * 1000
