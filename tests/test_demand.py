"""Who fills which place, and what a demand is as bytes."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demand import ANYONE, REQUESTER, Demand, Slot, fills, read, unfilled
from bot.people import Standing, Who
from tests.asking import ALICE, BOB, CAROL, who

GROUPS = ("ops", "net", ANYONE, REQUESTER)
slots = st.lists(st.builds(Slot, st.sampled_from(GROUPS), st.integers(1, 2)), max_size=3)
people = st.lists(
    st.builds(
        lambda name, account, groups, standing: who(name, *groups, user=f"U{account}", standing=standing),
        st.sampled_from(["alice", "bob", "carol", "dan"]),
        st.integers(1, 3),
        st.sets(st.sampled_from(["ops", "net"])),
        st.sampled_from([Standing.MEMBER, Standing.MEMBER, Standing.GUEST]),
    ),
    max_size=5,
)
demands = st.builds(
    Demand,
    slots=slots.map(tuple),
    needs_reason=st.booleans(),
    typed=st.booleans(),
    tickets=st.lists(st.text(st.characters(codec="utf-8")), max_size=2).map(tuple),
    hours=st.lists(st.text(st.characters(codec="utf-8")), max_size=2).map(tuple),
    approve_within_s=st.integers(1, 10**6),
    execute_within_s=st.integers(1, 10**6),
    cooldown_s=st.integers(0, 10**6),
    escalate_to=st.none() | st.just("net"),
)


@given(slots, people)
def test_as_many_places_are_taken_as_in_the_best_of_all_seatings(slots: list[Slot], people: list[Who]) -> None:
    seats = [Slot(slot.group) for slot in slots for _ in range(slot.count)]
    names = sorted({one.person for one in people})
    candidates: list[str | None] = [*names, *[None] * len(seats)]
    best = max(
        sum(_may(person, seat, people) for person, seat in zip(order, seats, strict=False))
        for order in set(permutations(candidates, len(seats)))
    )
    assert len(unfilled(slots, people, "alice")) == len(seats) - best


def _may(person: str | None, seat: Slot, people: list[Who]) -> bool:
    return any(fills(one, seat, "alice") for one in people if one.person == person)


@given(slots, people)
def test_neither_the_order_of_people_nor_a_second_account_of_one_counts(slots: list[Slot], people: list[Who]) -> None:
    missing = len(unfilled(slots, people, "alice"))
    assert len(unfilled(slots, people[::-1], "alice")) == missing
    assert len(unfilled(slots, people + people, "alice")) == missing


@given(slots, people)
def test_what_is_missing_are_places_that_were_asked_for(slots: list[Slot], people: list[Who]) -> None:
    missing = unfilled(slots, people, "alice")
    for group in {slot.group for slot in missing}:
        assert sum(s.count for s in missing if s.group == group) <= sum(s.count for s in slots if s.group == group)


@pytest.mark.parametrize(
    ("person", "slot", "may"),
    [
        (BOB, Slot(ANYONE), True),
        (ALICE, Slot(ANYONE), False),
        (who("alice2", person="alice"), Slot(ANYONE), False),
        (ALICE, Slot("ops"), False),
        (BOB, Slot("ops"), True),
        (CAROL, Slot("ops"), False),
        (ALICE, Slot(REQUESTER), True),
        (who("alice2", person="alice"), Slot(REQUESTER), True),
        (BOB, Slot(REQUESTER), False),
        *((who("eve", "ops", standing=one), Slot(ANYONE), False) for one in Standing if one is not Standing.MEMBER),
    ],
)
def test_a_place_is_for_a_full_member_of_its_group_and_never_for_the_requester_unless_it_is_theirs(
    person: Who, slot: Slot, *, may: bool
) -> None:
    assert fills(person, slot, "alice") == may


def test_one_member_of_two_groups_fills_one_place() -> None:
    both = who("dan", "ops", "net")
    assert unfilled([Slot("ops"), Slot("net")], [both], "alice") == (Slot("net"),)
    assert unfilled([Slot("ops"), Slot("net")], [both, CAROL], "alice") == ()


def test_who_came_first_makes_room_for_who_fits_nowhere_else() -> None:
    both = who("aaron", "ops", "net")
    assert unfilled([Slot("net"), Slot("ops")], [both, CAROL], "alice") == ()


@given(demands)
def test_a_stored_demand_is_read_back_as_it_was(demand: Demand) -> None:
    assert read(demand.text) == demand
    assert read(demand.text).text == demand.text


@given(demands, demands)
def test_two_demands_have_one_text_only_if_they_are_the_same(one: Demand, other: Demand) -> None:
    assert (one.text == other.text) == (one == other)
