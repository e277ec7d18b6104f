"""Bring a database to the tables of this version, and say whether it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeAlias
from uuid import uuid4

from sqlalchemy import Connection, Engine, delete, false, inspect, select

from bot.event import Event, Kind
from bot.store.engine import open_engine, parse_url, reading, writing
from bot.store.guards import guards_missing
from bot.store.ledger import append
from bot.store.not_recorded import NotRecorded, shown
from bot.store.tables import CHAIN, audit_head, outbox
from bot.text import Text


@dataclass(frozen=True)
class AtHead:
    """The tables are those of this version. *guards_missing*: what nevertheless does not protect the ledger."""

    revision: str
    guards_missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Behind:
    revision: str


@dataclass(frozen=True)
class Empty:
    """No table at all, or no file."""


@dataclass(frozen=True)
class Unknown:
    """Tables of a newer version, or of something else."""

    revision: str


State: TypeAlias = AtHead | Behind | Empty | Unknown


def upgrade(url: str, now_us: Callable[[], int]) -> None:
    """Create the tables or bring them to this version, all or nothing; a new ledger starts with its own event."""
    refuse_foreign(state(url), url)
    engine = open_engine(url)
    try:
        with writing(engine) as connection:
            _revisions().bring_to_head(connection)
            _start_ledger(connection, now_us())
    finally:
        engine.dispose()


def state(url: str) -> State:
    """Look, and change nothing: a file that is not there is not made."""
    parsed = parse_url(url)
    if parsed.drivername == "sqlite" and not parsed.query.get("uri") and not Path(parsed.database or "").exists():
        return Empty()
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return _state(connection)
    finally:
        engine.dispose()


def require_head(url: str) -> None:
    """Raise `NotRecorded` unless tables and guards are those of this version."""
    found = state(url)
    refuse_foreign(found, url)
    if not isinstance(found, AtHead):
        raise NotRecorded(NOT_MIGRATED.fill(database=shown(parse_url(url))))
    if found.guards_missing:
        raise NotRecorded(UNGUARDED.fill(database=shown(parse_url(url)), guards=", ".join(found.guards_missing)))


def ready_engine(url: str) -> Engine:
    """An engine on a database that is at head and can be written. Raise `NotRecorded` if it is not; dispose of it."""
    require_head(url)
    engine = open_engine(url)
    try:
        with writing(engine) as connection:
            # Changes nothing, but SQLite lets even BEGIN IMMEDIATE pass on a file that it cannot write.
            connection.execute(delete(outbox).where(false()))
    except BaseException:
        engine.dispose()
        raise
    return engine


def refuse_foreign(found: State, url: str) -> None:
    if isinstance(found, Unknown):
        raise NotRecorded(FOREIGN.fill(database=shown(parse_url(url)), revision=found.revision))


def _state(connection: Connection) -> State:
    revisions = _revisions()
    revision = revisions.current(connection)
    if revision is None:
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        return Unknown("?") if tables else Empty()
    if revision == revisions.head(connection):
        return AtHead(revision, tuple(guards_missing(connection)))
    return Behind(revision) if revision in revisions.known(connection) else Unknown(revision)


def _revisions() -> ModuleType:
    from bot.store import revisions  # when it is needed, not at every start of every command

    return revisions


def _start_ledger(connection: Connection, now_us: int) -> None:
    head = connection.execute(select(audit_head).where(audit_head.c.chain == CHAIN)).one()
    if head.seq == 0:
        revision = _revisions().current(connection)
        detail = {"deployment": str(uuid4()), "schema": revision}
        append(connection, Event(Kind.LEDGER_STARTED, "bot", detail=detail), now_us)


NOT_MIGRATED = Text(
    en="The database {database} does not have the tables of this version: run pve-cluster-bot db upgrade --config F",
    fr="La base de données {database} n'a pas les tables de cette version : lancez pve-cluster-bot db upgrade --config F",
)
FOREIGN = Text(
    en="The database {database} has tables that this version does not know (revision {revision}): "
    "install the version that made them, or name another database in database.url",
    fr="La base de données {database} a des tables que cette version ne connaît pas (révision {revision}) : "
    "installez la version qui les a créées, ou indiquez une autre base dans database.url",
)
UNGUARDED = Text(
    en="The ledger in {database} is not protected: {guards} missing or altered. Find out who did it, "
    "then restore the database from a backup",
    fr="Le registre dans {database} n'est pas protégé : {guards} absents ou modifiés. Cherchez qui l'a fait, "
    "puis restaurez la base depuis une sauvegarde",
)
