"""Where the cards of requests hang, and which of them must be drawn anew. What they show is never read back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, select, update

from bot.card import Card
from bot.store.engine import reading, writing
from bot.store.tables import card, request

EVERY_US = 2_000_000  # at most, for one card
LENT_US = 20 * 1_000_000


@dataclass(frozen=True)
class SqlCards:
    """The `Cards` of the Slack edge."""

    engine: Engine

    def due(self, limit: int, *, now_us: int) -> list[Card]:
        """Lend them for 20 s: until then nobody else draws the same."""
        query = select(card).where(card.c.due_us <= now_us).order_by(card.c.due_us).limit(limit)
        with reading(self.engine) as connection:
            if connection.execute(query).first() is None:
                return []
        with writing(self.engine) as connection:
            rows = connection.execute(query.with_for_update(skip_locked=True)).all()
            for row in rows:
                _change(connection, row.request_id, row.place, due_us=now_us + LENT_US)
            return [Card(row.request_id, row.place, row.channel, row.ts, row.drawn, row.attempts) for row in rows]

    def drawn(self, drawn: Card, *, now_us: int, again_us: int | None) -> None:
        """It hangs at its channel and ts now. *again_us*: when to draw it anew even if nothing changes.

        What changed, or was put up anew, while it was being drawn is due soon.
        """
        here = (card.c.request_id == drawn.request_id) & (card.c.place == drawn.place)
        of_request = select(request.c.version).where(request.c.id == drawn.request_id)
        with writing(self.engine) as connection:
            # First the lock, then the look: a change of the request marks its cards last.
            was = connection.execute(select(card).where(here).with_for_update()).one()
            is_past = connection.execute(of_request).scalar_one() > drawn.drawn
            hangs = {"channel": drawn.channel, "ts": drawn.ts, "drawn": drawn.drawn, "drawn_us": now_us, "attempts": 0}
            if was.drawn < 0 and was.ts == drawn.ts:
                hangs, is_past = {**hangs, "drawn": was.drawn}, True
            due_us = now_us + EVERY_US if is_past else again_us
            _change(connection, drawn.request_id, drawn.place, due_us=due_us, **hangs)

    def later(self, drawn: Card, *, due_us: int | None) -> None:
        """It could not be drawn; None: it never can be."""
        with writing(self.engine) as connection:
            _change(connection, drawn.request_id, drawn.place, due_us=due_us, attempts=drawn.attempts + 1)

    def put_up(self, request_id: str, place: str, *, now_us: int) -> None:
        """Hang it there anew: as a new message, also where one hung before."""
        with writing(self.engine) as connection:
            if _change(connection, request_id, place, drawn=-1, due_us=now_us, attempts=0) == 0:
                put_up(connection, request_id, (place,), now_us)

    def places(self, request_id: str) -> list[str]:
        """The channels, and the people directly, who have its card."""
        with reading(self.engine) as connection:
            return places(connection, request_id)

    def hung(self, request_id: str, channel: str) -> str:
        """The ts of its message in *channel*, or ""."""
        where = (card.c.request_id == request_id) & ((card.c.channel == channel) | (card.c.place == channel))
        with reading(self.engine) as connection:
            return connection.execute(select(card.c.ts).where(where).limit(1)).scalar_one_or_none() or ""


def places(connection: Connection, request_id: str) -> list[str]:
    """Where its cards hang, or are to hang."""
    query = select(card.c.place).where(card.c.request_id == request_id).order_by(card.c.place)
    return list(connection.execute(query).scalars())


def put_up(connection: Connection, request_id: str, places: Collection[str], at_us: int) -> None:
    rows = [
        {"request_id": request_id, "place": place, "channel": "", "ts": "", "drawn": 0, "drawn_us": 0}
        | {"due_us": at_us, "attempts": 0}
        for place in dict.fromkeys(places)
    ]
    if rows:
        connection.execute(insert(card), rows)


def hang_also(connection: Connection, request_id: str, wanted: Collection[str], at_us: int) -> None:
    """Where it does not hang yet."""
    put_up(connection, request_id, set(wanted) - set(places(connection, request_id)) if wanted else (), at_us)


def now_due(connection: Connection, request_id: str, at_us: int) -> None:
    """Its cards show the past: draw them, each at most every two seconds."""
    soonest = card.c.drawn_us + EVERY_US
    due_us = func.max(soonest, at_us) if connection.dialect.name == "sqlite" else func.greatest(soonest, at_us)
    connection.execute(update(card).where(card.c.request_id == request_id).values(due_us=due_us))


def free_cards(connection: Connection) -> None:
    """Draw all that wait for anything now: who was drawing is dead. Each still at most every two seconds."""
    soonest = card.c.drawn_us + EVERY_US
    connection.execute(update(card).where(card.c.due_us > soonest).values(due_us=soonest))


def _change(connection: Connection, request_id: str, place: str, **values: object) -> int:
    here = (card.c.request_id == request_id) & (card.c.place == place)
    return connection.execute(update(card).where(here).values(**values)).rowcount
