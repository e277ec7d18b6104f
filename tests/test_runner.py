"""An approved request is run once, if it still may be, and told as it ended; whatever forbids it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.action import Call, Output, Report, Unreachable
from bot.docket import Edit
from bot.filing import filed
from bot.follow import Follower
from bot.message import Asked, Letter
from bot.names import ClusterName, NodeName, Secret
from bot.people import Account, Standing, Who
from bot.request import Move, Moved, Progress, Request, State, Verdict, Vote
from bot.run import Ticket
from bot.runner import Runner
from bot.store import SqlDocket, open_engine
from bot.store.docket import file
from bot.store.engine import writing
from bot.text import Refused, same
from bot.wiring import now_us
from bot.workflow import Cluster, Workflow
from tests.dispatch.crowd import Crowd
from tests.dispatch.nodes import FileNodes, Habits
from tests.dispatch.office import ALICE, BOB, ONE_OTHER
from tests.dispatch.work import NUMBER, WORK

HOUR_US = 3_600_000_000
BUSY = "a2"


@dataclass(frozen=True)
class Nodes(FileNodes):
    """*number*: what it says when it is asked. *meanwhile*, *afterwards*: happens right before and after a start."""

    number: int = NUMBER
    is_silent: bool = False
    meanwhile: Callable[[], object] = lambda: None
    afterwards: Callable[[], object] = lambda: None

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        return [Output(call.node, 0, str(self.number)) for call in calls]

    def boot_id(self, node: NodeName) -> str:
        if self.is_silent:
            raise Unreachable(same("no route"))
        return super().boot_id(node)

    def start(self, ticket: Ticket) -> str:
        self.meanwhile()
        said = super().start(ticket)
        self.afterwards()
        return said


@dataclass
class People:
    """Whoever voted, as they are now; None: nobody says. *asker*: what became of who asked."""

    standing: Standing | None = Standing.MEMBER
    asker: Standing = Standing.MEMBER
    person: str = ""

    def who_now(self, account: Account) -> Who:
        if self.standing is None:
            raise Refused(same("Slack does not answer"))
        now = Crowd().who(account)
        if account == ALICE:
            return replace(now, standing=self.asker, person=self.person or now.person)
        return replace(now, standing=self.standing)


@dataclass
class World:
    engine: Engine
    nodes: Nodes
    people: People = field(default_factory=People)
    told: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.docket = SqlDocket(self.engine, now_us)

    def workflow(self, **nodes: object) -> Workflow:
        with_them = replace(self.nodes, **nodes)  # type: ignore[arg-type]  # by name
        cluster = Cluster(ClusterName("a"), with_them, frozenset({"C1"}), hands=with_them)
        return Workflow({cluster.name: cluster}, {WORK.name: WORK}, (ONE_OTHER,))

    def runner(self, **nodes: object) -> Runner:
        workflow = self.workflow(**nodes)
        hands = {name: cluster.hands for name, cluster in workflow.clusters.items() if cluster.hands}
        follower = Follower(hands, now_us, lambda _s: None, Secret)
        return Runner(self.docket, workflow, self.people, self.tell, follower, lambda _s: None, "me")

    def tell(self, _request: Request, report: Report) -> tuple[Letter, ...]:
        self.told.append(report)
        return ()

    def asked(self, id_: str = "a1", **nodes: object) -> str:
        who = Crowd().who(ALICE)
        answer = self.workflow(**nodes).answer("work", who)
        assert answer.proposal is not None, answer
        new = filed(answer.proposal, Asked(id_, "work", ALICE, "slack", 0), who, id_, "C1", now_us())
        with writing(self.engine) as connection:
            file(connection, new, (), now_us())
        return id_

    def approved(self, id_: str = "a1", *, after_us: int = 0, within_us: int = HOUR_US, **nodes: object) -> str:
        def edit(now: Request, at_us: int) -> Edit:
            begin_us = at_us + after_us
            times = {"approved_us": at_us, "not_before_us": begin_us, "execute_by_us": begin_us + within_us}
            vote = Vote(Verdict.APPROVE, BOB, "bob", "bob", now.plan_hash, at_us, "button")
            return Edit("T1/bob", Moved(Move.APPROVE, fields=times), vote=vote)

        self.docket.change(self.asked(id_, **nodes), edit)
        return id_

    def request(self, id_: str = "a1") -> Request:
        found = self.docket.get(id_)
        assert found is not None
        return found

    def why(self) -> str:
        why = self.request().why
        assert why is not None
        assert why.to("fr") != why.to("en") or why.to("en") == "worked"
        return why.to("en")

    def sets(self, **fields: object) -> None:
        self.docket.change("a1", lambda _now, _at_us: Edit(fields=fields))

    def progress(self) -> list[Progress]:
        return [step.progress for step in self.request().steps]


def die() -> None:
    raise KeyboardInterrupt


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


def test_too_late_is_never(world: World) -> None:
    world.approved(within_us=0)
    assert world.runner().run("a1")
    assert (world.request().state, world.nodes.sent()) == (State.EXPIRED, [])


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
