"""The requests in the database: each change under the row's lock, with its events and messages, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot import timers
from bot.docket import Busy, Edit, Gone, InLine, Unreviewed, events
from bot.event import Event
from bot.filing import Filing, created
from bot.message import Letter
from bot.provenance import Told
from bot.request import BUSY, OPEN, Move, Request, State, after
from bot.store.cards import hang_also, now_due, places, put_up
from bot.store.clock import Clock
from bot.store.engine import reading, writing
from bot.store.ledger import append
from bot.store.outbox import letter_row
from bot.store.request_rows import columns, request_of, request_row, step_row, vote_row
from bot.store.tables import CHAIN, audit_event, outbox, request_step, request_vote
from bot.store.tables import request as table

Approved = Callable[[Connection, Request], None]
"""Hands an approved request to a dispatcher, in the same transaction."""

Tidings = Callable[[Request, Sequence[str]], Sequence[Letter]]
"""The messages that say where a request has moved to, given the places where its cards hang."""


@dataclass(frozen=True)
class SqlDocket:
    """The `Docket`. *now_us*: this process's clock; PostgreSQL has its own, which all replicas share."""

    engine: Engine
    now_us: Callable[[], int]
    approved: Approved = lambda _connection, _request: None
    tidings: Tidings = lambda _request, _places: ()
    _clock: Clock = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_clock", Clock(self.now_us))

    def clock_us(self) -> int:
        """The database's clock, never behind the ledger: by it a request is made, voted on, expired and run."""
        with reading(self.engine) as connection:
            return self._clock.read(connection)

    def get(self, id_: str) -> Request | None:
        with reading(self.engine) as connection:
            return load(connection, id_)

    def find(
        self, states: Collection[State], *, person: str | None = None, cluster: str | None = None, limit: int = 50
    ) -> list[Request]:
        """The newest first."""
        query = select(table.c.id).where(table.c.state.in_(sorted(states)))
        if person is not None:
            query = query.where(table.c.person == person)
        if cluster is not None:
            query = query.where(table.c.cluster == cluster)
        with reading(self.engine) as connection:
            found = connection.execute(query.order_by(table.c.created_us.desc()).limit(limit)).scalars().all()
            return [request for id_ in found if (request := load(connection, id_))]

    def due(self, now_us: int, limit: int = 100) -> list[Request]:
        """Those whose timer has come."""
        query = select(table.c.id).where(table.c.timer_us <= now_us).order_by(table.c.timer_us).limit(limit)
        with reading(self.engine) as connection:
            return [r for id_ in connection.execute(query).scalars().all() if (r := load(connection, id_))]

    def line(self) -> list[InLine]:
        """All that are approved, running, or of unknown outcome."""
        with reading(self.engine) as connection:
            return line(connection)

    def change(self, id_: str, edit: Callable[[Request, int], Edit | None]) -> Request:
        """Raise `Busy` or `Gone` as the port says, `NotRecorded` if it cannot be written; whatever *edit* raises."""
        with writing(self.engine) as connection:
            request = load(connection, id_, locked=True)
            if request is None:
                raise Gone(id_)
            at_us = self._clock.read(connection)
            wanted = edit(request, at_us)
            if wanted is None:
                return request
            changed = self._written(connection, request, wanted, at_us)
            if wanted.moved is not None:
                self._follow_up(connection, changed, wanted.moved.move)
            return changed

    def file(self, filing: Filing, event: Event) -> None:
        """A new request, together with what the ledger says of the command that asked for it."""
        with writing(self.engine) as connection:
            append(connection, event, self.now_us())
            file(connection, filing.request, filing.places, self.now_us())

    def story(self, id_: str) -> list[Told]:
        """All that the ledger says of it, in order."""
        of_it = (audit_event.c.request_id == id_) & (audit_event.c.chain == CHAIN)
        query = select(audit_event.c.body).where(of_it).order_by(audit_event.c.seq)
        with reading(self.engine) as connection:
            bodies = [json.loads(body) for body in connection.execute(query).scalars()]
        return [Told(body["kind"], body["actor"], body["outcome"], body["detail"]) for body in bodies]

    def unreviewed(self) -> str:
        waiting = table.c.by_glass & (table.c.reviewed_by == "")
        query = select(table.c.id).where(waiting).order_by(table.c.created_us.desc()).limit(1)
        with reading(self.engine) as connection:
            return connection.execute(query).scalar_one_or_none() or ""

    def _follow_up(self, connection: Connection, request: Request, move: Move) -> None:
        if move is Move.APPROVE:
            self.approved(connection, request)
        _put_out(connection, self.tidings(request, places(connection, request.id)))

    def _written(self, connection: Connection, request: Request, wanted: Edit, at_us: int) -> Request:
        _set(connection, request, _fields(request, wanted, at_us))
        if wanted.vote is not None:
            connection.execute(insert(request_vote).values(vote_row(request.id, wanted.vote)))
        if wanted.step is not None:
            _set_step(connection, request.id, wanted.step.number, step_row(request.id, wanted.step))
        if wanted.heard is not None:
            _set_step(connection, request.id, wanted.heard[0], {"said": wanted.heard[1]})
        for event in events(request, wanted):
            append(connection, event, at_us)
        _put_out(connection, wanted.letters)
        # Cards are drawn by this machine's clock, however far it is behind.
        hang_also(connection, request.id, wanted.places, self.now_us())
        now_due(connection, request.id, self.now_us())
        changed = load(connection, request.id)
        assert changed is not None  # noqa: S101 - it was there a moment ago, under this lock
        return changed


def _put_out(connection: Connection, letters: Sequence[Letter]) -> None:
    if letters:
        connection.execute(insert(outbox), [letter_row(letter) for letter in letters])


def file(connection: Connection, request: Request, places: Collection[str], at_us: int) -> None:
    """A new request, its first event, and where its card is to be put up, within the caller's transaction."""
    connection.execute(insert(table).values(**request_row(request), timer_us=timers.next_us(request)))
    connection.execute(insert(request_step), [step_row(request.id, step) for step in request.steps])
    append(connection, created(request), at_us)
    put_up(connection, request.id, places, at_us)


def load(connection: Connection, id_: str, *, locked: bool = False) -> Request | None:
    query = select(table).where(table.c.id == id_)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        return None
    votes = (
        select(request_vote)
        .where(request_vote.c.request_id == id_)
        .order_by(request_vote.c.at_us, request_vote.c.number)
    )
    steps = select(request_step).where(request_step.c.request_id == id_).order_by(request_step.c.number)
    return request_of(row, connection.execute(votes).all(), connection.execute(steps).all())


def line(connection: Connection) -> list[InLine]:
    """The same, within the caller's transaction."""
    names = ("id", "cluster", "state", "approved_us", "not_before_us")
    query = select(*(table.c[name] for name in names)).where(table.c.state.in_(sorted({State.APPROVED, *BUSY})))
    return [InLine(row.id, row.cluster, State(row.state), *row[3:]) for row in connection.execute(query)]


def _fields(request: Request, wanted: Edit, at_us: int) -> dict[str, Any]:
    fields: dict[str, Any] = {"version": request.version + 1, **wanted.fields}
    if wanted.moved is not None:
        state = after(request.state, wanted.moved.move)
        fields |= {"state": state, "why": wanted.moved.why, **wanted.moved.fields}
        fields |= {} if state in OPEN else {"ended_us": at_us}
    return {**fields, "timer_us": timers.next_us(replace(request, **fields))}


def _set(connection: Connection, request: Request, fields: dict[str, object]) -> None:
    """Compare and set. Raise `Busy` if another request has the cluster, `Unreviewed` as the port says."""
    same = (table.c.id == request.id) & (table.c.version == request.version)
    try:
        done = connection.execute(update(table).where(same).values(columns(fields)))
    except IntegrityError:
        if fields.get("state") in BUSY:
            raise Busy(request.cluster) from None
        if fields.get("by_glass"):
            raise Unreviewed(request.id) from None
        raise
    if done.rowcount != 1:
        raise Busy(request.id)


def _set_step(connection: Connection, request_id: str, number: int, values: dict[str, object]) -> None:
    same = (request_step.c.request_id == request_id) & (request_step.c.number == number)
    connection.execute(update(request_step).where(same).values(values))
