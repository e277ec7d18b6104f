"""How soon a command or a click is acknowledged with 50 in flight, against a Bolt listener that does nothing but that."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

import aiohttp
from slack_bolt.async_app import AsyncAck, AsyncApp
from sqlalchemy import Engine

from benchmarks.figure import Figure
from bot import store
from bot.actions import load_actions
from bot.demand import Demand
from bot.demo.slack.http_transport import FORM, signed
from bot.desk import Clerk, Desk
from bot.event import Event
from bot.help import with_help
from bot.judge import Judge
from bot.names import Secret
from bot.people import Account, Standing, Who
from bot.serving import RECORDERS, TAKEN_MAX, WORKERS
from bot.slack.app import Reception, listen
from bot.slack.blocks import letters
from bot.slack.clicks import Counter, listen_to_clicks
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

    def who_now(self, account: Account) -> Who:
        return self.who(account)

    def require_ours_now(self, channel: str) -> None:
        """Every channel is."""

    def of(self, _demand: Demand, _channel: str) -> Sequence[Who]:
        return ()


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as last:
        url = f"sqlite:///{name}/bot.db"
        store.upgrade(url, now_us)
        engine = store.ready_engine(url)
        last.callback(engine.dispose)
        pools = [last.enter_context(ThreadPoolExecutor(size)) for size in (WORKERS, RECORDERS)]
        ours, empty, clicks = asyncio.run(_all(_recording(engine, *pools), _empty()))
        fsync_ms = _fsync_ms(Path(name))
    note = f"p50 {_p(ours, 50):.0f} ms against {_p(empty, 50):.0f}, p99 against {_p(empty, 99):.0f}; fsync {fsync_ms:.1f} ms"
    return [
        Figure(f"ack of a command, {IN_FLIGHT} in flight: p99", _p(ours, 99), "ms", 300, note),
        Figure("the same against an empty Bolt listener: p99", _p(ours, 99) / _p(empty, 99), "x", 3),
        Figure(
            f"ack of a click, {IN_FLIGHT} in flight: p99", _p(clicks, 99), "ms", 300, f"p50 {_p(clicks, 50):.0f} ms"
        ),
    ]


def _clerk(engine: Engine) -> tuple[Clerk, store.SqlDocket]:
    docket = store.SqlDocket(engine, now_us)
    flow = Workflow({}, with_help(load_actions()), ())
    record, alarm = store.SqlLedger(engine, now_us).record, lambda _request, _said: ()
    judge = Judge(docket, Somebody(), record, alarm, rules=flow, channels=Somebody())
    return Clerk(flow, Somebody(), Somebody(), judge, now_us, lambda: "unused"), docket


def _recording(engine: Engine, workers: ThreadPoolExecutor, recorders: ThreadPoolExecutor) -> AsyncApp:
    """As `serve` puts it together: the commands are also done, and the clicks decided, meanwhile."""
    inbox = store.SqlInbox(engine, now_us)
    clerk, docket = _clerk(engine)

    def answered(_event: Event) -> None:
        recorders.submit(desk.wake)

    desk = Desk(clerk, inbox, letters, answered, workers, TAKEN_MAX)
    app = new_app(SETTINGS, async_client(SETTINGS))
    reception = Reception(Recorder(inbox, desk.wake, recorders), now_us)
    listen_to_clicks(Counter(app, reception, docket, Somebody().who, clerk.judge))
    listen(app, reception)
    return app


def _empty() -> AsyncApp:
    app = new_app(SETTINGS, async_client(SETTINGS))

    @app.command("/pve-cluster")
    async def typed(ack: AsyncAck) -> None:
        await ack()

    return app


async def _all(recording: AsyncApp, empty: AsyncApp) -> tuple[list[float], list[float], list[float]]:
    """In turns, so that what else the machine does falls on all."""
    commands: list[float] = []
    nothing: list[float] = []
    clicks: list[float] = []
    async with _serving(recording) as ours, _serving(empty) as theirs, _connections() as web:
        for url in (ours, theirs):
            await _acks(web, url, IN_FLIGHT, _command)
        for _ in range(ROUNDS):
            nothing += await _acks(web, theirs, COMMANDS, _command)
            commands += await _acks(web, ours, COMMANDS, _command)
            clicks += await _acks(web, ours, COMMANDS, _click)
    return commands, nothing, clicks


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


async def _acks(web: aiohttp.ClientSession, url: str, commands: int, body: Callable[[int], str]) -> list[float]:
    """The milliseconds of each, when the next is sent as soon as one of those in flight is acknowledged."""
    todo = iter(range(commands))

    async def one_after_the_other() -> list[float]:
        return [await _ack(web, url, body(next(numbers)).encode()) for _ in todo]

    times = await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))
    return [time_ms for some in times for time_ms in some]


def _command(number: int) -> str:
    answer_to = f"http://127.0.0.1:9/response/{number}"
    return urlencode({**SLASH, "trigger_id": f"bench.{number}", "response_url": answer_to})


def _click(number: int) -> str:
    """Approve, on a request that there is not: looked up, refused and recorded like any other."""
    action = {"type": "button", "action_id": "approve", "block_id": "b", "value": "req1 0", "action_ts": f"{number}.1"}
    place = {"type": "message", "message_ts": "1.1", "channel_id": "C1"}
    who = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "channel": {"id": "C1"}, "container": place}
    return urlencode({"payload": json.dumps({"type": "block_actions", **who, "actions": [action]})})


async def _ack(web: aiohttp.ClientSession, url: str, body: bytes) -> float:
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
