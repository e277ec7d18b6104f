"""The approval flow as an abstract machine: what may happen next in each state, by people, clock, workers and node.

Small on purpose, so that all of it can be searched. One request, one step, two workers; a worker keeps what it last
saw and does one thing at a time, so that anything may happen between two of its acts. A mutant (a word in *bugs*)
changes one rule into the mistake of a real system.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from bot.request import State

PERSON = {"r": "r", "r2": "r", "a": "a", "b": "b", "m": "m", "x": "x"}  # r2: the requester's other account
GROUPS = {"r": {"g1"}, "a": {"g1", "g2"}, "b": {"g2"}, "m": {"g1"}, "x": {"g1"}}  # m leaves; x is an outsider
NEED = ("g1", "g2")
APPROVE_BY, RUN_WITHIN, LAST_TICK = 2, 1, 3
MOST_CLAIMS, MOST_CRASHES = 3, 2

CLOSED = frozenset({State.DENIED, State.CANCELLED, State.EXPIRED, State.SUPERSEDED})

Bugs = frozenset[str]
NONE: Bugs = frozenset()


class At(StrEnum):
    """What a worker will do next."""

    IDLE = "idle"
    SUPERSEDE = "supersede"
    CLAIM = "claim"
    BEGIN = "begin"
    START = "start"
    FOLLOW = "follow"
    BURN = "burn"
    RECORD = "record"
    TELL = "tell"


class Node(StrEnum):
    """What became of the ticket on the node."""

    WHOLE = "whole"
    BURNT = "burnt"
    ACTIVE = "active"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    LOST = "lost"  # the node died in the middle


class Worker(NamedTuple):
    """*fence*: of its claim, or the one it saw. *found*: what it will record. *valid*: the approvers, when it looked."""

    at: At = At.IDLE
    fence: int = 0
    found: str = ""
    valid: bool = True


class Flow(NamedTuple):
    """*flaw*, *broken*: the invariant that the claim, then the run, went against."""

    state: State = State.PENDING
    votes: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()  # that it did run, when nobody knows
    tick: int = 0
    run_by: int = 0
    changed: bool = False  # the cluster, since the plan was made
    gone: bool = False  # m is deactivated
    fence: int = 0
    progress: str = "todo"
    stopping: bool = False
    node: Node = Node.WHOLE
    rebooted: bool = False  # since the step was begun
    workers: tuple[Worker, ...] = (Worker(), Worker())
    crashes: int = 0
    runs: int = 0
    closed: bool = False  # it was denied, cancelled, expired or superseded
    flaw: str = ""
    broken: str = ""


class Step(NamedTuple):
    """*who*: an account, or the number of a worker."""

    what: str
    who: str = ""

    def __str__(self) -> str:
        return f"{self.who} {self.what}".strip()


Next = tuple[Step, Flow]


def following(flow: Flow, bugs: Bugs = NONE) -> Iterator[Next]:
    from tests.model.people import by_people
    from tests.model.workers import by_workers

    for step, after in chain(_by_the_world(flow), by_people(flow, bugs), by_workers(flow, bugs)):
        yield step, after._replace(closed=True) if after.state in CLOSED else after


def _by_the_world(flow: Flow) -> Iterator[Next]:
    """Only where it can still matter: time and people until the claim, the cluster until the ticket is spent."""
    waits = flow.state in {State.PENDING, State.APPROVED}
    if waits and flow.tick < LAST_TICK:
        yield Step("tick"), flow._replace(tick=flow.tick + 1)
    if waits and not flow.gone:
        yield Step("is deactivated", "m"), flow._replace(gone=True)
    if not flow.changed and (waits or flow.state is State.RUNNING) and flow.node is Node.WHOLE:
        yield Step("cluster changes"), flow._replace(changed=True)
    if (flow.state is State.PENDING and flow.tick >= APPROVE_BY) or (
        flow.state is State.APPROVED and flow.tick >= flow.run_by
    ):
        yield Step("sweep"), flow._replace(state=State.EXPIRED)
    yield from _by_the_node(flow)


def _by_the_node(flow: Flow) -> Iterator[Next]:
    if flow.node is Node.ACTIVE:
        yield Step("node ends well"), flow._replace(node=Node.DONE)
        yield Step("node ends badly"), flow._replace(node=Node.FAILED)
    if flow.progress == "started" and not flow.rebooted:
        node = Node.LOST if flow.node is Node.ACTIVE else flow.node
        yield Step("node reboots"), flow._replace(node=node, rebooted=True)
