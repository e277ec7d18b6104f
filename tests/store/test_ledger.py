"""The ledger keeps everything, in one line, and finds what was changed behind its back."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from sqlalchemy import Engine, text

from bot.event import GENESIS, Event, Kind, link
from bot.store import NotRecorded, SqlLedger, open_engine
from bot.store.engine import writing

STARTED = Event(Kind.BOT_STARTED, "bot")
ANSWERED = Event(Kind.COMMAND_ANSWERED, "T1/U1", "prod", "status", outcome="good", detail={"line": "é\u202e🎉", "n": 1})
COLUMNS = "chain, seq, event_id, at_us, kind, actor, body, prev_hash, hash"


def appenders(url: str, many: int, each: int) -> list[subprocess.Popen[str]]:
    argv = [sys.executable, "-m", "tests.store.appender", url, str(each)]
    return [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(many)]


def insert(seq: str, prev: str, hash_: str, verb: str = "INSERT") -> str:
    row = f"1, {seq}, 'forged', 9999999999999999, 'bot.started', 'bot', '{{}}', {prev}, '{hash_}'"
    return f"{verb} INTO audit_event ({COLUMNS}) SELECT {row} FROM audit_head"


FORGED = "f" * 64
ATTACKS = {
    "an update": "UPDATE audit_event SET actor = 'nobody'",
    "a delete": "DELETE FROM audit_event WHERE seq = 2",
    "a wrong predecessor": insert("seq + 1", f"'{FORGED}'", FORGED),
    "a gap": insert("seq + 2", "hash", FORGED),
    "a fork": insert("seq", "hash", FORGED),
    "a head that goes back": "UPDATE audit_head SET seq = seq - 1",
    "a head without its row": "UPDATE audit_head SET seq = seq + 1",
    "a head that changes its hash": f"UPDATE audit_head SET hash = '{FORGED}'",
    "a second head": f"INSERT INTO audit_head (chain, seq, hash, at_us) VALUES (2, 0, '{FORGED}', 0)",
    "a head deleted": "DELETE FROM audit_head",
}
ON_SQLITE = {
    "a replaced row": insert("2", "hash", FORGED, "INSERT OR REPLACE"),
    "a replaced head": f"INSERT OR REPLACE INTO audit_head (chain, seq, hash, at_us) VALUES (1, 1, '{FORGED}', 0)",
}
ON_POSTGRES = {
    "a truncate": "TRUNCATE audit_event",
    "a truncated head": "TRUNCATE audit_head",
    "a hash that is not the body's": insert("seq + 1", "hash", FORGED),
    "an update as a replica": "SET session_replication_role = replica; UPDATE audit_event SET actor = 'nobody'",
    "a head of one's own": "CREATE TEMP TABLE audit_head AS SELECT 1 AS chain, 7 AS seq, repeat('0', 64) AS hash, 0 AS at_us; "
    f"INSERT INTO public.audit_event ({COLUMNS}) SELECT 1, 8, 'forged', 9, 'k', 'bot', '{{}}', hash, "
    f"'{link('0' * 64, '{}')}' FROM audit_head",
}


def run(engine: Engine, pragma: str, *statements: str) -> None:
    with writing(engine) as connection:
        for statement in (*((pragma,) if engine.dialect.name == "sqlite" else ()), *statements):
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("attack", [*ATTACKS, *ON_SQLITE, *ON_POSTGRES])
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_the_database_itself_refuses(ledger: SqlLedger, engine: Engine, attack: str, recursive: str) -> None:
    own = ON_SQLITE if engine.dialect.name == "sqlite" else ON_POSTGRES
    if attack not in ATTACKS | own or (recursive == "OFF" and engine.dialect.name != "sqlite"):
        return
    for _ in range(3):
        ledger.record(STARTED)
    with pytest.raises(NotRecorded, match=r"append-only|not the next link|must follow|permanent|not that of the body"):
        run(engine, f"PRAGMA recursive_triggers={recursive}", *(ATTACKS | own)[attack].split("; "))
    assert ledger.verify().rows == 4
    assert ledger.verify().is_whole


def rehashed(body: str) -> str:
    """The hash of a first row that somebody made anew."""
    return link(GENESIS, body)


def without_guards(engine: Engine, *statements: str) -> None:
    """As the owner of the database can, who nobody stops."""
    with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            for name in (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            ):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in ("audit_event", "audit_head"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit_event SET actor = 'nobody' WHERE seq = 3", "columns differ from the body at 3"),
        ("UPDATE audit_event SET body = '{}' WHERE seq = 3", "body altered at 3"),
        ("UPDATE audit_event SET hash = prev_hash WHERE seq = 3", "body altered at 3"),
        (f"UPDATE audit_event SET body = '[3]', hash = '{rehashed('[3]')}' WHERE seq = 1", "body is no event at 1"),
        (f"UPDATE audit_event SET body = '{{', hash = '{rehashed('{')}' WHERE seq = 1", "body is no event at 1"),
        (f"UPDATE audit_event SET prev_hash = '{FORGED}' WHERE seq = 3", "broken link at 3"),
        ("DELETE FROM audit_event WHERE seq = 3", "gap: 3 is missing at 4"),
        ("DELETE FROM audit_event WHERE seq = 5", "the head says 5, the rows end at 4"),
        ("DELETE FROM audit_head", "the head says nothing, the rows end at 5"),
    ],
)
def test_what_the_owner_changed_is_found(ledger: SqlLedger, engine: Engine, statement: str, problem: str) -> None:
    for _ in range(4):
        ledger.record(STARTED)
    without_guards(engine, statement)
    assert ledger.verify().problem == problem


@pytest.mark.parametrize(
    ("statement", "problems"),
    [
        ("UPDATE audit_event SET actor = 'nobody' WHERE seq = 3", {3: "columns differ from the body"}),
        ("UPDATE audit_event SET prev_hash = 'none' WHERE seq = 3", {3: "broken link"}),
        ("UPDATE audit_event SET hash = 'none' WHERE seq = 3", {3: "body altered", 4: "broken link"}),
        (
            "UPDATE audit_event SET hash = 'none'; UPDATE audit_event SET prev_hash = 'none' WHERE seq = 4",
            {
                1: "body altered",
                2: "broken link",
                3: "broken link",
                4: "body altered",
                5: "broken link",
            },
        ),
        ("DELETE FROM audit_event WHERE seq = 3", {4: "gap: 3 is missing"}),
        ("DELETE FROM audit_event WHERE seq < 3", {3: "gap: 2 is missing"}),
    ],
)
def test_one_row_is_held_to_itself_and_to_the_one_before(
    ledger: SqlLedger, engine: Engine, statement: str, problems: dict[int, str]
) -> None:
    for _ in range(4):
        ledger.record(STARTED)
    assert [ledger.problem(row) for row in ledger.page()] == [None] * 5
    without_guards(engine, *statement.split("; "))
    assert {row.seq: told for row in ledger.page() if (told := ledger.problem(row))} == problems


def test_the_first_row_says_that_the_ledger_started(ledger: SqlLedger) -> None:
    first = ledger.row(1)
    assert first is not None
    assert first.kind == Kind.LEDGER_STARTED
    assert json.loads(first.body)["detail"].keys() == {"deployment", "schema"}


def test_the_body_holds_everything_and_columns_repeat_it(ledger: SqlLedger) -> None:
    row = ledger.row(ledger.record(ANSWERED))
    assert row is not None
    assert (row.actor, row.cluster, row.action, row.outcome) == ("T1/U1", "prod", "status", "good")
    assert json.loads(row.body)["detail"] == {"line": "é\u202e🎉", "n": 1}
    assert ledger.row(99) is None


def test_a_page_is_the_newest_that_fit_oldest_first(ledger: SqlLedger) -> None:
    for event in (STARTED, ANSWERED, STARTED, ANSWERED):
        ledger.record(event)
    assert [r.seq for r in ledger.page(limit=2)] == [4, 5]
    assert [r.seq for r in ledger.page(limit=2, before=4)] == [2, 3]
    assert [r.seq for r in ledger.page(kind=Kind.COMMAND_ANSWERED)] == [3, 5]
    assert [r.seq for r in ledger.page(cluster="prod", actor="T1/U1", action="status")] == [3, 5]
    assert ledger.page(actor="T1/U2") == []
    third = ledger.row(3)
    assert third
    assert [r.seq for r in ledger.page(since_us=third.at_us)] == [3, 4, 5]
    assert [r.seq for r in ledger.page(until_us=third.at_us)] == [1, 2]


def test_time_in_the_ledger_never_goes_back(engine: Engine) -> None:
    backwards = iter((9_000_000_000, 5))
    ledger = SqlLedger(engine, lambda: next(backwards))
    later, earlier = (ledger.row(ledger.record(STARTED)) for _ in range(2))
    assert later
    assert earlier
    assert (later.at_us, earlier.at_us) == (9_000_000_000, 9_000_000_000)


def test_an_event_falls_with_the_transaction_it_belongs_to(ledger: SqlLedger, engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            ledger.append(STARTED, connection)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [row.seq for row in ledger.page()] == [1]


def test_six_processes_make_one_chain(ledger: SqlLedger, url: str) -> None:
    for process in appenders(url, 6, 100):
        process.communicate()
        assert process.returncode == 0
    assert ledger.verify().problem is None
    assert ledger.verify().rows == 601


def test_a_killed_writer_leaves_a_whole_chain_with_all_it_was_told_is_kept(ledger: SqlLedger, url: str) -> None:
    told = 0
    for process in appenders(url, 3, 10_000):
        assert process.stdout
        for _ in range(20):
            process.stdout.readline()
        process.kill()
        rest, _ = process.communicate()
        told += 20 + rest.count("\n")
    assert ledger.verify().is_whole
    assert told <= ledger.verify().rows - 1 <= told + 3


def test_what_json_cannot_hold_exactly_is_not_recorded(ledger: SqlLedger) -> None:
    with pytest.raises(UnicodeEncodeError):
        ledger.record(Event(Kind.BOT_STARTED, "bot", detail={"line": "\ud800"}))
    assert ledger.verify().rows == 1


def test_a_reader_does_not_make_a_writer_wait(ledger: SqlLedger, engine: Engine, url: str) -> None:
    other = open_engine(url)
    try:
        with other.connect().execution_options(reads=True) as looking:
            looking.execute(text("SELECT count(*) FROM audit_event")).scalar_one()
            assert ledger.record(STARTED) == 2
    finally:
        other.dispose()
