"""What was shown stays as it was shown, and a vote as it was cast: the database itself sees to that."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import Engine

from bot.docket import Edit
from bot.store import AtHead, Behind, NotRecorded, SqlDocket, open_engine, state, upgrade
from bot.store.engine import reading, writing
from bot.store.guards import guards_missing, request_guards
from bot.store.revisions import _config
from tests.store.conftest import now_us
from tests.store.filed import filed, vote
from tests.store.test_ledger import run

BYTES = ("cluster", "requester", "person", "name", "plan_text", "plan_hash", "demand", "reason", "ticket")
TIMES = ("created_us", "approve_by_us")
VOTED = ("person", "verdict", "account", "name", "plan_hash", "via", "typed", "statement", "groups")
ATTACKS = {
    **{f"another {name}": f"UPDATE request SET {name} = 'x'" for name in (*BYTES, "id")},
    **{f"another {name}": f"UPDATE request SET {name} = 1" for name in TIMES},
    "a request deleted": "DELETE FROM request",
    **{f"a vote's {name}": f"UPDATE request_vote SET {name} = 'x'" for name in VOTED},
    "a vote's time": "UPDATE request_vote SET at_us = 1",
    "a vote's number": "UPDATE request_vote SET number = 9",
    "a vote deleted": "DELETE FROM request_vote",
}
ON_SQLITE = {
    "a vote replaced": "INSERT OR REPLACE INTO request_vote SELECT * FROM request_vote",
    "a request replaced": "INSERT OR REPLACE INTO request SELECT * FROM request",
}
ON_POSTGRES = {
    "votes truncated": "TRUNCATE request_vote",
    "requests truncated": "TRUNCATE request CASCADE",
    "an update as a replica": "SET session_replication_role = replica; UPDATE request SET plan_text = 'x'",
    "a vote deleted as a replica": "SET session_replication_role = replica; DELETE FROM request_vote",
}


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_the_database_refuses_every_change_of_what_was_shown_or_said(engine: Engine, recursive: str) -> None:
    own = ON_SQLITE if engine.dialect.name == "sqlite" else ON_POSTGRES
    docket, new = SqlDocket(engine, now_us), filed(engine)
    before = docket.change(new.id, lambda _now, _at_us: Edit(vote=vote(new)))
    pragma = f"PRAGMA recursive_triggers={recursive}"
    attacks = (ATTACKS | own).items()
    assert [name for name, attack in attacks if not is_refused(engine, pragma, *attack.split("; "))] == []
    assert docket.get(new.id) == before


def is_refused(engine: Engine, *statements: str) -> bool:
    try:
        run(engine, *statements)
    except NotRecorded as refused:
        return any(words in str(refused) for words in ("append-only", "permanent", "stays as it was"))
    return False


def test_all_else_of_a_request_may_change(engine: Engine) -> None:
    filed(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE request SET channel = 'C2', version = 9, reminded = 2, owner = 'me'")


@pytest.mark.parametrize("guard", [0, 1, 2, 3])
def test_a_guard_that_is_gone_is_missed(engine: Engine, guard: int) -> None:
    dialect = engine.dialect.name
    triggers = [one.name for one in request_guards(dialect) if "TRIGGER" in one.create[0]]
    name = triggers[guard % len(triggers)]
    with writing(engine) as connection:
        table = "request_vote" if "vote" in name else "request"
        connection.exec_driver_sql(f"DROP TRIGGER {name}" + ("" if dialect == "sqlite" else f" ON {table}"))
    with reading(engine) as connection:
        assert guards_missing(connection) == [name]


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_from_every_earlier_version_the_guards_come_with_the_tables(empty_url: str, revision: str) -> None:
    engine = open_engine(empty_url)
    with writing(engine) as connection:
        command.upgrade(_config(connection), revision)
    assert state(empty_url) == Behind(revision)
    upgrade(empty_url, now_us)
    assert state(empty_url) == AtHead("0004")
    filed(engine)
    with pytest.raises(NotRecorded, match="stays as it was"), writing(engine) as connection:
        connection.exec_driver_sql("UPDATE request SET plan_text = 'x'")
    engine.dispose()
