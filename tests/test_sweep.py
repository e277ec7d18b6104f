"""What time and a changed policy do to open requests, on a real database; one bad request spoils nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest
from sqlalchemy import Engine

from bot.demand import ANYONE, Demand, Slot
from bot.event import Kind
from bot.message import Letter
from bot.plan import Plan
from bot.request import Move, Request, State
from bot.store import SqlDocket, SqlLedger, open_engine
from bot.sweep import Reminder, Sweep
from bot.timers import Due
from bot.workflow import Workflow
from tests.asking import MINUTE_US, NOON_US
from tests.store.filed import filed, letter, moved, spoilt

DEMAND = Demand((Slot(ANYONE),))
OTHER = Demand((Slot(ANYONE, 2),))


@dataclass
class Rules:
    """A workflow as far as a sweep knows it."""

    demand: Demand | None = DEMAND

    def demand_now(self, _plan: Plan) -> Demand | None:
        return self.demand


@dataclass
class Office:
    engine: Engine
    at_us: int = NOON_US
    rules: Rules = field(default_factory=Rules)
    members: dict[str, list[str]] = field(default_factory=lambda: {"chiefs": ["U0CHIEF"]})
    reminded: list[tuple[str, Due]] = field(default_factory=list)
    reached: list[Reminder] = field(default_factory=list)
    bad: str = ""

    def __post_init__(self) -> None:
        self.docket = SqlDocket(self.engine, lambda: self.at_us)
        rules = cast("Workflow", self.rules)
        self.sweep = Sweep(
            self.docket,
            rules,
            self.remind,
            lambda group: self.members.get(group, []),
            lambda id_: [f"C-{id_}"],
        )

    def remind(self, request: Request, reminder: Reminder) -> tuple[Letter, ...]:
        if request.id == self.bad:
            raise ValueError(request.id)
        self.reminded.append((request.id, reminder.due))
        self.reached.append(reminder)
        return (letter(),)

    def after(self, minutes: float) -> None:
        self.at_us = NOON_US + round(minutes * MINUTE_US)
        self.sweep.by_time()

    def state(self, id_: str) -> State:
        found = self.docket.get(id_)
        assert found is not None
        return found.state

    def kinds(self, id_: str) -> list[str]:
        page = SqlLedger(self.engine, lambda: self.at_us).page(limit=100)
        return [row.kind for row in page if row.request_id == id_]


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    engine = open_engine(sqlite_url)
    yield Office(engine)
    engine.dispose()


def test_a_request_is_reminded_of_twice_and_then_expires(office: Office) -> None:
    filed(office.engine, "r1")
    for minutes in (29, 30, 31, 48, 49, 59.9, 60, 61):
        office.after(minutes)
    assert office.reminded == [("r1", Due.REMIND), ("r1", Due.REMIND)]
    kinds = office.kinds("r1")
    assert kinds == [Kind.REQUEST_CREATED, Kind.REQUEST_REMINDED, Kind.REQUEST_REMINDED, Kind.REQUEST_EXPIRED]
    assert office.state("r1") is State.EXPIRED


def test_the_last_reminder_goes_to_those_it_escalates_to(office: Office) -> None:
    filed(office.engine, "r1", demand=Demand((Slot(ANYONE),), escalate_to="chiefs"))
    office.after(48)
    assert office.reminded == [("r1", Due.ESCALATE)]
    assert Kind.REQUEST_ESCALATED in office.kinds("r1")
    assert office.reached[-1] == Reminder(Due.ESCALATE, ("C-r1",), ("U0CHIEF",))


def test_a_reminder_knows_when_nobody_of_its_group_was_reached(office: Office) -> None:
    office.members = {}
    filed(office.engine, "r1", demand=Demand((Slot(ANYONE),), escalate_to="chiefs"))
    office.after(48)
    assert office.reached[-1] == Reminder(Due.ESCALATE, ("C-r1",), ())


def test_an_approved_request_that_is_not_run_in_time_expires(office: Office) -> None:
    filed(office.engine, "r1")
    moved(office.docket, "r1", Move.APPROVE)
    office.at_us = 1 << 52
    office.sweep.by_time()
    assert office.state("r1") is State.EXPIRED


def test_two_sweeps_at_once_do_it_once(office: Office) -> None:
    filed(office.engine, "r1")
    office.at_us = NOON_US + 30 * MINUTE_US
    (request,) = office.docket.due(office.at_us)
    for _ in range(2):
        office.sweep._on_time(office.at_us, request)
    assert office.kinds("r1").count(Kind.REQUEST_REMINDED) == 1


def test_a_request_that_cannot_be_looked_at_keeps_no_other_from_it(office: Office) -> None:
    for number in range(3):
        filed(office.engine, f"r{number}")
    office.bad = "r1"
    office.after(30)
    assert [id_ for id_, _ in office.reminded] == ["r0", "r2"]


def test_a_request_that_cannot_be_read_keeps_no_other_from_its_reminder_or_its_end(office: Office) -> None:
    for number in range(3):
        filed(office.engine, f"r{number}")
    spoilt(office.engine, "r0", demand="[]")
    office.after(30)
    office.after(60)
    office.sweep.by_policy()
    assert office.reminded == [("r1", Due.REMIND), ("r2", Due.REMIND)]
    assert [office.state(id_) for id_ in ("r1", "r2")] == [State.EXPIRED] * 2


@pytest.mark.parametrize("demand", [OTHER, None])
def test_what_was_asked_for_under_other_rules_is_superseded(office: Office, demand: Demand | None) -> None:
    for id_, moves in {"r1": (), "r2": (Move.APPROVE,), "r3": (Move.APPROVE, Move.CLAIM)}.items():
        filed(office.engine, id_, cluster=id_)
        moved(office.docket, id_, *moves)
    office.sweep.by_policy()
    assert [office.state(id_) for id_ in ("r1", "r2", "r3")] == [State.PENDING, State.APPROVED, State.RUNNING]
    office.rules.demand = demand
    office.sweep.by_policy()
    assert [office.state(id_) for id_ in ("r1", "r2", "r3")] == [State.SUPERSEDED, State.SUPERSEDED, State.RUNNING]
