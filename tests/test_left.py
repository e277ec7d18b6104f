"""When a step does not succeed, what it left is looked at and told; and what succeeded is watched for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.action import Action, Level, NoArgs, Report
from bot.docket import Edit
from bot.event import Kind
from bot.names import NodeName
from bot.request import Progress, State
from bot.store import open_engine
from bot.text import same
from bot.units import SECOND_US
from bot.watch import Watch
from bot.wiring import now_us
from tests.dispatch.nodes import Habits
from tests.dispatch.work import NUMBER, WORK
from tests.numbered import Facts
from tests.world import Nodes, World


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    engine = open_engine(sqlite_url)
    nodes = Nodes(tmp_path / "a")
    nodes.made(Habits(lasts_s=(0.0,)))
    yield World(engine, nodes)
    engine.dispose()


def _left(_args: NoArgs, before: Facts, after: Facts, number: int) -> Report:
    return Report(Level.BAD, same(f"step {number} left {after.number.value}, was {before.number.value}"))


def _watch(_args: NoArgs, facts: Facts) -> Report | None:
    return Report(Level.BAD, same("it came back")) if facts.number.value != NUMBER else None


def with_change(**fields: object) -> Action:
    verb = WORK.verbs[0]
    assert verb.change is not None
    return replace(WORK, verbs=(replace(verb, change=replace(verb.change, **fields)),))  # type: ignore[arg-type]  # by name


def told(world: World) -> list[str]:
    return [report.headline.to("en") for report in world.told]


def test_a_step_that_was_refused_tells_what_is_left(world: World) -> None:
    world.action = with_change(left=_left)
    world.approved(number=NUMBER + 1)
    assert world.runner(number=NUMBER + 1, then=NUMBER + 2).run("a1")
    assert world.request().state is State.ABORTED
    assert told(world) == ["step 0 left 9, was 8"]


def test_what_is_left_and_cannot_be_seen_is_said_to_be_unseen(world: World) -> None:
    world.action = with_change(left=_left)
    world.approved(number=NUMBER + 1)
    assert world.runner(number=NUMBER + 1, then=None).run("a1")
    assert world.request().state is State.ABORTED
    assert told(world)[0].startswith("What is left could not be seen: No node gave an answer.")
    assert world.told[0].level is Level.UNKNOWN


def test_a_run_that_is_stopped_between_two_steps_tells_what_the_first_left(world: World) -> None:
    world.action = with_change(left=_left)
    world.approved()
    assert world.runner(meanwhile=lambda: world.sets(stop_by="carol"), then=NUMBER + 2).run("a1")
    assert (world.request().state, told(world)) == (State.ABORTED, ["step 1 left 9, was 7"])


def test_a_run_whose_next_node_is_away_tells_what_the_steps_before_left(world: World) -> None:
    world.action = with_change(left=_left)
    world.approved()
    goes = world.runner(meanwhile=lambda: world.sets(fence=7))
    assert goes.run("a1")
    world.sets(fence=1)
    world.docket.change("a1", lambda now, _at: Edit(step=replace(now.steps[0], progress=Progress.DONE)))
    assert world.runner(is_silent=True).run("a1")
    assert (world.request().state, told(world)) == (State.ABORTED, ["step 1 left 7, was 7"])


def test_a_run_that_never_began_left_nothing(world: World) -> None:
    world.action = with_change(left=_left)
    world.approved()
    assert world.runner(is_silent=True).run("a1")
    assert (world.request().state, told(world)) == (State.ABORTED, [])


def test_a_step_of_which_nobody_can_tell_tells_what_is_seen(world: World) -> None:
    world.action = with_change(left=_left)
    world.approved()
    world.nodes.changes(Habits(lasts_s=(600.0,)))
    assert world.runner(afterwards=world.nodes.boots).run("a1")
    assert (world.request().state, told(world)) == (State.INDETERMINATE, ["step 0 left 7, was 7"])


def test_a_run_that_went_well_tells_only_its_report(world: World) -> None:
    world.action = with_change(left=_left)
    world.approved()
    assert world.runner().run("a1")
    assert told(world) == ["worked"]


@pytest.fixture
def watched(world: World) -> World:
    world.action = with_change(watch_s=60, watch=_watch)
    world.approved()
    assert world.runner().run("a1")
    world.told.clear()
    return world


def watch(world: World, clock: Callable[[], int] = now_us, **nodes: object) -> None:
    Watch(world.docket, world.workflow(**nodes), world.tell, clock).look()


def kinds(world: World) -> list[str]:
    return [told.kind for told in world.docket.story("a1")]


def test_what_no_longer_holds_is_told_once_and_recorded(watched: World) -> None:
    watch(watched)
    assert told(watched) == []
    watch(watched, then=NUMBER + 1)
    watch(watched, then=NUMBER + 1)
    assert told(watched) == ["it came back"]
    assert kinds(watched).count(Kind.RUN_UNDONE) == 1
    assert watched.request().state is State.SUCCEEDED


def test_what_failed_is_watched_too_for_it_may_be_done_all_the_same(world: World) -> None:
    verb = WORK.verbs[0]
    failing = replace(verb, report=lambda _args, _before, _after: Report(Level.BAD, same("not seen")))
    assert failing.change is not None
    world.action = replace(WORK, verbs=(replace(failing, change=replace(failing.change, watch_s=60, watch=_watch)),))
    world.approved()
    assert world.runner().run("a1")
    assert world.request().state is State.FAILED
    world.told.clear()
    watch(world, then=NUMBER + 1)
    assert told(world) == ["it came back"]


def test_what_is_asked_for_it_goes_by_what_was_approved(watched: World) -> None:
    asked: list[object] = []

    def again(_args: NoArgs, _facts: Facts, rests_on: object) -> dict[str, dict[NodeName, tuple[str, ...]]]:
        asked.append(rests_on)
        return {}

    watched.action = with_change(watch_s=60, watch=_watch, watch_further=again)
    watch(watched)
    assert asked == [{"number": NUMBER}]


def test_it_is_watched_only_for_so_long(watched: World) -> None:
    watch(watched, lambda: now_us() + 60 * SECOND_US, then=NUMBER + 1)
    assert told(watched) == []


def test_what_cannot_be_seen_is_looked_at_next_time(watched: World) -> None:
    watch(watched, then=None)
    assert told(watched) == []
    watch(watched, then=NUMBER + 1)
    assert told(watched) == ["it came back"]


def test_what_is_configured_no_more_is_watched_no_more(watched: World) -> None:
    elsewhere = replace(watched.workflow(then=NUMBER + 1), clusters={})
    Watch(watched.docket, elsewhere, watched.tell, now_us).look()
    assert told(watched) == []
