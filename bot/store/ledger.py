"""The audit ledger: one row per thing that happened, each bound to all before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, Select, insert, select, update
from sqlalchemy import Row as SqlRow

from bot.action import Json
from bot.event import GENESIS, Event, Kind, canonical, link
from bot.store.engine import reading, writing
from bot.store.tables import CHAIN, audit_event, audit_head


@dataclass(frozen=True)
class Row:
    """One event as it is stored; *body* is the exact text that was hashed."""

    seq: int
    event_id: str
    at_us: int
    kind: str
    actor: str
    cluster: str | None
    action: str | None
    request_id: str | None
    outcome: str | None
    body: str
    prev_hash: str
    hash: str

    @property
    def told(self) -> dict[str, Json] | None:
        """What the body says, or None if somebody made it something else than the text of an event."""
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None


@dataclass(frozen=True)
class Verdict:
    """What a check of the whole chain found: *rows* good ones, then the first *problem*, if any."""

    rows: int
    problem: str | None = None

    @property
    def is_whole(self) -> bool:
        return self.problem is None


@dataclass(frozen=True)
class SqlLedger:
    """The ledger in a database that is at head."""

    engine: Engine
    now_us: Callable[[], int]

    def append(self, event: Event, connection: Connection) -> int:
        """Add it within the caller's transaction: it stands or falls with what it tells. Return its number."""
        return append(connection, event, self.now_us())

    def record(self, event: Event) -> int:
        """Add it by itself, durably. Raise `NotRecorded` if that cannot be done."""
        with writing(self.engine) as connection:
            return self.append(event, connection)

    def page(
        self,
        *,
        kind: Kind | None = None,
        actor: str | None = None,
        cluster: str | None = None,
        action: str | None = None,
        request: str | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Row]:
        """The newest *limit* that fit, oldest of them first. *until_us* and *before* (a number) are not included."""
        column = audit_event.c
        same = {"kind": kind, "actor": actor, "cluster": cluster, "action": action, "request_id": request}
        query = _rows().where(*(column[name] == value for name, value in same.items() if value is not None))
        if since_us is not None:
            query = query.where(column.at_us >= since_us)
        if until_us is not None:
            query = query.where(column.at_us < until_us)
        if before is not None:
            query = query.where(column.seq < before)
        with reading(self.engine) as connection:
            found = connection.execute(query.order_by(column.seq.desc()).limit(limit)).all()
        return [_row(row) for row in reversed(found)]

    def row(self, seq: int) -> Row | None:
        with reading(self.engine) as connection:
            found = connection.execute(_rows().where(audit_event.c.seq == seq)).one_or_none()
        return _row(found) if found else None

    def problem(self, row: Row) -> str | None:
        """What is wrong with *row* by itself and as the one after the row before it, or None."""
        before = self.row(row.seq - 1)
        if before is None:
            return _problem(row, row.seq, GENESIS, 0) if row.seq == 1 else f"gap: {row.seq - 1} is missing"
        return _problem(row, row.seq, before.hash, before.at_us)

    def verify(self) -> Verdict:
        """Check every row against the one before it, its own hash and body, and the last one against the head."""
        with reading(self.engine) as connection:
            head = connection.execute(select(audit_head).where(audit_head.c.chain == CHAIN)).one_or_none()
            streaming = connection.execution_options(yield_per=1000)
            with streaming.execute(_rows().order_by(audit_event.c.seq)) as rows:
                return _checked((_row(row) for row in rows), (head.seq, head.hash) if head else None)


def append(connection: Connection, event: Event, now_us: int) -> int:
    # On PostgreSQL the head's lock puts writers in a row; on SQLite BEGIN IMMEDIATE has done it.
    head = connection.execute(select(audit_head).where(audit_head.c.chain == CHAIN).with_for_update()).one()
    # Never back in time, even when the clock is.
    body: dict[str, Json] = {"seq": head.seq + 1, "event_id": str(uuid4()), "at_us": max(now_us, head.at_us)}
    body |= {"kind": str(event.kind), "actor": event.actor, "cluster": event.cluster, "action": event.action}
    body |= {"request_id": event.request_id, "outcome": event.outcome}
    text = canonical({"v": 1, **body, "detail": dict(event.detail)})
    new = link(head.hash, text)
    connection.execute(insert(audit_event).values(chain=CHAIN, body=text, prev_hash=head.hash, hash=new, **body))
    after = update(audit_head).where(audit_head.c.chain == CHAIN)
    connection.execute(after.values(seq=body["seq"], hash=new, at_us=body["at_us"]))
    return int(head.seq) + 1


_COLUMNS = tuple(field.name for field in fields(Row))
_IN_BODY = _COLUMNS[: _COLUMNS.index("body")]


def _rows() -> Select[Any]:
    return select(*(audit_event.c[name] for name in _COLUMNS)).where(audit_event.c.chain == CHAIN)


def _row(found: SqlRow[Any]) -> Row:
    return Row(**found._mapping)


def _checked(rows: Iterable[Row], head: tuple[int, str] | None) -> Verdict:
    seq, previous, at_us = 0, GENESIS, 0
    for row in rows:
        problem = _problem(row, seq + 1, previous, at_us)
        if problem:
            return Verdict(seq, f"{problem} at {row.seq}")
        seq, previous, at_us = row.seq, row.hash, row.at_us
    if head != (seq, previous):
        return Verdict(seq, f"the head says {head[0] if head else 'nothing'}, the rows end at {seq}")
    return Verdict(seq)


def _problem(row: Row, expected: int, previous: str, at_us: int) -> str | None:
    if row.seq != expected:
        return f"gap: {expected} is missing"
    if row.prev_hash != previous:
        return "broken link"
    if not _is_hashed(row):
        return "body altered"
    body = row.told
    if body is None:
        return "body is no event"
    if any(body.get(name) != getattr(row, name) for name in _IN_BODY):
        return "columns differ from the body"
    return "time goes back" if row.at_us < at_us else None


def _is_hashed(row: Row) -> bool:
    try:
        return link(row.prev_hash, row.body) == row.hash
    except (ValueError, AttributeError):  # what is no hash, or no text: SQLite stores anything
        return False
