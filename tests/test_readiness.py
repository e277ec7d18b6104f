"""The bot is ready if a command that arrived now would be recorded, not merely if the database can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from bot.readiness import TRIED_EVERY_S, Readiness
from bot.store import SqlInbox, SqlLedger, open_engine
from bot.store.engine import reading
from bot.wiring import now_us


def clock(*seconds: float) -> Callable[[], float]:
    return iter(seconds).__next__


def fill(engine: Engine) -> None:
    with engine.connect() as connection:  # the pool's one connection, which the inbox then has
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def test_it_is_ready_and_leaves_nothing_behind(engine: Engine) -> None:
    ready = Readiness(SqlInbox(engine, now_us), None)
    assert ready() is None
    assert ready.inbox.take(5, now_us=now_us()) == []
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one() == 0


def test_a_database_that_can_only_be_read_is_not_ready(engine: Engine, tmp_path: Path) -> None:
    only_read = open_engine(f"sqlite:///file:{tmp_path}/bot.db?mode=ro&uri=true")
    assert "cannot be written" in str(Readiness(SqlInbox(only_read, now_us), None)())
    only_read.dispose()


def test_a_full_disk_is_not_ready(engine: Engine) -> None:
    fill(engine)
    assert "no room left" in str(Readiness(SqlInbox(engine, now_us), None)())


def test_a_clock_behind_the_ledger_is_ready_and_told(engine: Engine) -> None:
    last_us = SqlLedger(engine, now_us).page()[-1].at_us
    for late_us, remark in ((90_500_000, "The machine's clock is 90 s behind the last event of the ledger"), (9, None)):
        ready = Readiness(SqlInbox(engine, lambda late_us=late_us: last_us - late_us), None)  # type: ignore[misc]  # bound in the loop
        assert (ready(), ready.remark()) == (None, remark)


def test_who_asks_often_does_not_have_the_database_written_as_often(engine: Engine) -> None:
    inbox = SqlInbox(engine, now_us)
    ready = Readiness(inbox, None, clock(0, 0, TRIED_EVERY_S / 2, TRIED_EVERY_S, TRIED_EVERY_S))
    assert ready() is None
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    assert ready() is None
    assert "cannot be written" in str(ready())
