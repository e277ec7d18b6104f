"""Messages on their way to people: kept until Slack has them, also over a restart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, delete, exists, or_, select, update

from bot.message import Letter
from bot.store.engine import reading, writing
from bot.store.tables import outbox

LENT_US = 25 * 1_000_000  # three ways tried in turn, eight seconds each
KEPT_US = 24 * 3600 * 1_000_000


@dataclass(frozen=True)
class SqlOutbox:
    """The `Outbox` of the desk, in the database."""

    engine: Engine

    def due(self, limit: int, *, now_us: int) -> list[Letter]:
        """The oldest of each reader, so that none overtakes another.

        They are lent: nobody else gets the same, until their borrower is taken for dead.
        """
        free = or_(outbox.c.lent_us.is_(None), outbox.c.lent_us < now_us - LENT_US)
        waiting = outbox.c.done_us.is_(None) & (outbox.c.due_us <= now_us) & free & ~_has_elder()
        query = select(outbox).where(waiting).order_by(outbox.c.id).limit(limit)
        with reading(self.engine) as connection:
            if connection.execute(query).first() is None:
                return []
        with writing(self.engine) as connection:
            rows = connection.execute(query.with_for_update(skip_locked=True)).all()
            connection.execute(update(outbox).where(outbox.c.id.in_([r.id for r in rows])).values(lent_us=now_us))
            connection.execute(delete(outbox).where(outbox.c.done_us < now_us - KEPT_US))
            return [_letter(row) for row in rows]

    def sent(self, letter: Letter, *, now_us: int) -> None:
        self._change(letter, done_us=now_us)

    def later(self, letter: Letter, *, due_us: int, why: str) -> None:
        self._change(letter, due_us=due_us, attempts=letter.attempts + 1, lent_us=None, why=why)

    def given_up(self, letter: Letter, *, why: str, now_us: int) -> None:
        self._change(letter, done_us=now_us, attempts=letter.attempts + 1, why=why)

    def _change(self, letter: Letter, **values: int | str | None) -> None:
        still_open = (outbox.c.id == letter.id) & outbox.c.done_us.is_(None)
        with writing(self.engine) as connection:
            connection.execute(update(outbox).where(still_open).values(values))


def _has_elder() -> ColumnElement[bool]:
    elder = outbox.alias()
    same_reader = (elder.c.to == outbox.c.to) & elder.c.done_us.is_(None)
    return exists().where(same_reader, elder.c.id < outbox.c.id)


def letter_row(letter: Letter) -> dict[str, object]:
    values = {"way": letter.way, "to": letter.to, "due_us": letter.due_us, "attempts": letter.attempts}
    return {**values, "payload": json.dumps(letter.payload)}


def _letter(row: Row[Any]) -> Letter:
    return Letter(row.way, row.to, json.loads(row.payload), row.due_us, row.id, row.attempts)
