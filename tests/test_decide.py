"""The one decision behind every door."""

from dataclasses import replace
from typing import Any

import pytest

from bot.act import Act, Deed
from bot.decide import Decision, Glass, approved, decide, reconciled
from bot.demand import ANYONE, REQUESTER, Demand, Slot
from bot.people import Account, Standing, Who
from bot.request import Move, Progress, Request, State, StepRun, Verdict, Vote
from bot.text import Refused, Text, same
from tests.asking import ALICE, BOB, CAROL, MINUTE_US, NOON_US, plan, request, who

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


def test_a_denial_ends_it_at_once_and_its_reason_may_follow_from_who_denied() -> None:
    moved = decided(Deed.DENY, BOB).moved
    assert moved is not None
    assert moved.move is Move.DENY
    denied = request(state=State.DENIED, ended_by="bob")
    fields = decided(Deed.EXPLAIN, BOB, denied, reason="not on a Friday").fields
    assert fields is not None
    assert "not on a Friday" in str(fields["why"])
    refusal(Deed.EXPLAIN, CAROL, denied, reason="me too")
    refusal(Deed.EXPLAIN, BOB, request(), reason="too early")


def test_a_reason_that_follows_a_stop_leaves_it_a_stop() -> None:
    moved = decided(Deed.STOP, BOB, request(state=State.APPROVED)).moved
    assert moved is not None
    assert moved.why is not None
    stopped = request(state=State.DENIED, ended_by="bob", approved_us=NOON_US, why=moved.why)
    fields = decided(Deed.EXPLAIN, BOB, stopped, reason="not on a Friday").fields
    assert fields is not None
    why = fields["why"]
    assert isinstance(why, Text)
    assert why.to("en") == f"{moved.why.to('en')}: not on a Friday"


@pytest.mark.parametrize("deed", [Deed.DENY, Deed.DID, Deed.DID_NOT])
def test_who_could_not_approve_it_neither_denies_nor_settles_it(deed: Deed) -> None:
    state = State.PENDING if deed is Deed.DENY else State.INDETERMINATE
    for person in (ALICE, ALICE2):
        refusal(deed, person, request(state=state))
    refusal(deed, who("dan"), request(state=state, demand=TWO))


@pytest.mark.parametrize("state", State)
def test_only_who_asked_cancels_and_only_until_it_runs(state: State) -> None:
    assert "Only who asked" in refusal(Deed.CANCEL, BOB, request(state=state))
    for person in (ALICE, ALICE2):
        if state in {State.PENDING, State.APPROVED}:
            moved = decided(Deed.CANCEL, person, request(state=state)).moved
            assert moved is not None
            assert moved.move is Move.CANCEL
        else:
            refusal(Deed.CANCEL, person, request(state=state))


@pytest.mark.parametrize("deed", Deed)
def test_at_the_shell_one_takes_back_ones_own_request_and_does_nothing_else(deed: Deed) -> None:
    login = Who(Account("os", "alice"), "alice", "alice", Standing.OPERATOR, "en", frozenset({"ops"}))
    if deed is Deed.CANCEL:
        moved = decided(deed, login).moved
        assert moved is not None
        assert moved.move is Move.CANCEL
    else:
        assert "At the shell" in refusal(deed, login, request(demand=Demand((Slot(REQUESTER),))), glass=GLASS)
    assert "At the shell" in refusal(deed, replace(login, person="bob"))


@pytest.mark.parametrize("person", [ALICE, BOB])
def test_who_asked_and_who_may_approve_stop_it_until_its_last_step_has_begun(person: Who) -> None:
    moved = decided(Deed.STOP, person, request(state=State.APPROVED)).moved
    assert moved is not None
    assert moved.move is Move.STOP
    running = request(state=State.RUNNING, made=plan(steps=2))
    assert decided(Deed.STOP, person, running).fields == {"stop_by": person.name}
    last = (StepRun(0, Progress.DONE), StepRun(1, Progress.STARTED))
    assert "no way back" in refusal(Deed.STOP, person, replace(running, steps=last))


@pytest.mark.parametrize("state", [state for state in State if state not in {State.APPROVED, State.RUNNING}])
def test_what_does_not_run_and_is_not_about_to_cannot_be_stopped(state: State) -> None:
    refusal(Deed.STOP, BOB, request(state=state))


def test_a_stranger_to_the_request_does_not_stop_it() -> None:
    refusal(Deed.STOP, who("dan"), request(state=State.APPROVED, demand=TWO))


@pytest.mark.parametrize(("deed", "did"), [(Deed.DID, True), (Deed.DID_NOT, False)])
def test_an_unknown_outcome_is_settled_by_as_many_people_as_an_approval_takes(deed: Deed, *, did: bool) -> None:
    unknown = request(state=State.INDETERMINATE, demand=TWO)
    said = decided(deed, BOB, unknown).vote
    assert said is not None
    assert reconciled(unknown, said.verdict, (BOB,)) is None
    moved = reconciled(unknown, said.verdict, (BOB, CAROL))
    assert moved is not None
    assert (moved.move, moved.fields) == (Move.RECONCILE, {"did": did})
    assert moved.why is not None
    assert "bob, carol" in moved.why.to("en")


def test_who_approved_it_still_says_once_whether_it_did() -> None:
    unknown = request(state=State.INDETERMINATE, votes=(vote(BOB), vote(CAROL, Verdict.DID)))
    assert decided(Deed.DID, BOB, unknown).vote is not None
    assert "counts once" in refusal(Deed.DID, CAROL, unknown)


def test_who_thinks_better_of_whether_it_did_may_say_so_again_and_again() -> None:
    unknown = request(state=State.INDETERMINATE, demand=TWO)
    for number, deed in enumerate([Deed.DID, Deed.DID_NOT, Deed.DID, Deed.DID_NOT], 1):
        said = decided(deed, BOB, unknown).vote
        assert said is not None
        assert said.number == number
        unknown = replace(unknown, votes=(*unknown.votes, said))
        assert "counts once" in refusal(deed, BOB, unknown)


@pytest.mark.parametrize("state", [state for state in State if state is not State.INDETERMINATE])
def test_what_is_known_is_not_settled_by_votes(state: State) -> None:
    refusal(Deed.DID, BOB, request(state=state))


def test_break_glass_is_off_unless_it_is_configured() -> None:
    assert refusal(Deed.BREAK_GLASS, ALICE, reason="fire") == "Break-glass is not configured"


def test_break_glass_approves_ones_own_request_at_once_and_without_cooling_down() -> None:
    asked = request(demand=replace(TWO, cooldown_s=600, hours=("Sun 00:00-01:00 UTC",)))
    said = decided(Deed.BREAK_GLASS, ALICE, asked, glass=GLASS, reason="fire")
    assert said.vote is not None
    assert said.moved is not None
    assert said.moved.fields["by_glass"] is True
    assert said.moved.fields["not_before_us"] == NOON_US
    assert said.moved.why is not None
    assert "fire" in said.moved.why.to("en")


@pytest.mark.parametrize(
    ("person", "glass", "entered", "why"),
    [
        (BOB, GLASS, {"reason": "fire"}, "on their own request"),
        (ALICE, Glass("net"), {"reason": "fire"}, "members of net"),
        (ALICE, Glass("ops", "old-1"), {"reason": "fire"}, "old-1"),
        (ALICE, GLASS, {"reason": " "}, "needs a reason"),
        (ALICE, GLASS, {"reason": "fire", "plan_hash": ""}, "not this plan"),
    ],
)
def test_break_glass_has_its_own_conditions(person: Who, glass: Glass, entered: dict[str, Any], why: str) -> None:
    assert why in refusal(Deed.BREAK_GLASS, person, glass=glass, **entered)


def test_who_breaks_the_glass_types_the_word_that_another_would_have_to_type() -> None:
    asked = request(made=plan(confirm="pve-prod"))
    assert "pve-prod" in refusal(Deed.BREAK_GLASS, ALICE, asked, glass=GLASS, reason="fire")
    assert decided(Deed.BREAK_GLASS, ALICE, asked, glass=GLASS, reason="fire", typed="pve-prod ").moved is not None


def test_a_break_glass_is_reviewed_once_by_another_and_after_its_end() -> None:
    ended = request(state=State.SUCCEEDED, by_glass=True)
    assert decided(Deed.REVIEW, BOB, ended).fields == {"reviewed_by": "bob"}
    assert "Already" in refusal(Deed.REVIEW, CAROL, replace(ended, reviewed_by="bob"))
    refusal(Deed.REVIEW, ALICE, ended)
    refusal(Deed.REVIEW, BOB, replace(ended, by_glass=False))
    refusal(Deed.REVIEW, BOB, replace(ended, state=State.RUNNING))
