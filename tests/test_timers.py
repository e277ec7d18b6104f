"""What time does to a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demand import ANYONE, Demand, Slot
from bot.request import Move, State
from bot.timers import Due, due, next_us
from tests.asking import MINUTE_US, NOON_US, request

HOUR_US = 60 * MINUTE_US
ESCALATING = Demand((Slot(ANYONE),), escalate_to="net")


@pytest.mark.parametrize(
    ("minutes", "reminded", "found"),
    [
        (0, 0, None),
        (29, 0, None),
        (30, 0, (Due.REMIND, 1)),
        (30, 1, None),
        (47, 1, None),
        (48, 1, (Due.REMIND, 2)),
        (48, 0, (Due.REMIND, 2)),  # one reminder for both, after a long sleep
        (59, 2, None),
        (60, 0, (Due.EXPIRE, 0)),
        (90, 2, (Due.EXPIRE, 0)),
    ],
)
def test_reminders_come_at_half_and_at_four_fifths_of_the_time_and_then_it_expires(
    minutes: int, reminded: int, found: tuple[Due, int] | None
) -> None:
    timer = due(request(reminded=reminded), NOON_US + minutes * MINUTE_US)
    assert (timer and (timer.due, timer.reminded)) == found


def test_it_expires_at_its_deadline_and_not_a_microsecond_before() -> None:
    before = due(request(reminded=2), NOON_US + HOUR_US - 1)
    there = due(request(reminded=2), NOON_US + HOUR_US)
    assert before is None
    assert there is not None
    assert there.moved is not None
    assert there.moved.move is Move.EXPIRE


@pytest.mark.parametrize(("minutes", "found"), [(30, Due.REMIND), (48, Due.ESCALATE)])
def test_the_last_reminder_goes_to_others_where_the_policy_names_them(minutes: int, found: Due) -> None:
    timer = due(request(demand=ESCALATING), NOON_US + minutes * MINUTE_US)
    assert timer is not None
    assert timer.due is found


@pytest.mark.parametrize(("late_us", "expires"), [(-1, False), (0, True), (1, True)])
def test_what_was_approved_expires_when_it_could_not_be_run_in_time(late_us: int, *, expires: bool) -> None:
    approved = request(state=State.APPROVED, execute_by_us=NOON_US)
    assert (due(approved, NOON_US + late_us) is not None) == expires


@pytest.mark.parametrize("state", [state for state in State if state not in {State.PENDING, State.APPROVED}])
def test_time_does_nothing_to_any_other_state(state: State) -> None:
    other = request(state=state, execute_by_us=NOON_US)
    assert due(other, NOON_US + 1000 * HOUR_US) is None
    assert next_us(other) is None


@given(
    st.integers(0, 2),
    st.integers(-10, 120),
    st.sampled_from([-1, 0, 1]),
    st.sampled_from([State.PENDING, State.APPROVED]),
)
def test_nothing_is_due_before_the_time_to_look_and_something_then(
    reminded: int, minutes: int, off_us: int, state: State
) -> None:
    at_us = NOON_US + minutes * MINUTE_US + off_us
    waiting = request(state=state, reminded=reminded, execute_by_us=NOON_US + HOUR_US)
    look_us = next_us(waiting)
    assert look_us is not None
    assert (due(waiting, at_us) is not None) == (at_us >= look_us)
