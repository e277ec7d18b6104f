"""Asking for the one decision, and what is refused, for its tests."""

from dataclasses import replace

import pytest

from bot.act import Act, Deed
from bot.decide import Decision, Glass, decide
from bot.demand import Demand, Slot
from bot.people import Who
from bot.request import Request, Verdict, Vote
from bot.text import Refused
from tests.asking import NOON_US, plan, request, who

ALICE2 = replace(who("alice2", "ops"), person="alice")


NO_GLASS, GLASS = Glass(), Glass("ops")


TWO = Demand((Slot("ops"), Slot("net")))


def act(deed: Deed, of: Request, **entered: str) -> Act:
    return Act(deed, of.id, "button", **{"plan_hash": of.plan_hash, **entered})


def decided(
    deed: Deed, person: Who, of: Request | None = None, *, at_us: int = NOON_US, glass: Glass = NO_GLASS, **entered: str
) -> Decision:
    of = of or request()
    return decide(of, act(deed, of, **entered), person, at_us, glass)


def refusal(
    deed: Deed, person: Who, of: Request | None = None, *, at_us: int = NOON_US, glass: Glass = NO_GLASS, **entered: str
) -> str:
    with pytest.raises(Refused) as refused:
        decided(deed, person, of, at_us=at_us, glass=glass, **entered)
    assert refused.value.text.to("en") != refused.value.text.to("fr")
    return refused.value.text.to("en")


def vote(person: Who, verdict: Verdict = Verdict.APPROVE) -> Vote:
    return Vote(verdict, person.account, person.person, person.name, plan().text, NOON_US, "button")
