"""The requests there are, and the one way to change one: under a lock, by a pure function, with its events. A port."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from bot.action import Json
from bot.event import Event, Kind
from bot.message import Letter
from bot.provenance import Told
from bot.request import KINDS, Moved, Progress, Request, State, StepRun, Vote, after
from bot.text import Refused, Text

BOT = "bot"


@dataclass(frozen=True)
class Edit:
    """What one change of a request writes, in one transaction. *actor*: an account as `TEAM/USER`, or BOT.

    *fields*: of the request, beside what the move sets. *events*: beside those that the move, the vote and the step
    make. *letters*: messages that go out with it. *places*: where its card is put up besides. *heard*: a step's number and what it printed so far; no event.
    """

    actor: str = BOT
    moved: Moved | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    vote: Vote | None = None
    step: StepRun | None = None
    heard: tuple[int, str] | None = None
    events: tuple[Event, ...] = ()
    letters: tuple[Letter, ...] = ()
    places: tuple[str, ...] = ()


class Busy(Exception):
    """The cluster is taken: another request of it is running, or its outcome is not known."""


class Unreviewed(Exception):
    """An earlier break-glass waits for its review: no other until then."""


class Gone(Exception):
    """There is no such request."""


class Illegible(Refused):
    """What is stored of it cannot be read here: another version wrote it, or somebody by hand. It never runs."""

    def __init__(self, id_: str, why: str) -> None:
        super().__init__(ILLEGIBLE.fill(id=id_))
        self.id = id_
        self.why = why


@dataclass(frozen=True)
class InLine:
    """As much of a request as it takes to say whose turn it is."""

    id: str
    cluster: str
    state: State
    approved_us: int | None
    not_before_us: int | None


class Docket(Protocol):
    """The requests, in the database. One that cannot be read is in nobody's way: no list has it, it is never due, nor
    does it wait in line; a log names it once.
    """

    def clock_us(self) -> int:
        """The database's clock, never behind the ledger: by it a request is made, voted on, expired and run."""

    def get(self, id_: str) -> Request | None:
        """Raise `Illegible` if it is there and cannot be read."""

    def find(
        self,
        states: Collection[State],
        *,
        person: str | None = None,
        cluster: str | None = None,
        but: Collection[str] = (),
        limit: int = 50,
    ) -> list[Request]:
        """The newest first. *but*: clusters of which none is wanted."""

    def due(self, now_us: int, limit: int = 100) -> list[Request]:
        """Those whose timer has come."""

    def line(self) -> list[InLine]:
        """All that are approved, running, or of unknown outcome; the latter two keep their cluster even if illegible."""

    def change(self, id_: str, edit: Callable[[Request, int], Edit | None]) -> Request:
        """Lock it, ask *edit* what to write (given the request and the database's clock), write it, return it as it is.

        What *edit* raises goes through, and nothing is written then; None writes nothing. A version, a fence or a
        vote that is there already loses: raise `Busy` if a claim finds its cluster taken, `Unreviewed` if a break-glass
        finds another that waits for its review, `Gone` if there is none, `Illegible` if it cannot be read.
        An approval is handed to the dispatcher in the same transaction.
        """

    def story(self, id_: str) -> list[Told]:
        """All that the ledger says of it, in order."""

    def unreviewed(self) -> str:
        """The newest break-glass that nobody has reviewed yet, or ""."""


def events(request: Request, edit: Edit) -> tuple[Event, ...]:
    """What the ledger says of *edit* to *request*, in order."""
    found: list[Event] = []
    if edit.vote is not None:
        found.append(_event(request, edit, Kind.VOTE_RECORDED, edit.vote.verdict, _vote(edit.vote)))
    if edit.step is not None:
        kind = Kind.RUN_STARTED if edit.step.progress is Progress.STARTED else Kind.RUN_FINISHED
        found.append(_event(request, edit, kind, edit.step.progress, _step(request, edit.step)))
    if edit.moved is not None:
        state = after(request.state, edit.moved.move)
        found.append(_event(request, edit, KINDS[state], state, _moved(edit.moved)))
    return (*found, *edit.events)


def happened(request: Request, kind: Kind, actor: str, outcome: str, **detail: Json) -> Event:
    """An event of *request* that no move makes."""
    detail = {"plan_hash": request.plan_hash, **detail}
    return Event(kind, actor, request.cluster, request.plan.action, request.id, outcome, detail)


def _event(request: Request, edit: Edit, kind: Kind, outcome: str, detail: Mapping[str, Json]) -> Event:
    return happened(request, kind, edit.actor, str(outcome), **detail)


def _vote(vote: Vote) -> dict[str, Json]:
    shown: dict[str, Json] = {"person": vote.person, "name": vote.name, "via": vote.via}
    return {**shown, "typed": vote.typed, "statement": vote.statement}


def _step(request: Request, step: StepRun) -> dict[str, Json]:
    planned = request.plan.steps[step.number]
    told: dict[str, Json] = {"step": step.number, "node": planned.on, "argv": list(planned.argv), "fence": step.fence}
    if step.progress is Progress.STARTED:
        return {**told, "boot_id": step.boot_id, "guard_sha256": sha256(planned.guard.encode()).hexdigest()}
    took_us = (step.finished_us or 0) - (step.started_us or 0)
    said: dict[str, Json] = {"bytes": len(step.said.encode()), "sha256": sha256(step.said.encode()).hexdigest()}
    return {**told, "exit": step.exit, "took_us": took_us, "output": said}


def _moved(moved: Moved) -> dict[str, Json]:
    return {"why": moved.why.to("en") if moved.why else None}


ILLEGIBLE = Text(
    en="Request {id} cannot be read: another version of the bot wrote it, or somebody by hand. It never runs; ask again",
    fr="La demande {id} est illisible : une autre version du bot l'a écrite, ou quelqu'un à la main. Elle n'est jamais "
    "exécutée ; redemandez",
)
