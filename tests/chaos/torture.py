"""Bots that are killed, stopped and cut off from their database at random, while people ask, click twice and too late.

Whatever happens: nothing is started twice, lost, run too late, run beside another of its cluster, or left to stand.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from bot.act import Deed
from bot.people import Account
from bot.request import OPEN, Request, State
from bot.text import Refused
from tests.dispatch.nodes import Begun, FileNodes, Habits
from tests.dispatch.office import ONE_OTHER, Office, Worker, office
from tests.ssh.sshd import until

CLUSTERS = ("a", "b", "c", "d", "short")
HABITS = Habits(lasts_s=(0.03, 0.1, 0.3), delay_s=0.03)
SHORT = replace(ONE_OTHER, clusters=frozenset({"short"}), approve_within_s=1, execute_within_s=2)
CAROL = Account("T1", "carol")
DRAIN_S = 120


@dataclass(frozen=True)
class Plan:
    """*for_s*: how long. *crash*: makes the database crash, once, in the middle; None: it does not."""

    seed: int
    for_s: float
    replicas: int
    crash: Callable[[], None] | None = None


@dataclass
class Torture:
    plan: Plan
    office: Office
    chance: random.Random
    asked: list[str] = field(default_factory=list)
    late: list[tuple[float, str]] = field(default_factory=list)
    waking: list[tuple[float, Worker]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    next_s: float = 0.0

    def run(self) -> None:
        bots = [self.office.starts() for _ in range(self.plan.replicas)]
        end_s = time.monotonic() + self.plan.for_s
        crash_s = end_s - self.plan.for_s / 2
        while time.monotonic() < end_s:
            with suppress(Refused):  # a database that is away
                self._people()
            self._violence(bots)
            if self.plan.crash and time.monotonic() > crash_s:
                crash_s = float("inf")
                self.plan.crash()
                self.done["crashes"] += 1
            time.sleep(self.chance.uniform(0, 0.1))  # the pace of it all; nothing is waited for
        for _, bot in self.waking:
            bot.send(signal.SIGCONT)

    def _people(self) -> None:
        """One asks, somebody clicks, perhaps twice and at once; and for some it is too late."""
        cluster = self.chance.choice(CLUSTERS)
        id_ = self.office.asked(cluster)
        self.asked.append(id_)
        if cluster == "short" and self.chance.random() < 0.5:
            self.late.append((time.monotonic() + 1.2, id_))
        else:
            self._click(id_, self.chance.choice((1, 1, 3)))
        for due_s, one in list(self.late):
            if time.monotonic() > due_s:
                self.late.remove((due_s, one))
                self._click(one, 1)
        if self.chance.random() < 0.05:
            self.office.clicks(self.chance.choice(self.asked), Deed.STOP)
        self.settle()

    def _click(self, id_: str, times: int) -> None:
        for number in range(times):
            self.office.clicks(id_, who=CAROL if number == 2 else BOB)

    def settle(self) -> None:
        """People look at what nobody knows, and say."""
        self.office.minute_passes()
        for request in self.office.docket.find((State.INDETERMINATE,)):
            self.done["people said"] += 1
            self.office.clicks(request.id, Deed.DID_NOT)

    def _violence(self, bots: list[Worker]) -> None:
        for due_s, bot in list(self.waking):
            if time.monotonic() > due_s:
                self.waking.remove((due_s, bot))
                bot.send(signal.SIGCONT)
        if time.monotonic() < self.next_s:
            return
        self.next_s = time.monotonic() + self.chance.uniform(0.5, 2.5)
        number = self.chance.randrange(len(bots))
        asleep = [bot for _, bot in self.waking]
        if len(bots) > 1 and self.chance.random() < 0.3 and bots[number] not in asleep:
            self._stop(bots[number])
        elif self.chance.random() < 0.15:
            self.office.task.nodes(self.chance.choice(CLUSTERS)).boots()
            self.done["boots"] += 1
        else:
            self._kill(bots, number)

    def _stop(self, bot: Worker) -> None:
        """Longer than it takes to count as dead."""
        bot.send(signal.SIGSTOP)
        self.waking.append((time.monotonic() + 2 * self.office.task.dead_s, bot))
        self.done["stops"] += 1

    def _kill(self, bots: list[Worker], number: int) -> None:
        bots[number].process.kill()
        bots[number].ends()
        self.waking = [(due_s, bot) for due_s, bot in self.waking if bot is not bots[number]]
        bots[number] = self.office.starts()
        self.done["kills"] += 1


BOB = Account("T1", "bob")


def tortured(plan: Plan, folder: Path, url: str) -> Counter[str]:
    """What was done and what became of it. Fail if anything is as it must never be."""
    with office(folder, url, CLUSTERS, HABITS, ONE_OTHER, SHORT) as one:
        torture = Torture(plan, one, random.Random(plan.seed))
        torture.run()
        _drained(torture)
        requests = [one.request(id_) for id_ in torture.asked]
        for cluster in CLUSTERS:
            _held(one.task.nodes(cluster), [request for request in requests if request.cluster == cluster])
        assert one.is_whole()
        return torture.done + Counter(str(request.state) for request in requests)


def _drained(torture: Torture) -> None:
    """Nothing stands: every click is answered, every request that was approved is at an end."""

    def is_drained() -> bool:
        with suppress(Refused):
            torture.settle()
            pending = {id_ for id_ in torture.asked if torture.office.request(id_).state in OPEN - {State.PENDING}}
            return not pending and torture.office.waiting() == 0
        return False

    until(is_drained, DRAIN_S)


def _held(nodes: FileNodes, requests: list[Request]) -> None:
    sent, runs = Counter(nodes.sent()), nodes.runs()
    assert max(sent.values(), default=0) <= 1, "sent twice"
    by_id = {request.id: request for request in requests}
    assert set(runs) <= set(sent)
    for ticket, begun in runs.items():
        request = by_id[ticket.rpartition("-")[0]]
        assert request.approved_us is not None, f"{ticket} ran without approval"
        if ticket.endswith("-0"):
            _in_time(begun, request)
    for request in requests:
        _not_lost(request, runs)
    _one_at_a_time(nodes, runs)


def _in_time(begun: Begun, request: Request) -> None:
    claimed = request.state not in {State.EXPIRED, State.DENIED, State.CANCELLED, State.SUPERSEDED}
    assert claimed, f"{request.id} is {request.state}, and ran"


def _not_lost(request: Request, runs: dict[str, Begun]) -> None:
    steps = [f"{request.id}-{step.number}" in runs for step in request.steps]
    if request.state is State.SUCCEEDED:
        assert all(steps), f"{request.id} is told to have run, and did not"
    if request.approved_us is not None and request.cluster != "short":
        # Nobody denied it, and there was time enough.
        assert request.state is not State.EXPIRED, f"{request.id} was approved, and nobody ran it"


def _one_at_a_time(nodes: FileNodes, runs: dict[str, Begun]) -> None:
    in_order = sorted(runs.items(), key=lambda run: run[1].at_s)
    for (one, first), (other, second) in pairwise(in_order):
        is_same = one.rpartition("-")[0] == other.rpartition("-")[0]
        died = first.boot != second.boot
        assert is_same or died or first.until_s <= second.at_s, f"{one} and {other} ran side by side"
