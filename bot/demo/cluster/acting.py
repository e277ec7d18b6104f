"""What a command is to a simulated node: stages, each of which takes its time and has its effect. Pure.

How the actions' scripts are simulated is told in the package's docstring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation

Effect = Callable[[Situation, str, float], tuple[Said, Situation]]
"""Of the situation, the node, and Unix time in seconds."""
Ready = Callable[[Situation, str, float], bool]

PACE = 0.15
"""Seconds here for one second of a real node, so that nobody waits."""


@dataclass(frozen=True)
class Stage:
    """*takes_s*: how long until it is *ready* to have its *effect*; as long as it is not, it hangs."""

    effect: Effect
    takes_s: float = 0.0
    ready: Ready = lambda _now, _node, _clock: True


@dataclass(frozen=True)
class Act:
    """What is printed by the stages is appended; a `GivenUp` or an exit code that is not 0 ends it."""

    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Asked:
    """*words*: a command's words, or what stands after a script's $0. *secret*: what it reads, "" for nothing."""

    words: tuple[str, ...]
    secret: str = ""


class GivenUp(Exception):
    """An effect goes no further: what it *said*, and the situation it leaves, None for the one it found."""

    def __init__(self, said: Said, now: Situation | None = None) -> None:
        super().__init__(said)
        self.said, self.now = said, now


Scripts = Mapping[str, Callable[[Asked], Act]]
"""By the name that a step's script has as $0."""


def act(effect: Effect, takes_s: float = 0.0) -> Act:
    return Act((Stage(effect, takes_s),))


def says(stdout: str, stderr: str = "") -> Effect:
    return lambda now, _node, _clock: (Said(stdout, stderr), now)


def nothing(now: Situation, _node: str, _clock: float) -> tuple[Said, Situation]:
    return Said(), now


def is_writable(now: Situation, node: str, clock: float) -> bool:
    """Ready as soon as /etc/pve takes writes."""
    return now.can_write(node, clock)
