"""A request in the database, and votes on it."""

from __future__ import annotations

from sqlalchemy import Engine, text

from bot.docket import Edit
from bot.message import Letter
from bot.people import Who
from bot.request import Move, Moved, Progress, Request, StepRun, Verdict, Vote
from bot.store import SqlDocket
from bot.store.docket import file
from bot.store.engine import writing
from bot.store.guards import request_guards
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


def spoilt(engine: Engine, id_: str, **columns: str) -> None:
    """Somebody who can write to the database, guards and checks switched off meanwhile, writes that."""
    is_sqlite = engine.dialect.name == "sqlite"
    guards = [one.create[0] for one in request_guards("sqlite") if one.name == "request_update"]
    off, on = ["DROP TRIGGER request_update", "PRAGMA ignore_check_constraints = ON"], guards
    if not is_sqlite:
        off = [
            "ALTER TABLE request DISABLE TRIGGER USER",
            "ALTER TABLE request DROP CONSTRAINT IF EXISTS ck_request_state",
        ]
        created = [statement for one in request_guards("postgresql") for statement in one.create]
        on = [statement for statement in created if statement.startswith("ALTER TABLE request ENABLE ALWAYS")]
    with engine.connect() as connection, connection.begin():
        for statement in off:
            connection.exec_driver_sql(statement)
        for name, value in columns.items():
            connection.execute(text(f"UPDATE request SET {name} = :value WHERE id = :id"), {"value": value, "id": id_})
        for statement in on:
            connection.exec_driver_sql(statement)
    if is_sqlite:
        engine.dispose()  # with what that connection was told
