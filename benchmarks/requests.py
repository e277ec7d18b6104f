"""What 10,000 requests in the database cost those who change one, find some, or look for what is due."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from statistics import median

from sqlalchemy import insert

from benchmarks.figure import Figure
from bot import store, timers
from bot.action import Risk, Step
from bot.demand import ANYONE, Demand, Slot
from bot.docket import Edit
from bot.names import NodeName
from bot.people import Account
from bot.plan import Plan, hash_of
from bot.request import Request, State, StepRun
from bot.store.engine import writing
from bot.store.request_rows import request_row, step_row
from bot.store.tables import request, request_step
from bot.text import same
from bot.wiring import now_us

FEW, MANY, ROUNDS = 20, 10_000, 150
HOUR_US = 3_600_000_000
PVE01 = NodeName("pve01")
STEP = Step(PVE01, same("expect 1"), ("pvecm", "expected", "1"), "true\n")
PLAN = Plan("prod", "expected 1", "expected", "set", Risk.DESTRUCTIVE, same("expect 1"), (STEP,), same("expect 5"), {})
TEXT = PLAN.text


def run() -> list[Figure]:
    with _filled(FEW) as few, _filled(MANY) as many:
        return [_compared(name, few, many) for name in _WORK]


@contextmanager
def _filled(count: int) -> Iterator[store.SqlDocket]:
    """Ten of them are open, and what waits for approval is not due yet."""
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{name}/bot.db"
        store.upgrade(url, now_us)
        engine = store.ready_engine(url)
        made = [_request(number) for number in range(count)]
        with writing(engine) as connection:
            rows = [{**request_row(one), "timer_us": timers.next_us(one)} for one in made]
            connection.execute(insert(request), rows)
            connection.execute(insert(request_step), [step_row(one.id, step) for one in made for step in one.steps])
        yield store.SqlDocket(engine, now_us)
        engine.dispose()


def _request(number: int) -> Request:
    at_us = now_us()
    asked = Request(
        id=f"r{number}",
        state=State.PENDING,
        version=1,
        cluster="prod",
        requester=Account("T1", "U1"),
        person=f"p{number % 40}",
        name="alice",
        channel="C1",
        plan_text=TEXT,
        plan_hash=hash_of(TEXT),
        demand=Demand((Slot(ANYONE),)),
        created_us=at_us + number,
        approve_by_us=at_us + 4 * HOUR_US,
        steps=(StepRun(0),),
    )
    return asked if number < 10 else replace(asked, state=State.SUCCEEDED, ended_us=at_us)


def _change(docket: store.SqlDocket) -> None:
    docket.change("r5", lambda now, _at_us: Edit(fields={"owner": f"{now.version}"}))


def _due(docket: store.SqlDocket) -> None:
    docket.due(now_us())


def _find(docket: store.SqlDocket) -> None:
    docket.find([State.PENDING, State.APPROVED, State.RUNNING])


def _mine(docket: store.SqlDocket) -> None:
    docket.find(list(State), person="p1", limit=1)


def _newest(docket: store.SqlDocket) -> None:
    docket.find(list(State), limit=10)


def _line(docket: store.SqlDocket) -> None:
    docket.line()


_WORK: dict[str, Callable[[store.SqlDocket], None]] = {
    "change": _change,
    "due": _due,
    "find open": _find,
    "find one's own": _mine,
    "find the newest": _newest,
    "line": _line,
}


def _compared(name: str, few: store.SqlDocket, many: store.SqlDocket) -> Figure:
    """In turns, so that whatever else the machine does is in both."""
    work = _WORK[name]
    pairs = [(_timed(work, few), _timed(work, many)) for _ in range(ROUNDS)]
    little, much = (median(times) for times in zip(*pairs, strict=True))
    note = f"{little * 1000:.2f} ms with {FEW}, {much * 1000:.2f} ms with {MANY}"
    return Figure(f"requests: {name} with {MANY} of them, against {FEW}", much / little, "x", 1.2, note)


def _timed(work: Callable[[store.SqlDocket], None], docket: store.SqlDocket) -> float:
    begun = time.perf_counter()
    work(docket)
    return time.perf_counter() - begun
