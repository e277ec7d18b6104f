"""Connections to SQLite or PostgreSQL, set up so that what is committed stays, and writers wait their turn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, RootTransaction, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store.not_recorded import BUSY, CANNOT_OPEN, NotRecorded, refusing, shown
from bot.text import Refused, Text

ACK_BUSY_MS = 1_000
BUSY_MS = 10_000
_POSTGRES = {
    "connect_timeout": 5,
    "application_name": "pve-cluster-bot",
    # A server's own default may be off, which loses what was acknowledged.
    "options": "-c synchronous_commit=on -c lock_timeout=10s -c statement_timeout=30s",
}
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON", "trusted_schema=OFF")


def open_engine(url: str) -> Engine:
    """Open nothing yet, but create SQLite's file, for its owner only. Raise `Refused` if *url* is no database."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    return create_engine(
        parsed,
        pool_size=5,
        max_overflow=5,
        pool_timeout=5,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        connect_args=_POSTGRES,
    )


def parse_url(url: str) -> URL:
    """Raise `Refused` if it is neither a SQLite file nor a PostgreSQL database; *url* is not repeated, it has a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise Refused(NOT_A_URL) from None
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed
    raise Refused(NOT_A_URL)


def connect_arguments(engine: Engine) -> dict[str, Any]:
    """With what psycopg connects to PostgreSQL, for a library that has connections of its own."""
    _, arguments = engine.dialect.create_connect_args(engine.url)
    return {**arguments, **_POSTGRES}


@contextmanager
def writing(engine: Engine, busy_ms: int = BUSY_MS) -> Iterator[Connection]:
    """One transaction that may write. Raise `NotRecorded` if it cannot; then nothing of it is kept."""
    with (
        refusing(engine.url),
        _turn(engine, busy_ms),
        engine.connect() as connection,
        _options(connection, busy_ms=busy_ms),
    ):
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent look, which never makes a writer wait."""
    with refusing(engine.url), engine.connect() as connection, _options(connection, reads=True):
        yield connection


def _options(connection: Connection, **options: int) -> RootTransaction:
    return connection.execution_options(**options).begin()


@contextmanager
def _turn(engine: Engine, busy_ms: int) -> Iterator[None]:
    # SQLite has one writer; its busy handler sleeps longer and longer, a lock hands over at once.
    # Whoever must be quick waits for one other at most: the patient ones queue at a door before it.
    locks: tuple[Lock, ...] = engine.get_execution_options().get("turns", ())
    with ExitStack() as held:
        for lock in locks if busy_ms > ACK_BUSY_MS else locks[-1:]:
            if not lock.acquire(timeout=busy_ms / 1000):
                raise NotRecorded(BUSY.fill(database=shown(engine.url), reason="busy"))
            held.callback(lock.release)
        yield


def _sqlite(url: URL) -> Engine:
    _create_private(url)
    engine = create_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_timeout=5,
        hide_parameters=True,
        execution_options={"turns": (Lock(), Lock())},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _create_private(url: URL) -> None:
    path = Path(url.database or "")
    if url.query.get("uri") or path.exists():
        return
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise NotRecorded(CANNOT_OPEN.fill(database=shown(url), reason=error.strerror)) from None


def _set_up(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin` does
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(f"PRAGMA busy_timeout={options.get('busy_ms', BUSY_MS)}")
    # IMMEDIATE: a transaction that reads the head and then writes must hold the write lock from the start.
    connection.exec_driver_sql("BEGIN" if options.get("reads") else "BEGIN IMMEDIATE")


NOT_A_URL = Text(
    en="database.url is not a database: write sqlite:////var/lib/pve-cluster-bot/bot.db or postgresql://user@host/name; "
    "a URL that holds a password goes into the environment, as env:DATABASE_URL",
    fr="database.url ne désigne pas une base de données : écrivez sqlite:////var/lib/pve-cluster-bot/bot.db ou "
    "postgresql://utilisateur@hote/nom ; une URL avec mot de passe va dans l'environnement, par env:DATABASE_URL",
)
