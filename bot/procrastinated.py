"""Runs approved requests in any of several processes, on PostgreSQL: procrastinate says whose job it is.

It delivers, and finds workers that died; whether a step may be repeated it never decides. A job that is lost is put in
again, one too many does no harm: the request's fence says who runs it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Job, Status
from procrastinate.worker import Worker
from sqlalchemy import Engine

from bot.attempts import Attempts
from bot.pause import Pause
from bot.rounds import Rounds
from bot.store.clock import clock_us
from bot.store.docket import line
from bot.store.engine import connect_arguments, writing
from bot.store.jobs import QUEUE, TASK, Jobs
from bot.turn import runnable

log = structlog.get_logger()
CONNECTIONS = 4


@dataclass
class Procrastinated:
    """*sweep*: what time made due. *pause*: how runs wait; ended when this is closed.

    A worker says every *beat_s* seconds that it lives; one that was silent for *dead_s* is dead.
    """

    engine: Engine
    attempts: Attempts
    sweep: Callable[[], None]
    pause: Pause
    workers: int = 8
    look_s: float = 2.0
    beat_s: float = 10.0
    dead_s: float = 30.0
    leave_s: float = 25.0
    again_s: float = 1.0

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.workers, "runner")
        self._rounds = Rounds((self.sweep, self._reconcile), self.look_s)
        self._thread = threading.Thread(target=self._keep_working, name="worker")
        self._ending = threading.Event()
        self._jobs = Jobs()
        self._stop: Callable[[], object] = lambda: None

    def start(self) -> None:
        self._rounds.start()
        self._thread.start()

    def wake(self) -> None:
        self._rounds.wake()

    def close(self) -> None:
        """Take nothing new. What runs is left to its node: another worker, or who starts next, follows it there."""
        self._ending.set()
        self._rounds.close()
        self.pause.end()
        with suppress(RuntimeError):  # its loop is closed: it ended by itself
            self._stop()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _reconcile(self) -> None:
        """Every process does so: a request that could be run and has no job gets one."""
        with writing(self.engine) as connection:
            live = self._jobs.live(connection)
            now_us = clock_us(connection, self.attempts.now_us)
            for one in runnable(line(connection), now_us, live, self.attempts.resting()):
                self._jobs.put(connection, one.id, one.cluster)

    def _keep_working(self) -> None:
        """A worker ends when PostgreSQL goes away: there is always another."""
        while not self._ending.is_set():
            try:
                asyncio.run(self._work())
                log.info("the worker ends")
            except asyncio.CancelledError:
                log.info("the worker ends before it worked")
            except Exception as error:  # noqa: BLE001 - whatever it is, requests wait to be run
                log.warning("the worker must start again", why=repr(error))
            self._ending.wait(self.again_s)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        self._stop = partial(loop.call_soon_threadsafe, _this_task().cancel)
        if self._ending.is_set():
            return
        async with AsyncExitStack() as last:
            app = self._app()
            # Also one that was still being opened: what connects for psycopg's pool takes no cancelling for an end.
            last.push_async_callback(app.close_async)
            await app.open_async()
            await self._run(app, loop)

    async def _run(self, app: App, loop: asyncio.AbstractEventLoop) -> None:
        """Until it is told to stop, never cancelled: asyncio.wait_for (3.11) loses that when what it waits for comes too."""
        worker = Worker(app, **self._options())
        self._stop = partial(loop.call_soon_threadsafe, worker.stop)
        if self._ending.is_set():
            return
        watch = asyncio.create_task(self._watch(app))
        try:
            await worker.run()  # type: ignore[no-untyped-call]  # procrastinate does not say that it returns nothing
        finally:
            watch.cancel()

    def _app(self) -> App:
        arguments = connect_arguments(self.engine)
        app = App(connector=PsycopgConnector(kwargs=arguments, min_size=1, max_size=CONNECTIONS))

        @app.task(name=TASK, queue=QUEUE)
        async def run(id: str) -> None:  # noqa: A002 - as the job calls it
            await asyncio.get_running_loop().run_in_executor(self._pool, self.attempts.make, id)
            self._rounds.wake()

        return app

    def _options(self) -> dict[str, Any]:
        return {
            "queues": [QUEUE],
            "concurrency": self.workers,
            "install_signal_handlers": False,
            "update_heartbeat_interval": self.beat_s,
            "stalled_worker_timeout": self.dead_s,
            "fetch_job_polling_interval": self.look_s,
            "shutdown_graceful_timeout": self.leave_s,
            "delete_jobs": DeleteJobCondition.ALWAYS,
        }

    async def _watch(self, app: App) -> None:
        """Close the jobs of workers that died; each request that still needs one gets a new one (`_reconcile`).

        Never `retry_job`: it fails where another job of the same request waits, and would do so for ever.
        """
        while True:
            with suppress(ConnectorException):  # asked again soon
                for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self.dead_s):
                    await self._close(app, job)
            await asyncio.sleep(self.look_s)

    async def _close(self, app: App, job: Job) -> None:
        with suppress(ConnectorException):  # another process was faster
            await app.job_manager.finish_job_by_id_async(job.id or 0, Status.FAILED, delete_job=True)
            log.warning("a worker died", request=job.task_kwargs.get("id"))
            self._rounds.wake()


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - called by a coroutine
    return task
