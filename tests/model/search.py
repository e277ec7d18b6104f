"""Searches every state that the model can reach, breadth first, so that a counterexample is a shortest one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.request import OPEN, State
from tests.model.flow import NONE, Bugs, Flow, Next, Step, following

NEVER_RAN = frozenset({State.DENIED, State.CANCELLED, State.EXPIRED, State.SUPERSEDED, State.ABORTED})
MOST_STATES = 500_000

Came = tuple[Step, Flow] | None


@dataclass(frozen=True)
class Found:
    """*broken*: the invariant, "" for none; *path*: the shortest way there. *states*: all that can be reached."""

    broken: str
    path: tuple[Step, ...]
    states: Mapping[Flow, Came]


def search(bugs: Bugs = NONE) -> Found:
    start = Flow()
    seen: dict[Flow, Came] = {start: None}
    waiting = deque([start])
    while waiting:
        flow = waiting.popleft()
        if broken := wrong(flow):
            return Found(broken, _path(seen, flow), seen)
        for step, after in _following(flow, bugs):
            if after not in seen:
                seen[after] = (step, flow)
                waiting.append(after)
        if len(seen) > MOST_STATES:
            raise AssertionError(f"{flow} the model has grown beyond its bounds")
    return Found("", (), seen)


def wrong(flow: Flow) -> str:
    """The invariant that does not hold here. I9: what is told is what happened."""
    if flow.broken:
        return flow.broken
    told_wrongly = (flow.state in NEVER_RAN and flow.runs > 0) or (flow.state is State.SUCCEEDED and flow.runs != 1)
    return "I9" if told_wrongly else ""


def stuck(states: Mapping[Flow, Came], bugs: Bugs = NONE) -> list[Flow]:
    """Those from which no end can be reached any more."""
    before: dict[Flow, list[Flow]] = {}
    for flow in states:
        for _, after in _following(flow, bugs):
            before.setdefault(after, []).append(flow)
    good = {flow for flow in states if flow.state not in OPEN}
    waiting = list(good)
    while waiting:
        for flow in before.get(waiting.pop(), ()):
            if flow not in good:
                good.add(flow)
                waiting.append(flow)
    return [flow for flow in states if flow not in good]


def _following(flow: Flow, bugs: Bugs) -> Iterator[Next]:
    """Two workers that change places are the same state."""
    for step, after in following(flow, bugs):
        yield step, after._replace(workers=tuple(sorted(after.workers)))


def _path(seen: Mapping[Flow, Came], flow: Flow) -> tuple[Step, ...]:
    path: list[Step] = []
    came = seen[flow]
    while came is not None:
        path.append(came[0])
        came = seen[came[1]]
    return tuple(reversed(path))
