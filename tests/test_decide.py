"""The one decision behind every door: who approves, what, and until when."""

from dataclasses import replace

import pytest

from bot.act import Deed
from bot.decide import approved, reconciled
from bot.demand import ANYONE, REQUESTER, Demand, Slot
from bot.people import Standing, Who
from bot.request import Move, State, Verdict, Vote
from bot.text import same
from tests.asking import ALICE, BOB, CAROL, MINUTE_US, NOON_US, plan, request, who
from tests.deciding import ALICE2, GLASS, TWO, decided, refusal, vote


def test_one_who_may_approve_is_counted() -> None:
    said = decided(Deed.APPROVE, BOB)
    assert said.moved is None
    assert said.vote == Vote(
        Verdict.APPROVE, BOB.account, "bob", "bob", request().plan_hash, NOON_US, "button", groups=BOB.groups
    )


@pytest.mark.parametrize("person", [ALICE, ALICE2])
def test_nobody_approves_their_own_request_under_any_account(person: Who) -> None:
    assert "Someone else" in refusal(Deed.APPROVE, person)


def test_the_requester_confirms_where_that_is_what_it_takes_and_nobody_else_does() -> None:
    own = request(demand=Demand((Slot(REQUESTER),)))
    assert decided(Deed.APPROVE, ALICE, own).vote is not None
    assert "the requester" in refusal(Deed.APPROVE, BOB, own)


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.MEMBER])
def test_who_is_not_a_full_member_decides_nothing_and_hears_why(standing: Standing, deed: Deed) -> None:
    assert "mallory" in refusal(deed, who("mallory", "ops", "net", standing=standing), glass=GLASS)


def test_each_kind_of_stranger_hears_a_reason_of_their_own() -> None:
    others = [one for one in Standing if one is not Standing.MEMBER]
    assert len({refusal(Deed.APPROVE, who("mallory", standing=one)) for one in others}) == len(others)


def test_who_is_in_no_group_that_it_takes_hears_which_it_takes() -> None:
    assert refusal(Deed.APPROVE, who("dan"), request(demand=TWO)) == "This takes: ops and net"


@pytest.mark.parametrize("person", [BOB, replace(who("bob2", "net"), person="bob")])
def test_a_second_vote_of_one_person_under_any_account_counts_nothing(person: Who) -> None:
    assert "counts once" in refusal(Deed.APPROVE, person, request(demand=TWO, votes=(vote(BOB),)))


@pytest.mark.parametrize(("late_us", "counted"), [(-1, True), (0, False), (1, False)])
def test_the_deadline_is_kept_to_the_microsecond_by_the_clock_given(late_us: int, *, counted: bool) -> None:
    at_us = NOON_US + 60 * MINUTE_US + late_us
    for deed in (Deed.APPROVE, Deed.DENY):
        if counted:
            assert decided(deed, BOB, at_us=at_us)
        else:
            assert refusal(deed, BOB, at_us=at_us) == "Too late: this request is expired"


@pytest.mark.parametrize("deed", [Deed.APPROVE, Deed.DENY, Deed.BREAK_GLASS])
@pytest.mark.parametrize("state", [state for state in State if state is not State.PENDING])
def test_no_vote_is_counted_once_it_is_pending_no_more(state: State, deed: Deed) -> None:
    refusal(deed, ALICE if deed is Deed.BREAK_GLASS else BOB, request(state=state), glass=GLASS, reason="fire")


def test_a_vote_for_other_bytes_than_those_stored_counts_nothing() -> None:
    for plan_hash in ("", "0" * 64):
        assert "not this plan" in refusal(Deed.APPROVE, BOB, plan_hash=plan_hash)


@pytest.mark.parametrize("typed", ["", "pve", "PVE-PROD", "pve-prod pve-prod"])
def test_for_the_worst_another_word_than_the_one_asked_for_counts_nothing(typed: str) -> None:
    assert "Type" in refusal(Deed.APPROVE, BOB, request(made=plan(confirm="pve-prod")), typed=typed)


def test_what_was_typed_and_stated_is_kept_with_the_vote() -> None:
    asked = request(made=plan(confirm="pve-prod", statement=same("How do you know?")))
    assert "How do you know?" in refusal(Deed.APPROVE, BOB, asked, typed="pve-prod", statement=" ")
    said = decided(Deed.APPROVE, BOB, asked, typed=" pve-prod ", statement=" I saw them ").vote
    assert said is not None
    assert (said.typed, said.statement) == ("pve-prod", "I saw them")


@pytest.mark.parametrize(("hours", "within"), [("Fri 11:00-13:00 UTC", True), ("Fri 13:00-14:00 UTC", False)])
def test_outside_of_its_hours_nobody_approves_and_anybody_may_deny(hours: str, *, within: bool) -> None:
    asked = request(demand=Demand((Slot(ANYONE),), hours=("Mon-Sun 00:00-23:59 UTC", hours)))
    assert decided(Deed.DENY, BOB, asked).moved is not None
    if within:
        assert decided(Deed.APPROVE, BOB, asked)
    else:
        assert hours in refusal(Deed.APPROVE, BOB, asked)


def test_enough_votes_approve_it_and_set_when_it_may_run() -> None:
    asked = request(demand=replace(TWO, cooldown_s=60, execute_within_s=900))
    assert approved(asked, (BOB,), NOON_US) is None
    moved = approved(asked, (BOB, CAROL), NOON_US)
    assert moved is not None
    assert moved.move is Move.APPROVE
    assert moved.fields == {
        "approved_us": NOON_US,
        "not_before_us": NOON_US + MINUTE_US,
        "execute_by_us": NOON_US + 16 * MINUTE_US,
    }


@pytest.mark.parametrize(
    "voters",
    [
        (BOB, replace(CAROL, standing=Standing.DEACTIVATED)),
        (BOB, replace(CAROL, groups=frozenset())),
        (BOB, replace(who("bob2", "net"), person="bob")),
        (BOB, replace(ALICE, groups=frozenset({"net"}))),
        (BOB, replace(ALICE2, groups=frozenset({"net"}))),
    ],
)
def test_who_no_longer_may_or_is_the_same_person_fills_no_place(voters: tuple[Who, ...]) -> None:
    assert approved(request(demand=TWO), voters, NOON_US) is None
    assert reconciled(request(demand=TWO), Verdict.DID, voters) is None
