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
from bot.readiness import Readiness
from bot.slack.app import Reception, listen
from bot.slack.blocks import letters
from bot.slack.clicks import Counter, listen_to_clicks
from bot.slack.client import async_client, new_app, sync_client
from bot.slack.delivery import Delivery
from bot.slack.hanging import Hanging
from bot.slack.people import SlackDirectory
from bot.slack.recorder import Recorder
from bot.slack.socket import Socket
from bot.text import Refused, Text
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
    inbox: store.SqlInbox
    delivery: Delivery
    hanging: Hanging
    slack: Socket | None
    http: uvicorn.Server


async def serve(config: Config, ready: Callable[[int], None], connect: Connect | None = None) -> None:
    """Until SIGINT or SIGTERM. *ready* is told the HTTP port. Raise `Refused` if it cannot listen or record."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with ExitStack() as last:
        listening = last.enter_context(_listening(config))
        engine = last.enter_context(_recording(config))
        clusters = last.enter_context(wiring.clusters(config, connect))
        recorders = last.enter_context(ThreadPoolExecutor(RECORDERS, "recorder"))
        workers = last.enter_context(ThreadPoolExecutor(WORKERS, "worker"))
        settings = wiring.slack_settings(config)
        directory = SlackDirectory(sync_client(settings), settings, now_us)
        office = approving(config, engine, clusters, wiring.workflow(config, clusters), directory)
        office.sweep.by_policy()
        parts = _parts(config, engine, office, workers, recorders)
        office.dispatcher.start()
        last.callback(office.dispatcher.close)
        office.watch.start()
        last.callback(office.watch.close)
        async with _running(parts, listening, stop):
            await _first_of(stop, parts.slack.connected if parts.slack else None)
            if not stop.is_set():
                ready(listening.getsockname()[1])
            await stop.wait()
        await asyncio.to_thread(workers.shutdown)
        await _last_letters(parts.delivery)


@contextmanager
def _recording(config: Config) -> Iterator[Engine]:
    """The database, with the start and the end of this bot in the ledger."""
    engine = store.ready_engine(database_url(config))
    ledger = store.SqlLedger(engine, now_us)
    try:
        with _alone(engine):
            ledger.record(Event(Kind.BOT_STARTED, "bot", detail={"clusters": [*sorted(config.clusters)]}))
            yield engine
            ledger.record(Event(Kind.BOT_STOPPED, "bot"))
    finally:
        engine.dispose()


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """On SQLite: the only bot on this file, and the heir of one that was killed."""
    sole = store.Sole.of(engine)
    if sole is None:
        yield
        return
    with sole.held():
        store.free_claims(engine)
        yield


def _listening(config: Config) -> socket.socket:
    http = config.http
    try:
        return socket.create_server((http.host, http.port))
    except OSError as error:
        raise Refused(NO_PORT.fill(host=http.host, port=http.port, reason=error.strerror)) from None


def _parts(
    config: Config, engine: Engine, office: Approving, workers: ThreadPoolExecutor, recorders: ThreadPoolExecutor
) -> Parts:
    loop, metrics = asyncio.get_running_loop(), Metrics()
    settings = wiring.slack_settings(config)
    client = async_client(settings)
    delivery = Delivery(store.SqlOutbox(engine), client, now_us, office.cards.hung)
    has_glass = config.break_glass is not None
    hanging = Hanging(office.cards, office.docket, client, now_us, settings.language, has_glass, office.language_of)
    inbox = store.SqlInbox(engine, now_us)

    def answered(event: Event) -> None:
        metrics.done(event)
        loop.call_soon_threadsafe(delivery.news.set)
        loop.call_soon_threadsafe(hanging.news.set)
        office.dispatcher.wake()
        loop.call_soon_threadsafe(loop.run_in_executor, recorders, desk.wake)

    desk = Desk(office.clerk, inbox, letters, answered, workers, TAKEN_MAX)
    app = new_app(settings, client)
    reception = Reception(
        Recorder(inbox, desk.wake, recorders), now_us, settings.language, language_of=office.language_of
    )
    listen_to_clicks(Counter(app, reception, office.docket, office.people.who, office.judge))
    listen(app, reception)
    slack = Socket(app, settings.app_token) if config.slack.transport == "socket" and settings.app_token else None
    door = Door(app, Guard(settings.signing_secret, now_us)) if settings.signing_secret else None
    return Parts(desk, inbox, delivery, hanging, slack, _http(metrics, Readiness(inbox, slack), door))


def _http(metrics: Metrics, ready: Readiness, door: Door | None) -> uvicorn.Server:
    metrics.slack_connected.set_function(lambda: ready.is_connected)
    return server(web_app(metrics, ready, door, ready.remark))


@asynccontextmanager
async def _running(parts: Parts, listening: socket.socket, stop: asyncio.Event) -> AsyncIterator[None]:
    """Everything at work; at the end nothing new is taken. A part that fails stops the bot, and its error rises."""
    work: list[Coroutine[Any, Any, None]] = [parts.delivery.run(), parts.hanging.run(), _tick(parts)]
    work += [parts.slack.run()] if parts.slack else []
    tasks = [asyncio.create_task(one) for one in work]
    serving = asyncio.create_task(parts.http.serve(sockets=[listening]))
    for task in (*tasks, serving):
        task.add_done_callback(lambda _task: stop.set())
    try:
        yield
    finally:
        parts.http.should_exit = True
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(serving, *tasks, return_exceptions=True)
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


async def _tick(parts: Parts) -> None:
    while True:
        with suppress(Refused):  # a database that cannot be read or written now; /readyz says so
            await asyncio.to_thread(parts.inbox.beat, now_us=now_us())
            await asyncio.to_thread(parts.desk.wake)
        await asyncio.sleep(TICK_S)


async def _last_letters(delivery: Delivery) -> None:
    """Those of the commands that were just finished; what Slack does not take in time waits in the outbox."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_LETTERS_S):
            await delivery.send_due()


NO_PORT = Text(
    en="http.host and http.port: cannot listen on {host}, port {port} ({reason}). "
    "Stop what listens there (ss -ltnp), or change them",
    fr="http.host et http.port : impossible d'écouter sur {host}, port {port} ({reason}). "
    "Arrêtez ce qui y écoute (ss -ltnp), ou changez-les",
)
