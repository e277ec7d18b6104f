"""Commands that arrived: recorded before they are acknowledged, done once, and with their answer in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.act import Act, Deed
from bot.event import Event, Kind
from bot.filing import Filing
from bot.message import Asked, Letter
from bot.people import Account
from bot.store.cards import free_cards
from bot.store.docket import file
from bot.store.engine import ACK_BUSY_MS, reading, writing
from bot.store.ledger import append
from bot.store.not_recorded import NotRecorded
from bot.store.outbox import letter_row
from bot.store.tables import inbox, outbox
from bot.text import Text

DEAD_AFTER_US = 60 * 1_000_000
TRIED = 16_000  # bytes, as the longest command has
KEPT_US = 24 * 3600 * 1_000_000  # Slack redelivers for an hour; a key must outlive that


@dataclass(frozen=True)
class SqlInbox:
    """The `Inbox` of the desk, in the database.

    What one takes is its own as long as it says so (`beat`); processes on several hosts need clocks that agree to
    within some seconds.
    """

    engine: Engine
    now_us: Callable[[], int]
    owner: str = field(default_factory=lambda: uuid4().hex)
    _under_way: set[int] = field(default_factory=set)

    def put(self, *asked: Asked) -> int:
        """Raise `NotRecorded` within about a second if they cannot be written: Slack waits for three."""
        into = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        rows = [{"dedupe_key": _sound(one.key), "asked": _text(one), "at_us": one.at_us} for one in asked]
        new = into(inbox).values(rows).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(inbox.c.id)
        with writing(self.engine, ACK_BUSY_MS) as connection:
            return len(connection.execute(new).all())

    def try_out(self) -> None:
        """Raise `NotRecorded` unless a command could be put here now. What is put to see that is done already."""
        key = f"try/{uuid4()}"
        with writing(self.engine, ACK_BUSY_MS) as connection:
            connection.execute(insert(inbox).values(dedupe_key=key, asked=" " * TRIED, at_us=0, done_us=0))
        with writing(self.engine, ACK_BUSY_MS) as connection:
            connection.execute(delete(inbox).where(inbox.c.dedupe_key == key))

    def take(self, limit: int, *, now_us: int) -> list[Asked]:
        query = select(inbox).where(self._free(now_us)).order_by(inbox.c.id).limit(limit)
        with reading(self.engine) as connection:
            if connection.execute(query).first() is None:
                return []
        with writing(self.engine) as connection:
            rows = connection.execute(query.with_for_update(skip_locked=True)).all()
            taken = [_asked(row.id, row.asked) for row in rows]
            new = [asked for asked, row in zip(taken, rows, strict=True) if row.claimed_us is None]
            claim = update(inbox).where(inbox.c.id.in_([a.id for a in taken]))
            connection.execute(claim.values(claimed_us=now_us, claimed_by=self.owner))
            for asked in new:
                append(connection, _received(asked), now_us)
            connection.execute(delete(inbox).where(inbox.c.done_us < now_us - KEPT_US))
        self._under_way.update(asked.id for asked in taken)
        return taken

    def beat(self, *, now_us: int) -> None:
        """Say that what was taken here is still being done: nobody else takes it then."""
        if not self._under_way:
            return
        own = inbox.c.id.in_(tuple(self._under_way)) & (inbox.c.claimed_by == self.owner) & inbox.c.done_us.is_(None)
        with writing(self.engine) as connection:
            connection.execute(update(inbox).where(own).values(claimed_us=now_us))

    def leave(self, asked: Asked) -> None:
        """It is not being done any more, and not finished: in a minute whoever comes takes it again."""
        self._under_way.discard(asked.id)

    def finish(self, asked: Asked, event: Event, letters: Sequence[Letter], filing: Filing | None = None) -> None:
        """Raise `NotRecorded` if it is another's by now, who took this one for dead: it is answered once."""
        with writing(self.engine) as connection:
            self._close(connection, asked)
            append(connection, event, self.now_us())
            if filing is not None:
                file(connection, filing.request, filing.places, self.now_us())
            if letters:
                connection.execute(insert(outbox), [letter_row(letter) for letter in letters])
        self.leave(asked)

    def _free(self, now_us: int) -> ColumnElement[bool]:
        unclaimed = or_(inbox.c.claimed_by.is_(None), inbox.c.claimed_us < now_us - DEAD_AFTER_US)
        # What is being done here is not taken a second time, even when no beat could be written.
        return inbox.c.done_us.is_(None) & unclaimed & inbox.c.id.not_in(tuple(self._under_way))

    def _close(self, connection: Connection, asked: Asked) -> None:
        own = (inbox.c.id == asked.id) & (inbox.c.claimed_by == self.owner) & inbox.c.done_us.is_(None)
        if connection.execute(update(inbox).where(own).values(done_us=self.now_us())).rowcount != 1:
            raise NotRecorded(FINISHED.fill(key=asked.key))


def free_claims(engine: Engine) -> None:
    """Let what a dead process had claimed or lent be taken at once. Only for whoever is known to be alone (`Sole`)."""
    with writing(engine) as connection:
        # claimed_us stays: the command was recorded as received.
        connection.execute(update(inbox).where(inbox.c.done_us.is_(None)).values(claimed_by=None))
        connection.execute(update(outbox).where(outbox.c.done_us.is_(None)).values(lent_us=None))
        free_cards(connection)


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
    en="Command {key} was already answered, or is another process's now",
    fr="La commande {key} a déjà sa réponse, ou est maintenant celle d'un autre processus",
)
