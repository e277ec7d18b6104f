"""A database is at this version, guarded and writable, or the bot does not start; and no error shows a password."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine

from bot.event import Event, Kind
from bot.message import Asked
from bot.people import Account
from bot.store import (
    AtHead,
    Behind,
    Empty,
    NotRecorded,
    SqlInbox,
    SqlLedger,
    Unknown,
    open_engine,
    ready_engine,
    state,
    upgrade,
)
from bot.store.engine import reading, writing
from bot.store.ledger import append
from bot.store.revisions import _config
from bot.store.tables import is_ours, metadata
from bot.text import Refused
from migrations.versions.r0004_jobs import schema
from tests.store.conftest import now_us
from tests.store.postgres import free_port
from tests.store.test_ledger import without_guards


def fail_to_start(url: str) -> str:
    with pytest.raises(NotRecorded) as refused:
        ready_engine(url)
    assert refused.value.text.to("fr") != refused.value.text.to("en")
    return str(refused.value)


def differences(connection: Connection) -> list[Any]:
    """Between the database and the tables as they are described."""
    return list(compare_metadata(MigrationContext.configure(connection, opts={"include_object": is_ours}), metadata))


def test_models_and_head_agree(engine: Engine) -> None:
    with reading(engine) as connection:
        assert differences(connection) == []


def test_an_empty_database_is_brought_to_head_with_its_guards(empty_url: str) -> None:
    assert state(empty_url) == Empty()
    upgrade(empty_url, now_us)
    assert state(empty_url) == AtHead("0004")


def test_a_database_of_the_first_version_keeps_its_rows_and_guards(empty_url: str) -> None:
    engine = open_engine(empty_url)
    old = "INSERT INTO inbox (dedupe_key, asked, at_us, claimed_us) VALUES ('k', '{}', 1, 2)"
    with writing(engine) as connection:
        command.upgrade(_config(connection), "0001")
        connection.exec_driver_sql(old)
        append(connection, Event(Kind.BOT_STARTED, "bot"), 1)
    assert state(empty_url) == Behind("0001")
    assert "db upgrade" in fail_to_start(empty_url)
    upgrade(empty_url, now_us)
    assert state(empty_url) == AtHead("0004")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT dedupe_key, claimed_by FROM inbox").all() == [("k", None)]
        assert differences(connection) == []
    assert SqlLedger(engine, now_us).verify().rows == 1
    engine.dispose()


def test_a_second_upgrade_changes_nothing(ledger: SqlLedger, url: str) -> None:
    upgrade(url, now_us)
    assert ledger.verify().rows == 1


def test_a_database_that_is_not_migrated_is_refused_with_the_command_that_helps(empty_url: str) -> None:
    assert "pve-cluster-bot db upgrade --config F" in fail_to_start(empty_url)
    assert state(empty_url) == Empty()


def test_a_database_without_its_guards_is_refused(url: str, engine: Engine) -> None:
    without_guards(engine)
    assert "audit_event" in fail_to_start(url)


def test_a_guard_that_does_nothing_is_no_guard(url: str, engine: Engine) -> None:
    with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_event_delete")
            connection.exec_driver_sql(
                "CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event BEGIN SELECT 1; END"
            )
        else:
            body = "BEGIN RETURN NEW; END"
            connection.exec_driver_sql(
                f"CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS '{body}'"
            )
    assert "audit_" in fail_to_start(url)


def test_tables_of_a_newer_version_are_left_alone(url: str, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
    assert state(url) == Unknown("later")
    assert "later" in fail_to_start(url)
    with pytest.raises(NotRecorded):
        upgrade(url, now_us)


def test_tables_of_something_else_are_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "bot.db")
    other.execute("CREATE TABLE theirs (a)")
    other.close()
    with pytest.raises(NotRecorded):
        upgrade(f"sqlite:///{tmp_path}/bot.db", now_us)


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/bot.db", now_us)
    assert stat.S_IMODE((tmp_path / "bot.db").stat().st_mode) == 0o600


def test_a_read_only_database_is_refused_at_the_start(url: str, tmp_path: Path, engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        assert "cannot be written" in fail_to_start(f"sqlite:///file:{tmp_path}/bot.db?mode=ro&uri=true")
        return
    with engine.connect() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        connection.commit()
    assert "cannot be written" in fail_to_start(url)


def test_on_a_full_disk_nothing_is_recorded_in_part(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    upgrade(url, now_us)
    engine = open_engine(url)
    ledger = SqlLedger(engine, now_us)
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(NotRecorded, match="no room left"):
        ledger.record(Event(Kind.BOT_STARTED, "bot", detail={"line": "x" * 100_000}))
    with pytest.raises(NotRecorded, match="no room left"):
        SqlInbox(engine, now_us).put(Asked("k", "x" * 100_000, Account("T1", "U1"), "slack", 7))
    assert ledger.verify().rows == 1
    engine.dispose()


def test_a_busy_file_is_given_up_in_time_for_slack(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    upgrade(url, now_us)
    engine, other = open_engine(url), sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotRecorded, match="busy"):
        SqlInbox(engine, now_us).put(Asked("k", "x", Account("T1", "U1"), "slack", 7))
    other.close()
    engine.dispose()


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    said = fail_to_start(f"postgresql://bot:sesame@127.0.0.1:{free_port()}/bot")
    assert "does not answer" in said
    assert "127.0.0.1" in said
    assert "sesame" not in said


@pytest.mark.parametrize(
    "url", ["", "sesame", "mysql://bot:sesame@h/x", "sqlite://", "postgresql://bot:sesame@h:port/x"]
)
def test_what_is_no_database_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Refused) as refused:
        open_engine(url)
    assert "sesame" not in str(refused.value)


def test_no_repr_shows_the_password() -> None:
    engine = open_engine("postgresql://bot:sesame@127.0.0.1/bot")
    assert "sesame" not in repr(engine) + repr(SqlLedger(engine, now_us)) + repr(SqlInbox(engine, now_us))


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotRecorded, match="Create its directory"):
        upgrade(f"sqlite:///{tmp_path}/none/bot.db", now_us)


def test_the_tables_of_procrastinate_are_those_of_the_release_that_is_installed() -> None:
    """A release that changes them needs a revision of ours."""
    assert schema() == SchemaManager.get_schema()
