"""The one decision behind every door: denied, cancelled, stopped, and settled when nobody knows."""

from dataclasses import replace

import pytest

from bot.act import Deed
from bot.decide import reconciled
from bot.demand import REQUESTER, Demand, Slot
from bot.people import Account, Standing, Who
from bot.request import Move, Progress, State, StepRun, Verdict
from bot.text import Text
from tests.asking import ALICE, BOB, CAROL, NOON_US, plan, request, who
from tests.deciding import ALICE2, GLASS, TWO, decided, refusal, vote


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
