"""Looks at the open requests now and then: what time made due, what a changed policy overtook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from bot import timers
from bot.docket import Docket, Edit, happened
from bot.event import Kind
from bot.message import Letter
from bot.propose import OTHER_POLICY
from bot.request import Move, Moved, Request, State
from bot.text import Refused
from bot.timers import Due, Timer
from bot.workflow import Workflow

log = structlog.get_logger()
WAITING = (State.PENDING, State.APPROVED)
MOST = 10_000


@dataclass(frozen=True)
class Reminder:
    """*hangs*: where its card hangs already. *added*: who gets it now, of those it escalates to."""

    due: Due
    hangs: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


Remind = Callable[[Request, Reminder], tuple[Letter, ...]]
"""The messages of a reminder, or of an escalation."""

Hangs = Callable[[str], Sequence[str]]
"""The places where the cards of a request hang."""

Members = Callable[[str], Sequence[str]]
"""Where to reach the members of a group directly; empty if that cannot be known now."""


@dataclass(frozen=True)
class Sweep:
    docket: Docket
    workflow: Workflow
    remind: Remind
    members: Members
    hangs: Hangs

    def by_time(self) -> None:
        at_us = self.docket.clock_us()
        for request in self.docket.due(at_us):
            self._safely(partial(self._on_time, at_us), request)

    def by_policy(self) -> None:
        """What is open was asked for under other rules: it must be asked for again."""
        for request in self.docket.find(WAITING, limit=MOST):
            self._safely(self._on_policy, request)

    def _safely(self, look: Callable[[Request], None], request: Request) -> None:
        """A mistake about one request keeps no other from being looked at."""
        try:
            look(request)
        except Refused:
            raise
        except Exception:
            log.exception("a request could not be looked at", request=request.id)

    def _on_time(self, at_us: int, request: Request) -> None:
        timer = timers.due(request, at_us)
        if timer is None or timer.moved:
            self.docket.change(request.id, partial(self._timed, Reminder(Due.EXPIRE)))
            return
        group = request.demand.escalate_to if timer.due is Due.ESCALATE else None
        added = tuple(self.members(group)) if group else ()
        reminder = Reminder(timer.due, tuple(self.hangs(request.id)), added)
        self.docket.change(request.id, partial(self._timed, reminder))

    def _on_policy(self, request: Request) -> None:
        if self.workflow.demand_now(request.plan) != request.demand:
            self.docket.change(request.id, _superseded)

    def _timed(self, reminder: Reminder, request: Request, at_us: int) -> Edit | None:
        """Looked at again under the lock, by the database's clock."""
        timer = timers.due(request, at_us)
        if timer is None:
            return None
        return Edit(moved=timer.moved) if timer.moved else self._reminded(request, timer, reminder)

    def _reminded(self, request: Request, timer: Timer, reminder: Reminder) -> Edit:
        kind = Kind.REQUEST_ESCALATED if timer.due is Due.ESCALATE else Kind.REQUEST_REMINDED
        events = (happened(request, kind, "bot", timer.due, number=timer.reminded),)
        letters = self.remind(request, replace(reminder, due=timer.due))
        return Edit(fields={"reminded": timer.reminded}, events=events, letters=letters, places=reminder.added)


def _superseded(request: Request, _at_us: int) -> Edit | None:
    return Edit(moved=Moved(Move.SUPERSEDE, OTHER_POLICY)) if request.state in WAITING else None
