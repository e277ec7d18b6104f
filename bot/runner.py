"""Carries out one approved request: looks again, claims it, runs its steps, each at most once, and tells what is seen.

Whoever picks up a run that another left behind reads on the node what became of it; nothing is repeated, ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from bot import endings
from bot.action import Level, Report, Unreachable
from bot.afterwards import look_at_waiting
from bot.demand import unfilled
from bot.docket import Busy, Docket, Edit, Illegible
from bot.follow import Follower
from bot.hours import is_within
from bot.judge import People
from bot.message import Letter
from bot.people import Standing
from bot.propose import OTHER_POLICY, overtaken
from bot.provenance import broken
from bot.request import Move, Moved, Progress, Request, State, StepRun, Verdict
from bot.text import Refused, Text
from bot.timers import NOT_RUN
from bot.workflow import Workflow

log = structlog.get_logger()

Tell = Callable[[Request, Report], tuple[Letter, ...]]
"""The messages that bring the report of a run."""


class Lost(Exception):
    """Another worker has this request now: it is theirs to tell."""


@dataclass(frozen=True)
class Runner:
    """*owner*: this worker, for the record. *sleep* waits that many seconds. *glass_group*: who may break the glass,
    "" for nobody.
    """

    docket: Docket
    workflow: Workflow
    people: People
    tell: Tell
    follower: Follower
    sleep: Callable[[float], None]
    owner: str
    glass_group: str = ""
    settle_every_s: float = 2.0

    def run(self, id_: str) -> bool:
        """Bring it to an end if it can be now; False: it must wait, for its turn or for somebody who does not answer."""
        try:
            request = self.docket.get(id_)
        except Illegible:
            return False  # nobody can say what it would run; its log has been told
        if request is None or request.state not in {State.APPROVED, State.RUNNING}:
            return True
        try:
            return self._run(request)
        except (Busy, Refused) as reason:
            log.info("a request waits", request=id_, why=str(reason))
            return False
        except Lost:
            return True

    def _run(self, request: Request) -> bool:
        if moved := self._spoilt(request):
            self._move(request, moved)
            return True
        before = None
        if request.state is State.APPROVED:
            again = self.workflow.look_again(request.plan, request.demand)
            if overtaken_by := overtaken(request.plan, again.plan):
                self._move(request, Moved(Move.SUPERSEDE, overtaken_by))
                return True
            before = again.facts
        claimed = self._claimed(request)
        if claimed.state is State.RUNNING:
            self._steps(claimed, before)
            look_at_waiting(self.docket, self.workflow, request.cluster)
        return True

    def _spoilt(self, request: Request) -> Moved | None:
        """What ends it before its cluster is looked at. Raise `Refused` if Slack does not say."""
        if tampered := broken(request, self.docket.story(request.id)):
            return Moved(Move.SUPERSEDE if request.state is State.APPROVED else Move.LOSE, tampered)
        if request.state is State.RUNNING:
            return None if self.follower.reaches(request) else endings.of_cut_off(request)
        overtaken_by = self._overtaken(request)
        return Moved(Move.SUPERSEDE, overtaken_by) if overtaken_by else None

    def _overtaken(self, request: Request) -> Text | None:
        """Why its approvals no longer stand. Raise `Refused` if Slack does not say."""
        if self.workflow.demand_now(request.plan) != request.demand:
            return OTHER_POLICY
        asker = self.people.who_now(request.requester)
        if asker.person != request.person or asker.standing not in {Standing.MEMBER, Standing.OPERATOR}:
            return OTHER_ASKER.fill(name=request.name)
        if request.by_glass:
            may = asker.is_member and self.glass_group in asker.groups
            return None if may else NO_LONGER.fill(name=asker.name)
        votes = request.said(Verdict.APPROVE)
        voters = [self.people.who_now(vote.account) for vote in votes]
        members = [who for who in voters if who.is_member]
        if not unfilled(request.demand.slots, members, request.person):
            return None
        gone = [who.name for who in voters if not who.is_member]
        if gone:
            return NO_LONGER.fill(name=", ".join(gone))
        return NOT_ENOUGH.fill(names=", ".join(vote.name for vote in votes))

    def _claimed(self, request: Request) -> Request:
        """Raise `Busy` if its cluster is taken, `Refused` if its time has not come."""

        def edit(now: Request, at_us: int) -> Edit | None:
            if now.state is State.APPROVED and at_us >= (now.execute_by_us or 0):
                return Edit(moved=Moved(Move.EXPIRE, NOT_RUN))
            if now.state not in {State.APPROVED, State.RUNNING} or now.fence != request.fence:
                return None
            if now.state is State.APPROVED and not _may_begin(now, at_us):
                raise Refused(NOT_YET)
            return Edit(moved=Moved(Move.CLAIM, fields={"fence": now.fence + 1, "owner": self.owner}))

        claimed = self.docket.change(request.id, edit)
        if claimed.state is State.RUNNING and (claimed.owner != self.owner or claimed.fence != request.fence + 1):
            raise Lost
        return claimed

    def _steps(self, request: Request, before: Any) -> None:
        for number in range(len(request.plan.steps)):
            if request.steps[number].progress is not Progress.DONE:
                request = self._step(request, number, before)
            if request.state is not State.RUNNING:
                return
        self._told(request, before)

    def _step(self, request: Request, number: int, before: Any) -> Request:
        """A step that was started before, by whomever, is followed; it is never started again."""
        if request.steps[number].progress is Progress.TODO:
            request = self._begun(request, number, before)
            if request.state is not State.RUNNING:
                return request
            objected = self.follower.start(request, number)
            request = self._heard(request, number, objected) if objected else request
        ended = self.follower.follow(request, number, partial(self._heard, request, number))
        return self._recorded(request, ended, self._left(request, ended, before))

    def _begun(self, request: Request, number: int, before: Any) -> Request:
        """The row "about to run", before the first remote byte; or the end, if it was stopped or cannot be started."""
        try:
            boot_id = self.follower.boot_id(request, number)
        except Refused as reason:
            return self._broken_off(request, number, before, _never_started(request, number, reason))

        def edit(now: Request, at_us: int) -> Edit | None:
            self._require_mine(now, request)
            if now.stop_by:
                return None if number else Edit(moved=Moved(Move.ABORT, _stopped(now, number)))
            return Edit(step=StepRun(number, Progress.STARTED, request.fence, boot_id, started_us=at_us))

        begun = self.docket.change(request.id, edit)
        if begun.state is State.RUNNING and begun.stop_by:
            return self._broken_off(begun, number, before, _stopped(begun, number))
        return begun

    def _broken_off(self, request: Request, number: int, before: Any, why: Text) -> Request:
        """The step of that number was never begun; those before it may have left something."""
        left = self._look_at_left(request, number, before) if number else None

        def edit(now: Request, _at_us: int) -> Edit:
            self._require_mine(now, request)
            return Edit(moved=Moved(Move.ABORT, why), letters=self.tell(now, left) if left else ())

        return self.docket.change(request.id, edit)

    def _heard(self, request: Request, number: int, said: str) -> Request:
        def edit(now: Request, _at_us: int) -> Edit:
            self._require_mine(now, request)
            return Edit(heard=(number, said))

        try:
            return self.docket.change(request.id, edit)
        except Refused:
            return request  # a database that is away; the end of the step will be written

    def _left(self, request: Request, ended: StepRun, before: Any) -> Report | None:
        """Looked at before the end is written, so that whoever takes over from here tells it as well."""
        if endings.of_step(request, ended) is None:
            return None
        return self._look_at_left(request, ended.number, before)

    def _look_at_left(self, request: Request, number: int, before: Any) -> Report | None:
        try:
            return self.workflow.left(request.plan, before, number)
        except Refused as reason:
            return Report(Level.UNKNOWN, LEFT_UNSEEN.fill(why=reason.text))

    def _recorded(self, request: Request, ended: StepRun, left: Report | None) -> Request:
        """Only this process knows what became of it: a database that is away for a while is waited for."""

        def edit(now: Request, at_us: int) -> Edit:
            self._require_mine(now, request)
            letters = self.tell(now, left) if left else ()
            return Edit(step=ended.ended_at(at_us), moved=endings.of_step(now, ended), letters=letters)

        return self.follower.insist(lambda: self.docket.change(request.id, edit))

    def _told(self, request: Request, before: Any) -> None:
        report = self._settled(request, before)
        moved = endings.of_report(report)

        def edit(now: Request, _at_us: int) -> Edit:
            self._require_mine(now, request)
            return Edit(moved=moved, letters=self.tell(now, report))

        self.follower.insist(lambda: self.docket.change(request.id, edit))

    def _settled(self, request: Request, before: Any) -> Report:
        """What is, not what should be: looked at until it is good, or for as long as the action says."""
        left_s = float(self.workflow.settle_s(request.plan))
        while True:
            report = self._report(request, before)
            if report.level is Level.GOOD or left_s <= 0:
                return report
            self.sleep(self.settle_every_s)
            left_s -= self.settle_every_s

    def _report(self, request: Request, before: Any) -> Report:
        try:
            return self.workflow.told(request.plan, before)
        except Refused as reason:
            return Report(Level.UNKNOWN, NOT_SEEN.fill(why=reason.text))

    def _move(self, request: Request, moved: Moved) -> Request:
        def edit(now: Request, _at_us: int) -> Edit | None:
            return Edit(moved=moved) if (now.state, now.fence) == (request.state, request.fence) else None

        return self.docket.change(request.id, edit)

    def _require_mine(self, now: Request, mine: Request) -> None:
        if now.state is not State.RUNNING or now.fence != mine.fence:
            raise Lost


def _never_started(request: Request, number: int, reason: Refused) -> Text:
    text = NEVER_STARTED if isinstance(reason, Unreachable) else CANNOT_START
    return text.fill(node=request.plan.steps[number].on, why=reason.text)


def _stopped(request: Request, number: int) -> Text:
    return STOPPED.fill(name=request.stop_by, number=number + 1)


def _may_begin(request: Request, at_us: int) -> bool:
    """Who broke the glass waits for no hours."""
    within = request.by_glass or all(is_within(hours, at_us) for hours in request.demand.hours)
    return within and at_us >= (request.not_before_us or 0)


OTHER_ASKER = Text(
    en="{name}, who asked for it, is no longer a member, or is known as somebody else now; ask again",
    fr="{name}, qui l'a demandée, n'est plus membre, ou est connu maintenant comme une autre personne ; redemandez",
)
NO_LONGER = Text(
    en="{name}, who approved it, may no longer do so; ask again",
    fr="{name}, qui l'a approuvée, n'en a plus le droit ; redemandez",
)
NOT_ENOUGH = Text(
    en="Those who approved it ({names}) are no longer enough; ask again",
    fr="Ceux qui l'ont approuvée ({names}) ne suffisent plus ; redemandez",
)
NOT_YET = Text(en="Its time has not come", fr="Son heure n'est pas venue")
NEVER_STARTED = Text(
    en="{node} does not answer, so this step was never started: {why}",
    fr="{node} ne répond pas, donc cette étape n'a pas été lancée : {why}",
)
CANNOT_START = Text(
    en="This step on {node} was never started: {why}", fr="Cette étape sur {node} n'a pas été lancée : {why}"
)
STOPPED = Text(en="Stopped by {name} before step {number}", fr="Arrêtée par {name} avant l'étape {number}")
LEFT_UNSEEN = Text(
    en="What is left could not be seen: {why}",
    fr="Ce qui reste n'a pas pu être vu : {why}",
)
NOT_SEEN = Text(
    en="All steps ended well, but the cluster could not be seen afterwards: {why}",
    fr="Toutes les étapes se sont bien terminées, mais le cluster n'a pas pu être revu ensuite : {why}",
)
