"""Whose turn it is: first approved, first run, one at a time on each cluster; runs that nobody works on first."""

from __future__ import annotations

from bot.docket import InLine
from bot.request import State
from bot.turn import ahead, runnable

NOW_US = 1_000


def one(
    id_: str, state: State = State.APPROVED, *, at_us: int = 1, cluster: str = "a", not_before_us: int = 0
) -> InLine:
    return InLine(id_, cluster, state, at_us, not_before_us)


def picked(*line: InLine, live: set[str] | None = None, resting: set[str] | None = None) -> list[str]:
    return [found.id for found in runnable(line, NOW_US, live or set(), resting or set())]


def test_of_each_cluster_the_one_approved_first_is_run() -> None:
    assert picked(one("r2", at_us=2), one("r1"), one("s2", at_us=2, cluster="b"), one("s1", cluster="b")) == [
        "r1",
        "s1",
    ]


def test_two_approved_in_the_same_moment_go_by_their_number_everywhere() -> None:
    assert picked(one("r2"), one("r1")) == picked(one("r1"), one("r2")) == ["r1"]


def test_a_run_that_nobody_works_on_is_taken_up() -> None:
    assert picked(one("r1", State.RUNNING), one("s1", State.RUNNING, cluster="b"), live={"s1"}) == ["r1"]


def test_nothing_else_starts_on_a_cluster_where_one_runs_or_its_outcome_is_unknown() -> None:
    for state in (State.RUNNING, State.INDETERMINATE):
        assert picked(one("r1", state), one("r2"), one("s1", cluster="b"), live={"r1"}) == ["s1"]


def test_an_unknown_outcome_is_for_people_not_for_workers() -> None:
    assert picked(one("r1", State.INDETERMINATE)) == []


def test_one_that_is_about_to_be_claimed_keeps_its_cluster() -> None:
    assert picked(one("r1"), one("r2", at_us=2), live={"r1"}) == []


def test_one_whose_time_has_not_come_keeps_nobody_waiting() -> None:
    assert picked(one("r1", not_before_us=NOW_US + 1), one("r2", at_us=2)) == ["r2"]
    assert picked(one("r1", not_before_us=NOW_US), one("r2", at_us=2)) == ["r1"]


def test_one_that_rests_is_passed_by() -> None:
    assert picked(one("r1"), one("r2", at_us=2), resting={"r1"}) == ["r2"]


def test_a_run_that_rests_keeps_its_cluster() -> None:
    assert picked(one("r1", State.RUNNING), one("r2"), resting={"r1"}) == []


def waits_for(id_: str, *line: InLine) -> str:
    found = ahead(line, id_)
    return found.id if found else ""


def test_what_waits_does_so_for_the_one_that_has_its_cluster_else_for_the_one_before_it() -> None:
    for state in (State.RUNNING, State.INDETERMINATE):
        assert waits_for("r3", one("r1", state, at_us=9), one("r2"), one("r3", at_us=2)) == "r1"
    assert waits_for("r3", one("r1"), one("r2", at_us=2), one("r3", at_us=3)) == "r1"
    assert waits_for("r1", one("r1"), one("r2", at_us=2)) == ""
    assert waits_for("r1", one("s1", State.RUNNING, cluster="b"), one("r1")) == ""
    assert waits_for("r1", one("r1", State.RUNNING), one("r2")) == ""
