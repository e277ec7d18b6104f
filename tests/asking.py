"""A request, a plan and the people around it, for tests of pure code."""

from __future__ import annotations

from bot.action import Finding, Level, Risk, Step, Votes
from bot.demand import ANYONE, Demand, Slot
from bot.names import NodeName
from bot.people import Account, Standing, Who
from bot.plan import Host, Plan, hash_of
from bot.request import Request, State, StepRun
from bot.text import Text, same

PVE01, PVE02 = NodeName("pve01"), NodeName("pve02")
NOON_US = 1_800_014_400_000_000  # a Friday, 12:00 UTC
MINUTE_US = 60_000_000


def who(
    name: str, *groups: str, person: str = "", standing: Standing = Standing.MEMBER, team: str = "T1", user: str = ""
) -> Who:
    account = Account(team, user or f"U{name.upper()}")
    return Who(account, person or name, name, standing, "en", frozenset(groups))


ALICE, BOB, CAROL = who("alice", "ops"), who("bob", "ops"), who("carol", "net")


def plan(*, confirm: str = "", statement: Text | None = None, steps: int = 1) -> Plan:
    return Plan(
        cluster="pve-prod",
        line="expected set 1",
        action="expected",
        verb="set",
        risk=Risk.DESTRUCTIVE,
        words=Text(en="Expect {n}", fr="Attendre {n}").fill(n=1),
        steps=tuple(Step(PVE01, same(f"step {n}"), ("pvecm", "expected", "1"), "true\n") for n in range(steps)),
        undo=Text(en="Expect {n} {{again}}", fr="Attendre {n} {{encore}}").fill(n=5),
        rests_on={"cluster": "pve-prod", "config_version": 7, "present": ["pve01"]},
        hosts={PVE01: Host("root@192.0.2.1:22", "SHA256:one")},
        findings=(Finding(Level.WARNING, same("four are away"), fix=same("switch them on")),),
        before=Votes(1, 5, 3, quorate=False, survives=0),
        after=Votes(1, 1, 1, quorate=True, survives=0),
        confirm=confirm,
        statement=statement,
    )


def request(
    *, state: State = State.PENDING, demand: Demand | None = None, made: Plan | None = None, **fields: object
) -> Request:
    """Asked for by Alice at noon, one hour to approve."""
    made = made or plan()
    values: dict[str, object] = {
        "id": "abc-1",
        "version": 1,
        "cluster": made.cluster,
        "requester": ALICE.account,
        "person": ALICE.person,
        "name": ALICE.name,
        "channel": "C1",
        "plan_text": made.text,
        "plan_hash": hash_of(made.text),
        "created_us": NOON_US,
        "approve_by_us": NOON_US + 60 * MINUTE_US,
        "steps": tuple(StepRun(number) for number in range(len(made.steps))),
        **fields,
    }
    return Request(state=state, demand=demand or Demand((Slot(ANYONE),)), **values)  # type: ignore[arg-type]  # by name
