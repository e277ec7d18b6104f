"""Who can write to the database, triggers dropped, still gets nothing run that the ledger does not confirm."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert, text

from bot.docket import Edit
from bot.people import Account
from bot.plan import hash_of
from bot.provenance import broken
from bot.request import Verdict, Vote
from bot.store import SqlDocket
from bot.store.engine import writing
from bot.store.request_rows import vote_row
from bot.store.tables import request_vote
from tests.asking import plan
from tests.store.conftest import now_us
from tests.store.filed import filed


@pytest.fixture
def docket(engine: Engine) -> SqlDocket:
    return SqlDocket(engine, now_us)


def unguarded(engine: Engine, statement: str, **values: object) -> None:
    drop = (
        "DROP TRIGGER request_update"
        if engine.dialect.name == "sqlite"
        else "ALTER TABLE request DISABLE TRIGGER request_bytes"
    )
    with writing(engine) as connection:
        connection.exec_driver_sql(drop)
        connection.execute(text(statement), values)


def test_an_untouched_request_is_sound(engine: Engine, docket: SqlDocket) -> None:
    filed(engine, "r1")
    request = docket.get("r1")
    assert request is not None
    assert broken(request, docket.story("r1")) is None


def test_a_plan_changed_behind_the_triggers_is_noticed(engine: Engine, docket: SqlDocket) -> None:
    filed(engine, "r1")
    other = plan(steps=3).text
    unguarded(engine, "UPDATE request SET plan_text = :p, plan_hash = :h WHERE id = 'r1'", p=other, h=hash_of(other))
    request = docket.get("r1")
    assert request is not None
    assert broken(request, docket.story("r1")) is not None


def test_a_state_set_by_hand_brings_no_vote(engine: Engine, docket: SqlDocket) -> None:
    filed(engine, "r1")
    unguarded(engine, "UPDATE request SET state = 'approved' WHERE id = 'r1'")
    known = docket.get("r1")
    assert known is not None
    forged = Vote(Verdict.APPROVE, Account("T1", "UBOB"), "bob", "bob", known.plan_hash, 1, "button")
    with writing(engine) as connection:
        connection.execute(insert(request_vote).values(vote_row("r1", forged)))
    request = docket.change("r1", lambda _now, _at_us: Edit())
    assert "bob" in str(broken(request, docket.story("r1")))
