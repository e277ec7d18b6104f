"""The requests in the database: each change under the row's lock, with its events and messages, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot import timers
from bot.docket import Busy, Edit, Gone, Illegible, InLine, Unreviewed, events
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

log = structlog.get_logger()
WHY_MAX = 200

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
    _named: set[str] = field(default_factory=set, init=False, repr=False, compare=False)  # of those that cannot be read

    def __post_init__(self) -> None:
        object.__setattr__(self, "_clock", Clock(self.now_us))

    def clock_us(self) -> int:
        """The database's clock, never behind the ledger: by it a request is made, voted on, expired and run."""
        with reading(self.engine) as connection:
            return self._clock.read(connection)

    def get(self, id_: str) -> Request | None:
        with reading(self.engine) as connection:
            return self._load(connection, id_)

    def find(
        self,
        states: Collection[State],
        *,
        person: str | None = None,
        cluster: str | None = None,
        but: Collection[str] = (),
        limit: int = 50,
    ) -> list[Request]:
        """The newest first."""
        query = select(table.c.id).where(table.c.state.in_(sorted(states)), table.c.cluster.not_in(sorted(but)))
        if person is not None:
            query = query.where(table.c.person == person)
        if cluster is not None:
            query = query.where(table.c.cluster == cluster)
        with reading(self.engine) as connection:
            return self._legible(connection, query.order_by(table.c.created_us.desc()), limit)

    def due(self, now_us: int, limit: int = 100) -> list[Request]:
        """Those whose timer has come."""
        query = select(table.c.id).where(table.c.timer_us <= now_us).order_by(table.c.timer_us)
        with reading(self.engine) as connection:
            return self._legible(connection, query, limit)

    def line(self) -> list[InLine]:
        """All that are approved, running, or of unknown outcome."""
        with reading(self.engine) as connection:
            return line(connection)

    def change(self, id_: str, edit: Callable[[Request, int], Edit | None]) -> Request:
        """Raise what the port says, `NotRecorded` if it cannot be written; whatever *edit* raises."""
        with writing(self.engine) as connection:
            request = self._load(connection, id_, locked=True)
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

    def _legible(self, connection: Connection, ids: Select[Any], limit: int) -> list[Request]:
        """The first *limit* that can be read: the others must not take their places."""
        found = connection.execute(ids).scalars().all()
        return list(islice(filter(None, (self._legible_one(connection, id_) for id_ in found)), limit))

    def _legible_one(self, connection: Connection, id_: str) -> Request | None:
        try:
            return self._load(connection, id_)
        except Illegible:
            return None

    def _load(self, connection: Connection, id_: str, *, locked: bool = False) -> Request | None:
        try:
            return load(connection, id_, locked=locked)
        except Illegible as illegible:
            if id_ not in self._named:
                self._named.add(id_)
                log.error("a request cannot be read", request=id_, why=illegible.why)  # noqa: TRY400 - no mistake of this code
            raise

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
    """Raise `Illegible` if it is there and cannot be read."""
    try:
        return _loaded(connection, id_, locked=locked)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise Illegible(id_, f"{type(error).__name__}: {error}"[:WHY_MAX]) from None


def _loaded(connection: Connection, id_: str, *, locked: bool) -> Request | None:
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
    found = [InLine(row.id, row.cluster, State(row.state), *row[3:]) for row in connection.execute(query)]
    return [one for one in found if one.state in BUSY or not _illegible(connection, one.id)]


def illegible(engine: Engine) -> list[tuple[Illegible, str]]:
    """All that cannot be read, each with what stands there as its state; the newest first."""
    query = select(table.c.id, table.c.state).order_by(table.c.created_us.desc())
    with reading(engine) as connection:
        found = [(_illegible(connection, id_), state) for id_, state in connection.execute(query).all()]
    return [(one, state) for one, state in found if one is not None]


def _illegible(connection: Connection, id_: str) -> Illegible | None:
    try:
        load(connection, id_)
    except Illegible as illegible:
        return illegible
    return None


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
