"""The people and the one node of the model, as the ports of the real code know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.action import Call, Output, Unreachable
from bot.names import NodeName
from bot.people import Account, Standing, Who
from bot.plan import Host
from bot.run import Ticket, Trace
from tests.model.flow import GROUPS, PERSON
from tests.model.hands import Hand
from tests.numbered import PVE01


def account(name: str) -> Account:
    return Account("T2" if name == "x" else "T1", name)


@dataclass
class FakePeople:
    """The people of the model, as they are now."""

    gone: bool = False

    def who_now(self, account: Account) -> Who:
        name = account.user
        person, groups = PERSON[name], frozenset(GROUPS[PERSON[name]])
        is_gone = name == "m" and self.gone
        standing = Standing.EXTERNAL if name == "x" else Standing.DEACTIVATED if is_gone else Standing.MEMBER
        return Who(account, person, name, standing, "en", groups)

    def require_ours_now(self, channel: str) -> None:
        assert channel == "C1"


@dataclass(frozen=True)
class LookingNodes:
    """What workflow and filing ask: the number, and who the node is."""

    node: FakeNode
    names: tuple[NodeName, ...] = (PVE01,)

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        return [Output(call.node, 0, str(self.node.number)) for call in calls]

    def host(self, _node: NodeName) -> Host:
        return Host("root@192.0.2.1:22", "SHA256:key")


@dataclass
class FakeNode:
    """One node, as run.py says: whoever burns the ticket first has it, and a boot keeps only what was written.

    *number*: the fact that plans rest on; a guard is the number that it wants to find.
    """

    number: int = 0
    boots: int = 0
    tickets: dict[str, Trace] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def boot_id(self, _node: NodeName) -> str:
        return f"boot-{self.boots}"

    def start(self, ticket: Ticket) -> str:
        if ticket.id in self.tickets:
            return ""
        if ticket.guard != str(self.number):
            self.tickets[ticket.id] = self._trace(spent=True, result="exit-code")
            return ""
        self.runs.append(ticket.id)
        self.tickets[ticket.id] = self._trace(spent=True, is_active=True)
        return ""

    def trace(self, ticket: Ticket) -> Trace:
        return replace(self.tickets.get(ticket.id, self._trace()), boot_id=f"boot-{self.boots}")

    def burn(self, ticket: Ticket) -> bool:
        if ticket.id in self.tickets:
            return False
        self.tickets[ticket.id] = self._trace(spent=True)
        return True

    def end(self, result: str) -> None:
        """Of whatever runs there; "": the node dies."""
        for id_, trace in self.tickets.items():
            if trace.is_active:
                self.tickets[id_] = replace(trace, is_active=False, result=result)

    def reboot(self) -> None:
        self.end("")
        self.boots += 1

    def _trace(self, *, spent: bool = False, is_active: bool = False, result: str = "") -> Trace:
        return Trace(f"boot-{self.boots}", spent, is_active, result)


@dataclass(frozen=True)
class WaitingNodes:
    """The nodes of one worker: start, trace and burn are acts."""

    node: FakeNode
    hand: Hand

    def boot_id(self, node: NodeName) -> str:
        return self.node.boot_id(node)

    def start(self, ticket: Ticket) -> str:
        self.hand.wait("start")
        return self.node.start(ticket)

    def trace(self, ticket: Ticket) -> Trace:
        self.hand.wait("follow")
        return self.node.trace(ticket)

    def burn(self, ticket: Ticket) -> bool:
        self.hand.wait("burn")
        return self.node.burn(ticket)
