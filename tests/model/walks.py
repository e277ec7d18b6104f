"""Random walks through the model, each step with the state that it leads to, to be replayed on the real code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from bot.request import OPEN
from tests.model.flow import At, Flow, Step, following

# People try more than they may: what the model does not offer must be refused, and change nothing.
TRIED = tuple(
    Step(what, who)
    for what, whos in {
        "approves": ("r", "r2", "a", "b", "m", "x"),
        "denies": ("b", "r", "r2", "x"),
        "cancels": ("r", "a", "x"),
        "stops": ("a", "x"),
        "says it did": ("a", "b", "r", "x"),
    }.items()
    for who in whos
)
# How likely, against 4 for the rest: else most walks end before anybody has approved, or run nothing.
LIKELY = {"tick": 1, "cancels": 1, "denies": 1, "sweep": 2, "cluster changes": 1, "is deactivated": 2, "approves": 8}
LIKELY |= {"stops": 1, "node reboots": 2}
TRIES = 0.2


@dataclass(frozen=True)
class Passed:
    """One step, whether the model knows it, and the state after it."""

    step: Step
    allowed: bool
    after: Flow


def walk(seed: int, longest: int = 60) -> Iterator[Passed]:
    """The same for the same *seed*. It goes on a little beyond the end: nothing must happen there any more."""
    random, flow = Random(seed), Flow()
    for _ in range(longest):
        offered = list(following(flow))
        if not offered or (flow.state not in OPEN and random.random() < 0.1):
            return
        step = _chosen(random, [step for step, _ in offered])
        allowed = [after for one, after in offered if one == step]
        flow = allowed[0] if allowed else flow
        yield Passed(step, bool(allowed), flow)


def _chosen(random: Random, offered: list[Step]) -> Step:
    if random.random() < TRIES:
        return random.choice(TRIED)
    return random.choices(offered, [_weight(step) for step in offered])[0]


def _weight(step: Step) -> int:
    return 1 if step.what == "crashes" else 8 if step.what in set(At) else LIKELY.get(step.what, 4)
