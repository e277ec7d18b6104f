"""One process of many that all want to run the same requests."""

from __future__ import annotations

import random
from contextlib import ExitStack
from multiprocessing.connection import Connection

from bot.request import State
from bot.store import ready_engine
from bot.text import Refused
from tests.dispatch.worker import Task, office_on


def races(task: Task, said: Connection) -> None:
    """Take what is approved in any order, until nothing is left; no dispatcher keeps two from wanting the same."""
    engine = ready_engine(task.url)
    with ExitStack() as last:
        office = office_on(task, engine, [last.enter_context(task.reached(name)) for name in task.clusters])
    # What is reached there are files: nothing is closed by leaving them.
    said.send("")
    while line := [one for one in office.docket.line() if one.state in {State.APPROVED, State.RUNNING}]:
        approved = [one.id for one in line if one.state is State.APPROVED]
        for id_ in random.sample(approved, len(approved)):
            _tries(office.dispatcher.attempts.run, id_)  # type: ignore[attr-defined]  # of both dispatchers
    engine.dispose()


def _tries(run: object, id_: str) -> None:
    try:
        run(id_)  # type: ignore[operator]  # a function
    except Refused:
        return  # the database is too busy; it is tried again
