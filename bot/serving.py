"""One running bot: what `serve` starts, and how it ends."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from sqlalchemy import Engine

from bot import store, wiring
from bot.approving import Approving, approving
from bot.config import Config, database_url
from bot.desk import Desk
from bot.event import Event, Kind
from bot.slack.app import Reception, listen
from bot.slack.blocks import letters
from bot.slack.clicks import Counter, listen_to_clicks
from bot.slack.client import async_client, new_app, sync_client
from bot.slack.delivery import Delivery
from bot.slack.hanging import Hanging
from bot.slack.people import SlackDirectory
from bot.slack.recorder import Recorder
from bot.slack.socket import Socket
from bot.text import Refused
from bot.web.app import Door, server, web_app
from bot.web.guard import Guard
from bot.web.metrics import Metrics
from bot.wiring import Connect, now_us

WORKERS = 16
TAKEN_MAX = 2 * WORKERS  # so that a worker that is done finds the next command at once
RECORDERS = 8
TICK_S = 2.0  # for what another process left behind
LAST_LETTERS_S = 3.0


@dataclass(frozen=True)
class Parts:
    """What runs, put together."""

    desk: Desk
    delivery: Delivery
    hanging: Hanging
    slack: Socket | None
    http: uvicorn.Server
    listening: socket.socket


async def serve(config: Config, ready: Callable[[int], None], connect: Connect | None = None) -> None:
    """Until SIGINT or SIGTERM. *ready* is told the HTTP port. Raise `Refused` if the database cannot record."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with _recording(config) as engine, wiring.clusters(config, connect) as clusters, ExitStack() as last:
        recorders = last.enter_context(ThreadPoolExecutor(RECORDERS, "recorder"))
        workers = last.enter_context(ThreadPoolExecutor(WORKERS, "worker"))
        office = approving(config, engine, clusters, wiring.workflow(config, clusters), _directory(config))
        office.sweep.by_policy()
        parts = _parts(config, engine, office, workers, recorders)
        office.dispatcher.start()
        last.callback(office.dispatcher.close)
        async with _running(parts, stop):
            await _first_of(stop, parts.slack.connected if parts.slack else None)
            if not stop.is_set():
                ready(parts.listening.getsockname()[1])
            await stop.wait()
        await asyncio.to_thread(workers.shutdown)
        await _last_letters(parts.delivery)


@contextmanager
def _recording(config: Config) -> Iterator[Engine]:
    """The database, with the start and the end of this bot in the ledger."""
    engine = store.ready_engine(database_url(config))
    ledger = store.SqlLedger(engine, now_us)
    try:
        ledger.record(Event(Kind.BOT_STARTED, "bot", detail={"clusters": [*sorted(config.clusters)]}))
        yield engine
        ledger.record(Event(Kind.BOT_STOPPED, "bot"))
    finally:
        engine.dispose()


def _directory(config: Config) -> SlackDirectory:
    settings = wiring.slack_settings(config)
    return SlackDirectory(sync_client(settings), settings, now_us)


def _parts(
    config: Config, engine: Engine, office: Approving, workers: ThreadPoolExecutor, recorders: ThreadPoolExecutor
) -> Parts:
    loop, metrics = asyncio.get_running_loop(), Metrics()
    settings = wiring.slack_settings(config)
    client = async_client(settings)
    delivery = Delivery(store.SqlOutbox(engine), client, now_us, office.cards.hung)
    has_glass = config.break_glass is not None
    hanging = Hanging(office.cards, office.docket, client, now_us, settings.language, has_glass)
    inbox = store.SqlInbox(engine, now_us)

    def answered(event: Event) -> None:
        metrics.done(event)
        loop.call_soon_threadsafe(delivery.news.set)
        loop.call_soon_threadsafe(hanging.news.set)
        office.dispatcher.wake()
        loop.call_soon_threadsafe(loop.run_in_executor, recorders, desk.wake)

    desk = Desk(office.clerk, inbox, letters, answered, workers, TAKEN_MAX)
    app = new_app(settings, client)
    recorder = Recorder(inbox, desk.wake, recorders)
    reception = Reception(recorder, now_us, settings.language, settings.command)
    listen_to_clicks(Counter(app, reception, office.docket, office.language_of))
    listen(app, reception)
    slack = Socket(app, settings.app_token) if config.slack.transport == "socket" and settings.app_token else None
    unready = _unready(store.SqlLedger(engine, now_us), slack, metrics)
    secret = settings.signing_secret
    web = web_app(metrics, unready, Door(app, Guard(secret, now_us)) if secret else None)
    listening = socket.create_server((config.http.host, config.http.port))
    return Parts(desk, delivery, hanging, slack, server(web), listening)


def _unready(ledger: store.SqlLedger, slack: Socket | None, metrics: Metrics) -> Callable[[], str | None]:
    def unready() -> str | None:
        try:
            ledger.page(limit=1)
        except Refused as refused:
            return str(refused)
        metrics.slack_connected.set(1 if slack is None or slack.is_alive else 0)
        return None if slack is None or slack.is_alive else "Slack is not connected"

    return unready


@asynccontextmanager
async def _running(parts: Parts, stop: asyncio.Event) -> AsyncIterator[None]:
    """Everything at work; at the end nothing new is taken. A part that fails stops the bot, and its error rises."""
    work: list[Coroutine[Any, Any, None]] = [parts.delivery.run(), parts.hanging.run(), _tick(parts.desk)]
    work += [parts.slack.run()] if parts.slack else []
    tasks = [asyncio.create_task(one) for one in work]
    serving = asyncio.create_task(parts.http.serve(sockets=[parts.listening]))
    for task in (*tasks, serving):
        task.add_done_callback(lambda _task: stop.set())
    try:
        yield
    finally:
        parts.http.should_exit = True
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(serving, *tasks, return_exceptions=True)
        parts.listening.close()
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def _first_of(stop: asyncio.Event, connected: asyncio.Event | None) -> None:
    """Slack may be long in coming; a signal must not wait for it."""
    waits = [asyncio.create_task(one.wait()) for one in (stop, connected) if one is not None]
    if connected is not None:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for one in waits:
        one.cancel()


async def _tick(desk: Desk) -> None:
    while True:
        with suppress(Refused):  # a database that cannot be read now; /readyz says so
            await asyncio.to_thread(desk.wake)
        await asyncio.sleep(TICK_S)


async def _last_letters(delivery: Delivery) -> None:
    """Those of the commands that were just finished; what Slack does not take in time waits in the outbox."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_LETTERS_S):
            await delivery.send_due()
