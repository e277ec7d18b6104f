"""An action for tests of those who run requests: two steps on one node, resting on one number."""

from __future__ import annotations

from bot.action import Step
from bot.text import same
from tests.numbered import PVE01, numbered

STEPS = 2
NUMBER = 7
WORKED = "/root/worked"  # on a real node: a line for each step that ran


def guard(value: int) -> str:
    return f"test {NUMBER} -eq {value}\n"


def _steps(seen: int) -> tuple[Step, ...]:
    argv = ("sh", "-c", f'echo "$1" >> {WORKED}; sleep 0.1', "work")
    return tuple(Step(PVE01, same(f"step {n}"), (*argv, str(n)), guard=guard(seen)) for n in range(STEPS))


WORK = numbered("work", "worked", "rest", _steps)
