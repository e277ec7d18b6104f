"""Commands that arrived: recorded before they are acknowledged, done once, and with their answer in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.act import Act, Deed
from bot.event import Event, Kind
from bot.filing import Filing
from bot.message import Asked, Letter
from bot.people import Account
from bot.store.docket import file
from bot.store.engine import ACK_BUSY_MS, reading, writing
from bot.store.ledger import append
from bot.store.not_recorded import NotRecorded
from bot.store.outbox import letter_row
from bot.store.tables import inbox, outbox
from bot.text import Text

DEAD_AFTER_US = 60 * 1_000_000
KEPT_US = 24 * 3600 * 1_000_000  # Slack redelivers for an hour; a key must outlive that


@dataclass(frozen=True)
class SqlInbox:
    """The `Inbox` of the desk, in the database."""

    engine: Engine
    now_us: Callable[[], int]

    def put(self, *asked: Asked) -> int:
        """Raise `NotRecorded` within about a second if they cannot be written: Slack waits for three."""
        into = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        rows = [{"dedupe_key": _sound(one.key), "asked": _text(one), "at_us": one.at_us} for one in asked]
        new = into(inbox).values(rows).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(inbox.c.id)
        with writing(self.engine, ACK_BUSY_MS) as connection:
            return len(connection.execute(new).all())

    def take(self, limit: int, *, now_us: int) -> list[Asked]:
        waiting = inbox.c.done_us.is_(None) & or_(
            inbox.c.claimed_us.is_(None), inbox.c.claimed_us < now_us - DEAD_AFTER_US
        )
        query = select(inbox).where(waiting).order_by(inbox.c.id).limit(limit)
        with reading(self.engine) as connection:
            if connection.execute(query).first() is None:
                return []
        with writing(self.engine) as connection:
            rows = connection.execute(query.with_for_update(skip_locked=True)).all()
            taken = [_asked(row.id, row.asked) for row in rows]
            new = [asked for asked, row in zip(taken, rows, strict=True) if row.claimed_us is None]
            connection.execute(update(inbox).where(inbox.c.id.in_([a.id for a in taken])).values(claimed_us=now_us))
            for asked in new:
                append(connection, _received(asked), now_us)
            connection.execute(delete(inbox).where(inbox.c.done_us < now_us - KEPT_US))
            return taken

    def finish(self, asked: Asked, event: Event, letters: Sequence[Letter], filing: Filing | None = None) -> None:
        """Raise `NotRecorded` if another process was taken for its heir and has finished it: it is answered once."""
        with writing(self.engine) as connection:
            self._close(connection, asked)
            append(connection, event, self.now_us())
            if filing is not None:
                file(connection, filing.request, filing.places, self.now_us())
            if letters:
                connection.execute(insert(outbox), [letter_row(letter) for letter in letters])

    def _close(self, connection: Connection, asked: Asked) -> None:
        still_open = (inbox.c.id == asked.id) & inbox.c.done_us.is_(None)
        if connection.execute(update(inbox).where(still_open).values(done_us=self.now_us())).rowcount != 1:
            raise NotRecorded(FINISHED.fill(key=asked.key))


def _received(asked: Asked) -> Event:
    detail = {"key": asked.key, "line": asked.line, "via": asked.via, "channel": asked.channel, "at_us": asked.at_us}
    return Event(Kind.COMMAND_RECEIVED, str(asked.account), detail=detail)


def _text(asked: Asked) -> str:
    # As JSON: PostgreSQL's text holds no NUL.
    return json.dumps({**asdict(asked), "line": _sound(asked.line)})


def _sound(words: str) -> str:
    """Halves of a surrogate pair, which no ledger can hold, become the sign for an unreadable character."""
    return words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _asked(id_: int, text: str) -> Asked:
    values = json.loads(text)
    act = Act(**{**values["act"], "deed": Deed(values["act"]["deed"])}) if values.get("act") else None
    return Asked(**{**values, "account": Account(**values["account"]), "id": id_, "act": act})


FINISHED = Text(
    en="Command {key} was already answered by another process",
    fr="Un autre processus a déjà répondu à la commande {key}",
)
