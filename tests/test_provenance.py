"""What the ledger does not confirm is not run: a row that somebody changed, or wrote, in the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.demand import ANYONE, Demand, Slot
from bot.docket import Edit, events
from bot.filing import created
from bot.plan import hash_of
from bot.provenance import Told, broken
from bot.request import Request, State, Verdict, Vote
from tests.asking import ALICE, BOB, CAROL, NOON_US, plan, request


def vote(who=BOB, plan_hash: str = "") -> Vote:
    return Vote(Verdict.APPROVE, who.account, who.person, who.name, plan_hash or request().plan_hash, NOON_US, "button")


def story(*votes: Vote) -> list[Told]:
    happened = [created(request())]
    for one in votes:
        happened += events(request(), Edit(str(one.account), vote=one))
    return [Told(e.kind, e.actor, e.outcome, e.detail) for e in happened]


def approved() -> Request:
    return request(state=State.APPROVED, votes=(vote(),))


def test_a_request_that_is_as_the_ledger_has_it_is_sound() -> None:
    assert broken(approved(), story(vote())) is None
    assert broken(request(), story()) is None


OTHER = plan(steps=2)
FORGED: dict[str, Callable[[Request], Request]] = {
    "another plan under the old hash": lambda r: replace(r, plan_text=OTHER.text),
    "another plan with its own hash": lambda r: replace(r, plan_text=OTHER.text, plan_hash=hash_of(OTHER.text)),
    "an easier demand": lambda r: replace(r, demand=Demand((Slot(ANYONE),), approve_within_s=9)),
    "another person asked": lambda r: replace(r, person="nobody"),
    "another account asked": lambda r: replace(r, requester=CAROL.account),
    "a vote that nobody cast": lambda r: replace(r, votes=(*r.votes, vote(CAROL))),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_whatever_was_changed_in_the_row_is_noticed(forge: Callable[[Request], Request]) -> None:
    assert broken(forge(approved()), story(vote())) is not None


def test_a_row_that_nobody_filed_is_noticed() -> None:
    assert broken(request(state=State.RUNNING), []) is not None


def test_a_vote_on_another_plan_is_none() -> None:
    other = vote(plan_hash="0" * 64)
    assert broken(replace(approved(), votes=(other,)), story(other)) is not None


def test_it_says_whose_approval_is_missing() -> None:
    said = broken(replace(approved(), votes=(vote(), vote(CAROL))), story(vote()))
    assert said is not None
    assert CAROL.name in said.to("en")
    assert ALICE.name not in said.to("en")
