"""A request and its life: everything that moves it from state to state stands in one table. Pure.

Two rules: whatever affects the state is in this file; this file does not know who moves it, nor why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.demand import Demand
from bot.event import Kind
from bot.people import Account
from bot.plan import Plan, read
from bot.text import Text


class State(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED = "aborted"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    INDETERMINATE = "indeterminate"
    RECONCILED = "reconciled"
    REFUSED = "refused"


class Move(StrEnum):
    """What can happen to a request."""

    APPROVE = "approve"  # the last vote that was needed
    DENY = "deny"
    CANCEL = "cancel"
    STOP = "stop"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    CLAIM = "claim"
    SUCCEED = "succeed"
    FAIL = "fail"
    ABORT = "abort"
    LOSE = "lose"
    RECONCILE = "reconcile"


MOVES: Mapping[State, Mapping[Move, State]] = {
    State.PENDING: {
        Move.APPROVE: State.APPROVED,
        Move.DENY: State.DENIED,
        Move.CANCEL: State.CANCELLED,
        Move.EXPIRE: State.EXPIRED,
        Move.SUPERSEDE: State.SUPERSEDED,
    },
    State.APPROVED: {
        Move.CLAIM: State.RUNNING,
        Move.STOP: State.DENIED,
        Move.CANCEL: State.CANCELLED,
        Move.EXPIRE: State.EXPIRED,
        Move.SUPERSEDE: State.SUPERSEDED,
    },
    State.RUNNING: {
        Move.CLAIM: State.RUNNING,  # by another worker, under a new fence
        Move.SUCCEED: State.SUCCEEDED,
        Move.FAIL: State.FAILED,
        Move.ABORT: State.ABORTED,  # stopped, or refused by a guard: the rest was never started
        Move.LOSE: State.INDETERMINATE,
    },
    State.INDETERMINATE: {Move.RECONCILE: State.RECONCILED},
    State.SUCCEEDED: {},
    State.FAILED: {},
    State.ABORTED: {},
    State.DENIED: {},
    State.CANCELLED: {},
    State.EXPIRED: {},
    State.SUPERSEDED: {},
    State.RECONCILED: {},
    State.REFUSED: {},  # by a check: nobody was asked
}
OPEN = frozenset(state for state, moves in MOVES.items() if moves)
BUSY = frozenset({State.RUNNING, State.INDETERMINATE})  # the cluster is locked

KINDS: Mapping[State, Kind] = {
    State.PENDING: Kind.REQUEST_CREATED,
    State.APPROVED: Kind.REQUEST_APPROVED,
    State.RUNNING: Kind.RUN_CLAIMED,
    State.SUCCEEDED: Kind.RUN_SUCCEEDED,
    State.FAILED: Kind.RUN_FAILED,
    State.ABORTED: Kind.RUN_ABORTED,
    State.DENIED: Kind.REQUEST_DENIED,
    State.CANCELLED: Kind.REQUEST_CANCELLED,
    State.EXPIRED: Kind.REQUEST_EXPIRED,
    State.SUPERSEDED: Kind.REQUEST_SUPERSEDED,
    State.INDETERMINATE: Kind.RUN_INDETERMINATE,
    State.RECONCILED: Kind.RUN_RECONCILED,
    State.REFUSED: Kind.REQUEST_REFUSED,
}


class Illegal(Exception):
    """What cannot happen to a request in its state."""


def after(state: State, move: Move) -> State:
    """Raise `Illegal` if *move* cannot happen in *state*."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Illegal(f"{move} in {state}") from None


class Verdict(StrEnum):
    """What a person said: about running it, or, of a run whose outcome nobody knows, about whether it did."""

    APPROVE = "approve"
    DID = "did"
    DID_NOT = "did_not"


@dataclass(frozen=True)
class Vote:
    """One word of one person. *plan_hash*: of what they were shown. *typed*, *statement*: what they entered.

    *number*: 0 for approving, which is said once; of what happened, each person's words are counted from 1.
    """

    verdict: Verdict
    account: Account
    person: str
    name: str
    plan_hash: str
    at_us: int
    via: str
    typed: str = ""
    statement: str = ""
    groups: frozenset[str] = frozenset()  # at that time; looked at again when the run is claimed
    number: int = 0


class Progress(StrEnum):
    """How far one step is. STARTED: it may have reached the node."""

    TODO = "todo"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"  # by its guard: it never ran
    NEVER = "never"  # nor did it: nobody had started it, and now nobody can
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class StepRun:
    """One step of the plan as it ran. *boot_id*: of the node when it was started. *exit* None: unknown or none."""

    number: int
    progress: Progress = Progress.TODO
    fence: int = 0
    boot_id: str = ""
    exit: int | None = None
    said: str = ""
    started_us: int | None = None
    finished_us: int | None = None

    def ended_at(self, at_us: int) -> StepRun:
        return replace(self, finished_us=at_us)


@dataclass(frozen=True)
class Request:
    """All there is to show or decide about one request. Times: Unix microseconds, by the database's clock.

    *version* grows with every change. *why*: of its last move, for people. *by_glass*: it was approved by break-glass.
    """

    id: str
    state: State
    version: int
    cluster: str
    requester: Account
    person: str
    name: str
    channel: str
    plan_text: str
    plan_hash: str
    demand: Demand
    created_us: int
    approve_by_us: int
    reason: str = ""
    ticket: str = ""
    approved_us: int | None = None
    not_before_us: int | None = None
    execute_by_us: int | None = None
    ended_us: int | None = None
    fence: int = 0
    owner: str = ""
    stop_by: str = ""  # who pressed Stop while it runs
    by_glass: bool = False
    reviewed_by: str = ""
    ended_by: str = ""  # the person who denied, cancelled or stopped it
    why: Text | None = None
    did: bool | None = None  # of RECONCILED
    reminded: int = 0
    votes: tuple[Vote, ...] = ()
    steps: tuple[StepRun, ...] = ()

    @property
    def plan(self) -> Plan:
        return read(self.plan_text)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def said(self, verdict: Verdict) -> tuple[Vote, ...]:
        return tuple(vote for vote in self.votes if vote.verdict is verdict)

    def last_said(self, verdict: Verdict) -> tuple[Vote, ...]:
        """The same, but for those who have said the contrary since."""
        about_outcome = verdict is not Verdict.APPROVE
        votes = [vote for vote in self.votes if (vote.verdict is not Verdict.APPROVE) == about_outcome]
        last = {vote.person: vote for vote in votes}
        return tuple(vote for vote in last.values() if vote.verdict is verdict)


@dataclass(frozen=True)
class Moved:
    """What a move changes beside the state; the store adds version and times."""

    move: Move
    why: Text | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
