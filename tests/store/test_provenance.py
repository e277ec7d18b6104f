"""Who can write to the database, triggers dropped, still gets nothing run that the ledger does not confirm."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from bot.docket import Edit
from bot.plan import hash_of
from bot.provenance import broken
from bot.store import SqlDocket
from bot.store.engine import writing
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
    with writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO request_vote SELECT 'r1' AS request_id, 'bob', 'approve', "
                "requester, 'bob', plan_hash, 1, 'button', '', '', '[]' FROM request WHERE id = 'r1'"
            )
        )
    request = docket.change("r1", lambda _now, _at_us: Edit())
    assert "bob" in str(broken(request, docket.story("r1")))
