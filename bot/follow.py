"""Starts one step on its node and follows it to its end, through lost connections, until it is known or must be given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.action import Unreachable
from bot.look import Hands
from bot.names import ClusterName, Secret
from bot.request import Progress, Request, StepRun
from bot.run import Fate, Outcome, Ticket, Trace, outcome, ticket_id
from bot.text import Language, Refused, Text, clean
from bot.units import SECOND_US

T = TypeVar("T")
START_WITHIN_S = 60  # well below the grace after which an outcome is called unknown
PROGRESS: Mapping[Fate, Progress] = {
    Fate.SUCCEEDED: Progress.DONE,
    Fate.FAILED: Progress.FAILED,
    Fate.TIMED_OUT: Progress.FAILED,
    Fate.REFUSED: Progress.REFUSED,
    Fate.NEVER: Progress.NEVER,
    Fate.UNKNOWN: Progress.UNKNOWN,
}


@dataclass(frozen=True)
class Pace:
    """Seconds. *look_s*: between two looks at a running step, at first; *look_max_s*: when it takes long.

    *silent_s*: after a look that nobody answered, twice that after the next, *silent_max_s* at most: sshd locks out who
    fails to log in again and again (PerSourcePenalties, sshd_config(5)), as everybody does while a node joins.
    *grace_s*: how long beyond its own limit a node may be silent before the outcome is called unknown.
    *database_s*: how long a result waits for a database that is away.
    """

    look_s: float = 0.1
    look_max_s: float = 2.0
    silent_s: float = 2.0
    silent_max_s: float = 20.0
    grace_s: float = 120.0
    database_s: float = 300.0


@dataclass(frozen=True)
class Follower:
    """*hands*: of each cluster. *sleep* waits that many seconds. *secret*: what a reference stands for. *language*: of
    what is kept in place of what a node prints.
    """

    hands: Mapping[ClusterName, Hands]
    now_us: Callable[[], int]
    sleep: Callable[[float], None]
    secret: Callable[[str], Secret]
    pace: Pace = Pace()
    language: Language = "en"

    def boot_id(self, request: Request, number: int) -> str:
        """Of the node that the step is to run on. Raise `Unreachable`, or `Refused` if its secret is not to be had."""
        self._secret(request, number)
        return self._hands(request).boot_id(request.plan.steps[number].on)

    def reaches(self, request: Request) -> bool:
        """Whether its cluster is one that this bot may change, as it is configured now."""
        return request.cluster in self.hands

    def start(self, request: Request, number: int) -> str:
        """What its node objected, "" for nothing. An answer that does not come is not an error here either: `follow`
        reads on the node what became of it.
        """
        try:
            ticket = replace(self._ticket(request, number), secret=self._secret(request, number))
            return _readable(self._hands(request).start(ticket))
        except Unreachable:
            node = request.plan.steps[number].on
            return NO_ANSWER.fill(node=node).to(self.language)

    def follow(self, request: Request, number: int, heard: Callable[[str], object]) -> StepRun:
        """The step as it ended. *heard* is told what it prints, each time that there is more."""
        ticket, run = self._ticket(request, number), request.steps[number]
        until_us = self._after(ticket.timeout_s + self.pace.grace_s)
        said, wait_s, silent_s = "", self.pace.look_s, self.pace.silent_s
        while True:
            trace = self._trace(request, ticket)
            found = self._outcome(request, ticket, trace, run.boot_id)
            if found is None and self.now_us() >= until_us:
                found = Outcome(Fate.UNKNOWN)
            if found is not None and found.fate is not Fate.ACTIVE:
                return _ended(run, found, trace, request.plan.steps[number].marker)
            if found is not None:
                until_us = max(until_us, self._after(self.pace.grace_s))
            if trace is not None and _said(trace) != said:
                said = _said(trace)
                heard(said)
            self.sleep(min(silent_s if trace is None else wait_s, self._until(until_us)))
            wait_s = min(wait_s * 1.5, self.pace.look_max_s)
            silent_s = min(silent_s * 2, self.pace.silent_max_s) if trace is None else self.pace.silent_s

    def insist(self, write: Callable[[], T]) -> T:
        """Write, and try again while the database is away: nobody else knows what is to be written."""
        until_us = self._after(self.pace.database_s)
        while True:
            try:
                return write()
            except Refused:
                if self.now_us() >= until_us:
                    raise
                self.sleep(self.pace.look_max_s)

    def _outcome(self, request: Request, ticket: Ticket, trace: Trace | None, boot_id: str) -> Outcome | None:
        """None: it cannot be told yet."""
        if trace is None:
            return None
        found = outcome(trace, boot_id)
        if found.fate is not Fate.NEVER and (found.fate is not Fate.UNKNOWN or trace.spent):
            return found
        # A whole ticket is burnt also where nobody can tell what was: a worker that only slept must not start it yet.
        try:
            is_burnt = self._hands(request).burn(ticket)
        except Unreachable:
            return None
        return found if is_burnt else None

    def _until(self, at_us: int) -> float:
        """Seconds from now, a moment at least."""
        return max((at_us - self.now_us()) / SECOND_US, self.pace.look_s)

    def _after(self, seconds: float) -> int:
        return self.now_us() + round(seconds * SECOND_US)

    def _trace(self, request: Request, ticket: Ticket) -> Trace | None:
        try:
            return self._hands(request).trace(ticket)
        except Unreachable:
            return None

    def _hands(self, request: Request) -> Hands:
        return self.hands[ClusterName(request.cluster)]

    def _ticket(self, request: Request, number: int) -> Ticket:
        """Everything in it comes from the stored bytes of the plan. Without its secret, which only a start needs."""
        plan = request.plan
        step = plan.steps[number]
        id_, fingerprint = ticket_id(request.id, number), plan.hosts[step.on].fingerprint
        begun_s = (request.steps[number].started_us or 0) // SECOND_US
        return Ticket(id_, step.on, step.argv, step.guard, step.timeout_s, fingerprint, begun_s + START_WITHIN_S)

    def _secret(self, request: Request, number: int) -> Secret | None:
        reference = request.plan.steps[number].secret
        return self.secret(reference) if reference else None


def _ended(run: StepRun, found: Outcome, trace: Trace | None, marker: str) -> StepRun:
    said = (_said(trace) if trace else "") or run.said
    if found.fate is Fate.SUCCEEDED and trace is not None and marker not in trace.out:
        found = replace(found, fate=Fate.FAILED)
    return replace(run, progress=PROGRESS[found.fate], exit=found.exit, said=said)


def _said(trace: Trace) -> str:
    return _readable(trace.out + (f"\n{trace.err}" if trace.err else ""))


def _readable(printed: str) -> str:
    """PostgreSQL keeps no NUL either."""
    return clean(printed).replace("\0", "\N{REPLACEMENT CHARACTER}")


NO_ANSWER = Text(
    en="{node} gave no answer when this was sent; what became of it is read there",
    fr="{node} n'a pas répondu à l'envoi de ceci ; ce qu'il en est advenu y est lu",
)
