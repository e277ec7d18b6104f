"""An approved request is run once, if it still may be, and told as it ended; whatever forbids it is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.docket import Edit
from bot.hours import DAYS
from bot.people import Standing
from bot.request import Move, Moved, Progress, State, StepRun
from bot.store import open_engine
from tests.dispatch.nodes import Habits
from tests.dispatch.office import ONE_OTHER
from tests.dispatch.work import NUMBER
from tests.world import BUSY, HOUR_US, Nodes, People, World, die


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    engine = open_engine(sqlite_url)
    nodes = Nodes(tmp_path / "a")
    nodes.made(Habits(lasts_s=(0.0,)))
    yield World(engine, nodes)
    engine.dispose()


def test_all_steps_are_run_once_and_what_is_seen_then_is_told(world: World) -> None:
    world.approved()
    assert world.runner().run("a1")
    assert (world.request().state, world.progress()) == (State.SUCCEEDED, [Progress.DONE, Progress.DONE])
    assert world.nodes.sent() == ["a1-0", "a1-1"]
    assert [report.headline.to("en") for report in world.told] == ["worked"]
    assert world.runner().run("a1")
    assert len(world.nodes.sent()) == 2


@pytest.mark.parametrize("id_", ["a1", "a9"])
def test_what_is_not_approved_or_not_there_is_left_alone(world: World, id_: str) -> None:
    world.asked()
    assert world.runner().run(id_)
    assert world.request().state is State.PENDING


def test_facts_that_changed_since_the_approval_supersede_it(world: World) -> None:
    world.approved()
    assert world.runner(number=NUMBER + 1).run("a1")
    assert world.request().state is State.SUPERSEDED
    assert "number" in world.why()
    assert world.nodes.sent() == []


def test_a_guard_that_refuses_on_the_node_aborts_and_starts_nothing_more(world: World) -> None:
    world.approved(number=NUMBER + 1)
    assert world.runner(number=NUMBER + 1).run("a1")
    assert (world.request().state, world.progress()) == (State.ABORTED, [Progress.REFUSED, Progress.TODO])
    assert "its clock" in world.why()
    assert world.nodes.runs() == {}


def test_an_approver_who_left_since_takes_the_approval_with_them(world: World) -> None:
    world.approved()
    world.people.standing = Standing.DEACTIVATED
    assert world.runner().run("a1")
    assert world.request().state is State.SUPERSEDED
    assert "bob" in world.why()


@pytest.mark.parametrize("changed", [{"asker": Standing.DEACTIVATED}, {"person": "somebody else"}])
def test_who_asked_must_still_be_who_they_were(world: World, changed: dict[str, Any]) -> None:
    world.approved()
    world.people = People(**changed)
    assert world.runner().run("a1")
    assert world.request().state is State.SUPERSEDED
    assert "who asked for it" in world.why()
    assert world.nodes.runs() == {}


def test_nothing_is_run_while_nobody_says_who_the_approvers_are_now(world: World) -> None:
    world.approved()
    world.people.standing = None
    assert not world.runner().run("a1")
    assert world.request().state is State.APPROVED


def test_it_waits_for_its_cluster(world: World) -> None:
    world.approved()
    world.approved(BUSY)
    world.docket.change(BUSY, lambda _now, _at_us: Edit(moved=Moved(Move.CLAIM)))
    assert not world.runner().run("a1")
    assert (world.request().state, world.nodes.sent()) == (State.APPROVED, [])


def test_it_waits_for_its_time(world: World) -> None:
    world.approved(after_us=HOUR_US)
    assert not world.runner().run("a1")
    assert (world.request().state, world.nodes.sent()) == (State.APPROVED, [])


@pytest.mark.parametrize("by_glass", [True, False])
def test_outside_of_its_hours_only_a_break_glass_is_run(world: World, *, by_glass: bool) -> None:
    in_three_days = (datetime.now(UTC).weekday() + 3) % 7
    world.rule = replace(ONE_OTHER, hours=f"{DAYS[in_three_days]} 00:00-23:59 UTC")
    world.approved()
    world.sets(by_glass=by_glass)
    assert world.runner().run("a1") is by_glass
    assert world.request().state is (State.SUCCEEDED if by_glass else State.APPROVED)


@pytest.mark.parametrize("group", ["", "oncall"])
def test_who_broke_the_glass_must_still_be_one_who_may(world: World, group: str) -> None:
    """Nobody may any more, or others."""
    world.approved()
    world.sets(by_glass=True)
    world.glass_group = group
    assert world.runner().run("a1")
    assert world.request().state is State.SUPERSEDED
    assert "may no longer" in world.why()
    assert world.nodes.sent() == []


def test_too_late_is_never(world: World) -> None:
    world.approved(within_us=0)
    assert world.runner().run("a1")
    assert (world.request().state, world.nodes.sent()) == (State.EXPIRED, [])


def test_what_nobody_could_see_to_have_worked_is_not_said_to_have_failed(world: World) -> None:
    world.approved()
    assert world.runner(then=None).run("a1")
    assert (world.request().state, world.progress()) == (State.FAILED, [Progress.DONE, Progress.DONE])
    assert world.why().startswith("Counted as failed, for nobody could see that it worked. All steps ended well")


@pytest.mark.parametrize(("then", "state"), [(NUMBER, State.PENDING), (NUMBER + 1, State.SUPERSEDED)])
def test_what_waits_for_approval_is_superseded_if_a_run_overtook_it(world: World, then: int, state: State) -> None:
    world.approved()
    world.asked(BUSY)
    assert world.runner(then=then).run("a1")
    assert world.request().state is State.SUCCEEDED
    assert world.request(BUSY).state is state


def test_what_waits_and_cannot_be_seen_after_a_run_goes_on_waiting(world: World) -> None:
    world.approved()
    world.asked(BUSY)
    assert world.runner(then=None).run("a1")
    assert world.request(BUSY).state is State.PENDING


def test_an_approved_request_of_a_cluster_that_is_configured_no_more_is_superseded(world: World) -> None:
    world.approved()
    assert world.runner_elsewhere().run("a1")
    assert world.request().state is State.SUPERSEDED
    assert "configured" in world.why()


@pytest.mark.parametrize(("step", "state"), [(0, State.INDETERMINATE), (None, State.ABORTED)])
def test_a_run_of_a_cluster_that_is_configured_no_more_ends_by_what_is_known(
    world: World, step: int | None, state: State
) -> None:
    world.approved()
    world.docket.change("a1", lambda _now, _at_us: Edit(moved=Moved(Move.CLAIM, fields={"fence": 1})))
    if step is not None:
        world.docket.change("a1", lambda _now, at_us: Edit(step=StepRun(step, Progress.STARTED, 1, started_us=at_us)))
    assert world.runner_elsewhere().run("a1")
    assert world.request().state is state
    assert "a is no longer configured" in world.why()


def test_a_node_that_is_away_before_the_first_step_has_had_nothing_done_to_it(world: World) -> None:
    world.approved()
    assert world.runner(is_silent=True).run("a1")
    assert (world.request().state, world.progress()) == (State.ABORTED, [Progress.TODO, Progress.TODO])
    assert "no route" in world.why()


def test_a_stop_while_a_step_runs_keeps_the_next_from_being_started(world: World) -> None:
    world.approved()
    assert world.runner(meanwhile=lambda: world.sets(stop_by="carol")).run("a1")
    assert (world.request().state, world.progress()) == (State.ABORTED, [Progress.DONE, Progress.TODO])
    assert world.why() == "Stopped by carol before step 2"
    assert world.nodes.sent() == ["a1-0"]


def test_one_whose_request_was_taken_over_writes_nothing_more(world: World) -> None:
    world.approved()
    assert world.runner(meanwhile=lambda: world.sets(fence=7)).run("a1")
    assert (world.request().state, world.progress()) == (State.RUNNING, [Progress.STARTED, Progress.TODO])
    assert world.nodes.sent() == ["a1-0"]


def test_a_run_that_was_left_is_followed_to_its_end_and_its_step_not_started_again(world: World) -> None:
    world.approved()
    world.runner(meanwhile=lambda: world.sets(fence=7)).run("a1")
    assert world.runner().run("a1")
    assert (world.request().state, world.request().fence) == (State.SUCCEEDED, 8)
    assert world.nodes.sent() == ["a1-0", "a1-1"]


def test_a_step_that_was_never_started_is_said_to_be_just_that(world: World) -> None:
    world.approved()
    with pytest.raises(KeyboardInterrupt):
        world.runner(meanwhile=die).run("a1")
    assert world.runner().run("a1")
    assert (world.request().state, world.progress()) == (State.ABORTED, [Progress.NEVER, Progress.TODO])
    assert "never ran" in world.why()
    assert world.nodes.sent() == []


def test_an_outcome_that_nobody_knows_locks_its_cluster(world: World) -> None:
    world.nodes.changes(Habits(lasts_s=(3600.0,)))
    world.approved()
    with pytest.raises(KeyboardInterrupt):
        world.runner(afterwards=die).run("a1")
    world.nodes.boots()
    assert world.runner().run("a1")
    assert (world.request().state, world.progress()) == (State.INDETERMINATE, [Progress.UNKNOWN, Progress.TODO])
    world.approved(BUSY)
    assert not world.runner().run(BUSY)
