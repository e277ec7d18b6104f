"""A bot that is told to end while its worker still connects to a PostgreSQL which takes its time."""

from __future__ import annotations

import asyncio
import os
import signal
from multiprocessing.connection import Connection
from typing import NoReturn

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
