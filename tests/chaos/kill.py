"""A bot is killed at a point between the click and the report; the next one brings the request to its end."""

from __future__ import annotations

import signal
from pathlib import Path

from bot.event import Kind
from bot.request import KINDS, Progress, Request, State, Verdict
from bot.store import SqlLedger
from bot.wiring import now_us
from tests.chaos.points import NEVER_STARTED, Point, dies_at
from tests.dispatch.nodes import Habits
from tests.dispatch.office import Office, office

HABITS = Habits(lasts_s=(0.02, 0.1), delay_s=0.01)


def killed_at(point: Point, folder: Path, url: str) -> None:
    """Fail unless everything ran exactly once, and all of it was told."""
    with office(folder, url, ("a",), HABITS) as one:
        id_ = one.asked()
        one.clicks(id_)
        first = one.starts(dies_at, point)
        assert first.ends() == -signal.SIGKILL, "it was not killed: there is no such point"
        one.forgets(first)
        one.starts()
        request = one.ends(id_)
        one.answers()
        _ran_once(one, request, point)
        _is_told(one, request)


def _ran_once(one: Office, request: Request, point: Point) -> None:
    tickets = [f"{request.id}-{step.number}" for step in request.steps][: NEVER_STARTED.get(point, len(request.steps))]
    assert one.task.nodes("a").sent() == tickets
    assert sorted(one.task.nodes("a").runs()) == tickets
    assert request.state is (State.ABORTED if point in NEVER_STARTED else State.SUCCEEDED), request.why
    assert len(request.said(Verdict.APPROVE)) == 1


def _is_told(one: Office, request: Request) -> None:
    ledger = SqlLedger(one.engine, now_us)
    kinds = [row.kind for row in ledger.page(limit=100) if row.request_id == request.id]
    for kind in (Kind.REQUEST_CREATED, Kind.VOTE_RECORDED, Kind.REQUEST_APPROVED, KINDS[request.state]):
        assert kinds.count(kind) == 1, kinds
    begun = sum(step.progress is not Progress.TODO for step in request.steps)
    assert kinds.count(Kind.RUN_STARTED) == kinds.count(Kind.RUN_FINISHED) == begun, kinds
    assert ledger.verify().is_whole
