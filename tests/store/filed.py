"""A request in the database, and votes on it."""

from __future__ import annotations

from sqlalchemy import Engine

from bot.docket import Edit
from bot.message import Letter
from bot.people import Who
from bot.request import Move, Moved, Progress, Request, StepRun, Verdict, Vote
from bot.store import SqlDocket
from bot.store.docket import file
from bot.store.engine import writing
from tests.asking import BOB, NOON_US, plan, request
from tests.store.conftest import now_us

APPROVED = {"approved_us": 5, "not_before_us": 5, "execute_by_us": 1 << 52}


def filed(
    engine: Engine, id_: str = "abc-1", *, cluster: str = "pve-prod", steps: int = 2, **fields: object
) -> Request:
    new = request(made=plan(steps=steps), **{"id": id_, "cluster": cluster, **fields})  # type: ignore[arg-type]  # by name
    with writing(engine) as connection:
        file(connection, new, ("C1",), now_us())
    return new


def vote(of: Request, who: Who = BOB, verdict: Verdict = Verdict.APPROVE, number: int = 0) -> Vote:
    cast = (verdict, who.account, who.person, who.name, of.plan_hash, NOON_US, "button", "pve-prod", "seen")
    return Vote(*cast, number=number)


def letter(to: str = "C1") -> Letter:
    return Letter("message", to, {"text": "told"}, 7)


def everything(of: Request) -> Edit:
    """All that one change can write."""
    begun = StepRun(0, Progress.STARTED, 1, "boot-1", started_us=7)
    move = Moved(Move.APPROVE, fields=APPROVED)
    return Edit("T1/UBOB", move, {"owner": "me"}, vote(of), begun, letters=(letter(),), places=("UBOB",))


def moved(docket: SqlDocket, id_: str, *moves: Move) -> Request:
    for move in moves:
        fields = APPROVED if move is Move.APPROVE else {}
        docket.change(id_, lambda _now, _at_us, move=move, fields=fields: Edit(moved=Moved(move, fields=fields)))  # type: ignore[misc]  # bound in the loop
    found = docket.get(id_)
    assert found is not None
    return found
