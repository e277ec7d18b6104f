"""An action for tests of those who run requests: two steps on one node, resting on one number."""

from __future__ import annotations

from dataclasses import dataclass

from bot.action import Action, Change, Level, NoArgs, Report, Step, Verb
from bot.text import same
from tests.model.turn import PVE01, Number

STEPS = 2
NUMBER = 7


@dataclass(frozen=True)
class Facts:
    number: Number


WORKED = "/root/worked"  # on a real node: a line for each step that ran


def guard(value: int) -> str:
    return f"test {NUMBER} -eq {value}\n"


def _steps(_args: NoArgs, facts: Facts) -> tuple[Step, ...]:
    argv = ("sh", "-c", f'echo "$1" >> {WORKED}; sleep 0.1', "work")
    return tuple(Step(PVE01, same(f"step {n}"), (*argv, str(n)), guard=guard(facts.number.value)) for n in range(STEPS))


WORK = Action(
    name="work",
    summary=same("work"),
    verbs=(
        Verb(
            name="work",
            summary=same("work"),
            args=NoArgs,
            facts=Facts,
            report=lambda _args, _before, _after: Report(Level.GOOD, same("worked")),
            change=Change(
                words=lambda _args, _facts: same("work"),
                check=lambda _args, _facts: [],
                plan=_steps,
                rests_on=lambda _args, facts: {"number": facts.number.value},
                undo=lambda _args, _facts: same("rest"),
            ),
        ),
    ),
)
