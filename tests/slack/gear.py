"""An action for tests that changes something: plainly, with something to type, with a plan too long for a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.action import Action, Call, Change, Finding, Level, NoArgs, Output, Report, Step, Unreachable, Verb
from bot.names import NodeName
from bot.plan import Host
from bot.run import Ticket, Trace
from bot.text import Text, same
from tests.numbered import PVE01, Facts

LONG, HUGE = 40, 2_000


@dataclass
class GearNodes:
    """One node that says its number, and is logged in to; nothing is ever run on it."""

    number: int = 7
    names: tuple[NodeName, ...] = (PVE01,)
    asked: list[Call] = field(default_factory=list)

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        self.asked += calls
        return [Output(call.node, 0, str(self.number)) for call in calls]

    def host(self, _node: NodeName) -> Host:
        return Host("root@192.0.2.1:22", "SHA256:one")

    def boot_id(self, node: NodeName) -> str:
        raise NotImplementedError(node)

    def start(self, ticket: Ticket) -> str:
        raise NotImplementedError(ticket)

    def trace(self, ticket: Ticket) -> Trace:
        raise NotImplementedError(ticket)

    def burn(self, ticket: Ticket) -> bool:
        raise NotImplementedError(ticket)


def _verb(name: str, steps: int, confirm: str = "", statement: Text | None = None) -> Verb[NoArgs, Facts]:
    def plan(_args: NoArgs, facts: Facts) -> tuple[Step, ...]:
        guard = f"test {facts.number.value} -eq 7\n"
        return tuple(Step(PVE01, same(f"turn {n}"), ("turn", f"--by={n}", "a b"), guard) for n in range(steps))

    return Verb(
        name=name,
        summary=same(name),
        args=NoArgs,
        facts=Facts,
        report=lambda _args, _before, _after: Report(Level.GOOD, same("turned")),
        change=Change(
            words=lambda _args, _facts: Text(en="Turn the gear", fr="Tourner l'engrenage"),
            check=lambda _args, _facts: [Finding(Level.WARNING, same("it is hot"))],
            plan=plan,
            rests_on=lambda _args, facts: {"number": facts.number.value},
            undo=lambda _args, _facts: same("turn it back"),
            confirm=lambda _args, _facts: confirm,
            statement=lambda _args, _facts: statement,
        ),
    )


QUESTION = Text(en="How do you know?", fr="Comment le savez-vous ?")
GEAR = Action(
    name="gear",
    summary=same("gear"),
    verbs=(
        _verb("turn", 1),
        _verb("typed", 1, "pve-prod", QUESTION),
        _verb("long", LONG),
        _verb("huge", HUGE),
    ),
)
