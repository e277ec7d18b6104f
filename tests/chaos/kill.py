"""A bot is killed at a point between the click and the report; the next one brings the request to its end."""

from __future__ import annotations

import signal
from pathlib import Path

from sqlalchemy import Engine

from bot.event import Kind
from bot.request import KINDS, Progress, Request, State, Verdict
from bot.store import SqlLedger
from bot.wiring import now_us
from tests.chaos.points import NEVER_STARTED, PORTS, Point, dies_at
from tests.dispatch.nodes import Habits
from tests.dispatch.office import Office, office

HABITS = Habits(lasts_s=(0.02, 0.1), delay_s=0.01)


def killed_at(point: Point, folder: Path, url: str) -> None:
    """On nodes made of files. Fail unless everything ran exactly once, and all of it was told."""
    with office(folder, url, ("a",), HABITS) as one:
        request = brought_home(one, point, PORTS[point.port])
        nodes, tickets = one.task.nodes("a"), [f"{request.id}-{n}" for n in range(expected(request, point))]
        assert nodes.sent() == tickets
        assert sorted(nodes.runs()) == tickets


def brought_home(one: Office, point: Point, owner: type) -> Request:
    """The request, after one bot was killed and the next has ended it."""
    id_ = one.asked()
    one.clicks(id_)
    first = one.starts(dies_at, point, owner)
    assert first.ends() == -signal.SIGKILL, "it was not killed: there is no such point"
    one.forgets(first)
    second = one.starts()
    request = one.ends(id_)
    one.answers()
    second.send(signal.SIGTERM)
    assert second.ends() == 0
    assert request.state is (State.ABORTED if point in NEVER_STARTED else State.SUCCEEDED), request.why
    require_told(one.engine, request)
    return request


def expected(request: Request, point: Point) -> int:
    """How many of its steps ran."""
    return NEVER_STARTED.get(point, len(request.steps))


def require_told(engine: Engine, request: Request) -> None:
    """Fail unless one vote counts, and the ledger has each thing that happened once."""
    assert len(request.said(Verdict.APPROVE)) == 1
    ledger = SqlLedger(engine, now_us)
    kinds = [row.kind for row in ledger.page(limit=100) if row.request_id == request.id]
    for kind in (Kind.REQUEST_CREATED, Kind.VOTE_RECORDED, Kind.REQUEST_APPROVED, KINDS[request.state]):
        assert kinds.count(kind) == 1, kinds
    begun = sum(step.progress is not Progress.TODO for step in request.steps)
    assert kinds.count(Kind.RUN_STARTED) == kinds.count(Kind.RUN_FINISHED) == begun, kinds
    assert ledger.verify().is_whole
