"""Actions for tests that rest on one number of one node, and change it in steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Action, Change, Level, NoArgs, Output, Report, Step, Unreadable, Verb
from bot.names import NodeName
from bot.text import same

PVE01 = NodeName("pve01")


@dataclass(frozen=True)
class Number:
    ARGV: ClassVar[tuple[str, ...]] = ("number",)
    value: int

    @classmethod
    def parse(cls, output: Output) -> Self:
        if not output.stdout.isdigit():
            raise Unreadable(output.stdout)
        return cls(int(output.stdout))


@dataclass(frozen=True)
class Facts:
    number: Number


def numbered(name: str, done: str, undo: str, steps: Callable[[int], tuple[Step, ...]]) -> Action:
    """*done*: what its report says. *steps*: for the number as it was seen."""
    change = Change[NoArgs, Facts](
        words=lambda _args, _facts: same(f"{name} it"),
        check=lambda _args, _facts: [],
        plan=lambda _args, facts: steps(facts.number.value),
        rests_on=lambda _args, facts: {"number": facts.number.value},
        undo=lambda _args, _facts: same(undo),
    )
    verb = Verb(
        name=name,
        summary=same(name),
        args=NoArgs,
        facts=Facts,
        report=lambda _args, _before, _after: Report(Level.GOOD, same(done)),
        change=change,
    )
    return Action(name=name, summary=same(name), verbs=(verb,))
