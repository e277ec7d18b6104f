"""Bots that are told to end while their worker is about to begin, on a PostgreSQL which takes its time."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NoReturn

from procrastinate.manager import JobManager
from psycopg import AsyncConnection, OperationalError

from tests.dispatch.worker import Task, main

TAKES_S = 1.0  # longer than it takes to hear the signal


def ends_while_connecting(task: Task, said: Connection) -> None:
    async def connect(*_args: object, **_named: object) -> NoReturn:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(TAKES_S)
        raise OperationalError("it took too long")

    setattr(AsyncConnection, "connect", connect)  # noqa: B010 - in this process alone
    main(task, said)


def ends_while_registering(task: Task, said: Connection) -> None:
    """And just then the answer comes: a cancellation is lost where `asyncio.wait_for` of Python 3.11 gets both."""
    register = JobManager.register_worker

    async def registered(jobs: JobManager) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(TAKES_S)
        return await register(jobs)

    setattr(JobManager, "register_worker", registered)  # noqa: B010 - in this process alone
    main(task, said)
