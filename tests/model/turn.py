"""An action for tests: one step on one node, resting on one number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Action, Change, Level, NoArgs, Output, Report, Step, Unreadable, Verb
from bot.names import NodeName
from bot.text import same

PVE01 = NodeName("pve01")


@dataclass(frozen=True)
class Number:
    ARGV: ClassVar = ("number",)
    value: int

    @classmethod
    def parse(cls, output: Output) -> Self:
        if not output.stdout.isdigit():
            raise Unreadable(output.stdout)
        return cls(int(output.stdout))


@dataclass(frozen=True)
class Facts:
    number: Number


def _steps(_args: NoArgs, facts: Facts) -> tuple[Step, ...]:
    return (Step(PVE01, same("turn it"), ("turn",), guard=str(facts.number.value)),)


TURN = Action(
    name="turn",
    summary=same("turn"),
    verbs=(
        Verb(
            name="turn",
            summary=same("turn"),
            args=NoArgs,
            facts=Facts,
            report=lambda _args, _before, _after: Report(Level.GOOD, same("turned")),
            change=Change(
                words=lambda _args, _facts: same("turn it"),
                check=lambda _args, _facts: [],
                plan=_steps,
                rests_on=lambda _args, facts: {"number": facts.number.value},
                undo=lambda _args, _facts: same("turn it back"),
            ),
        ),
    ),
)
