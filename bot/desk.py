"""From a recorded command to its recorded answer: takes what waits in the inbox, has it done, puts the answer out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Protocol

import structlog

from bot.action import Json
from bot.demand import Demand, fills, unfilled
from bot.demand_words import groups
from bot.event import Event, Kind
from bot.filing import Filing, filed
from bot.judge import Judge
from bot.look import Seen
from bot.message import Asked, Letter
from bot.people import Account, Standing, Who
from bot.request import Request, State
from bot.text import Language, Refused, Text
from bot.waiting import require_room
from bot.workflow import Answer, Proposal, Workflow

log = structlog.get_logger()
DIRECTLY_MOST = 10


class Inbox(Protocol):
    """What arrived and was recorded before it was acknowledged."""

    def put(self, *asked: Asked) -> int:
        """Record them, durably, all or none; how many: one whose key was seen before is not recorded again."""

    def take(self, limit: int, *, now_us: int) -> list[Asked]:
        """Claim what waits (also what a dead process claimed) and record `command.received`."""

    def leave(self, asked: Asked) -> None:
        """Say that this process works on it no more, and has not finished it."""

    def finish(self, asked: Asked, event: Event, letters: Sequence[Letter], filing: Filing | None = None) -> None:
        """In one transaction: this command is done, *event* is in the ledger, *letters* are in the outbox, and
        the request of *filing*, if there is one, is there with its own event, its cards to be shown.
        """


class Outbox(Protocol):
    """Messages that must reach people, also after a restart."""

    def due(self, limit: int, *, now_us: int) -> list[Letter]: ...
    def sent(self, letter: Letter, *, now_us: int) -> None: ...
    def later(self, letter: Letter, *, due_us: int, why: str) -> None: ...
    def given_up(self, letter: Letter, *, why: str, now_us: int) -> None: ...


class Directory(Protocol):
    """Who people are, as Slack or the configuration says now."""

    def who(self, account: Account) -> Who:
        """Raise `Refused` if it cannot be known now."""


class Electorate(Protocol):
    """Who could approve."""

    def of(self, demand: Demand, channel: str) -> Sequence[Who]:
        """Everybody who might fill a slot, as Slack says now. Raise `Refused` if it cannot be known, or if *channel*
        is shared with another organisation.
        """


Write = Callable[[Answer, Asked, Who], Sequence[Letter]]
"""Turns an answer into the messages that bring it, in the person's language."""


@dataclass(frozen=True)
class Done:
    """One command done: what it answered, to whom, and what the ledger will say of it. *filing*: a new request."""

    answer: Answer
    who: Who
    event: Event
    filing: Filing | None = None


@dataclass(frozen=True)
class Clerk:
    """Has one command done and says what to record of it; records nothing itself. *new_id*: for the next request.

    *can_be_shown*: whether people can be shown all of its plan before they approve it.
    """

    workflow: Workflow
    directory: Directory
    electorate: Electorate
    judge: Judge
    now_us: Callable[[], int]
    new_id: Callable[[], str]
    language: Language = "en"
    can_be_shown: Callable[[Request], bool] = lambda _request: True

    def do(self, asked: Asked) -> Done:
        answer, who, kind, filing = self._done(asked)
        event = _event(kind, asked, answer, took_us=self.now_us() - asked.at_us)
        return Done(answer, who, event, filing)

    def _done(self, asked: Asked) -> tuple[Answer, Who, Kind, Filing | None]:
        answer, who, kind = self._answered(asked)
        if answer.proposal is None:
            return answer, who, kind, None
        try:
            filing = self._filed(answer.proposal, asked, who)
        except Refused as refused:
            return replace(answer, proposal=None, refusal=refused.text), who, Kind.REQUEST_REFUSED, None
        except Exception:
            log.exception("request not filed", command=asked.key)
            return _failed(asked), who, Kind.COMMAND_FAILED, None
        said = FILED.fill(id=filing.request.id, words=filing.request.plan.words, needs=groups(filing.request.demand))
        return replace(answer, said=said), who, kind, filing

    def _answered(self, asked: Asked) -> tuple[Answer, Who, Kind]:
        stranger = Who(asked.account, str(asked.account), str(asked.account), Standing.UNMAPPED, self.language)
        try:
            who = self.directory.who(asked.account)
        except Refused as refused:
            return Answer(asked.line, refusal=refused.text), stranger, Kind.COMMAND_REFUSED
        try:
            answer = self._heard(asked) if asked.act else self.workflow.answer(asked.line, who, asked.channel)
        except Exception:
            log.exception("command failed", command=asked.key)
            return _failed(asked), who, Kind.COMMAND_FAILED
        return answer, who, _kind(answer)

    def _heard(self, asked: Asked) -> Answer:
        try:
            heard = self.judge.hear(asked.act, asked.account, asked.channel) if asked.act else None
            return Answer(asked.line, said=heard)
        except Refused as refused:
            return Answer(asked.line, refusal=refused.text)

    def _filed(self, proposal: Proposal, asked: Asked, who: Who) -> Filing:
        """Raise `Refused` if nobody there is could approve it, or if there is nowhere to ask, or too much waits."""
        require_room(self.judge.docket.find((State.PENDING,), person=who.person), proposal.plan)
        channel = self.workflow.channel_of(proposal.plan, asked.channel)
        present = [*self.electorate.of(proposal.demand, channel), who]
        if missing := unfilled(proposal.demand.slots, present, who.person):
            raise Refused(NOBODY.fill(missing=groups(replace(proposal.demand, slots=missing))))
        request = filed(proposal, asked, who, self.new_id(), channel, self.judge.docket.clock_us())
        if not self.can_be_shown(request):
            raise Refused(TOO_LONG)
        return Filing(request, (channel, *_directly(request, present)))


def _failed(asked: Asked) -> Answer:
    """A bug: the log has all of it under this number, the person gets the number."""
    return Answer(asked.line, refusal=FAILED.fill(number=asked.key))


def _directly(request: Request, present: Sequence[Who]) -> list[str]:
    """Those who can approve, unless they are so many that it would only be noise."""
    able = [who for who in present if any(fills(who, slot, request.person) for slot in request.demand.slots)]
    users = dict.fromkeys(who.account.user for who in able)
    return [*users] if len(users) <= DIRECTLY_MOST else []


def _kind(answer: Answer) -> Kind:
    if answer.blocked:
        return Kind.REQUEST_REFUSED
    return Kind.COMMAND_REFUSED if answer.refusal else Kind.COMMAND_ANSWERED


@dataclass
class Desk:
    """Works off the inbox, several commands at a time. `wake()` after each new row; nothing is lost without it."""

    clerk: Clerk
    inbox: Inbox
    write: Write
    answered: Callable[[Event], None]
    pool: Executor
    limit: int = 16
    _under_way: set[Future[None]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)
    _next: Lock = field(default_factory=Lock)

    def wake(self) -> None:
        """Take what waits, as far as there is room, and start it in the pool. Called from any thread."""
        if not self._next.acquire(blocking=False):
            return  # another thread is about to take, and will find the same rows
        with self._lock:
            self._next.release()
            self._under_way = {future for future in self._under_way if not future.done()}
            room = self.limit - len(self._under_way)
            waiting = self.inbox.take(room, now_us=self.clerk.now_us()) if room > 0 else []
            self._under_way |= {self.pool.submit(self._serve, asked) for asked in waiting}

    def _serve(self, asked: Asked) -> None:
        """Answer and event are stored together, or not at all: then the row stays, to be taken again."""
        try:
            done = self.clerk.do(asked)
            self.inbox.finish(asked, done.event, self.write(done.answer, asked, done.who), done.filing)
        except Exception:
            self.inbox.leave(asked)
            log.exception("not recorded", command=asked.key)
        else:
            self.answered(done.event)


def _event(kind: Kind, asked: Asked, answer: Answer, *, took_us: int) -> Event:
    outcome = answer.report.level if answer.report else kind.partition(".")[2]
    said = answer.report.headline if answer.report else answer.refusal or answer.said
    detail: dict[str, Json] = {
        "key": asked.key,
        "line": asked.line,
        "via": asked.via,
        "channel": asked.channel,
        "verb": answer.verb,
        "said": said.to("en") if said else None,
        "took_us": took_us,
        "outputs": [_output(seen) for seen in answer.outputs],
    }
    return Event(kind, str(asked.account), answer.cluster, answer.action, outcome=outcome, detail=detail)


def _output(seen: Seen) -> dict[str, Json]:
    return {
        "node": seen.node,
        "argv": list(seen.argv),
        "exit": seen.exit,
        "bytes": seen.bytes,
        "sha256": seen.sha256,
        "took_us": seen.took_us,
    }


FILED = Text(
    en="Request {id} waits for approval: {words}. Needed: {needs}",
    fr="La demande {id} attend d'être approuvée : {words}. Il faut : {needs}",
)
NOBODY = Text(
    en="Nobody is there who could approve this. Missing: {missing}",
    fr="Personne n'est là qui puisse approuver ceci. Il manque : {missing}",
)
TOO_LONG = Text(
    en="This plan is longer than anybody can be shown, so nobody can approve it: ask for less at once",
    fr="Ce plan est trop long pour être montré, donc personne ne peut l'approuver : demandez moins à la fois",
)
FAILED = Text(
    en="That failed because of a mistake in the bot, not in what you typed. Its log has the reason under number {number}",
    fr="Échec dû à une erreur du bot, pas à ce que vous avez tapé. Son journal en dit la raison sous le numéro {number}",
)
