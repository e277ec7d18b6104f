"""One request and all that runs it: a real database, a node that outlives whoever talks to it, people, rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Engine

from bot.action import Action, Call, Output, Report, Unreachable
from bot.docket import Edit
from bot.filing import filed
from bot.follow import Follower
from bot.look import Hands
from bot.message import Asked, Letter
from bot.names import ClusterName, NodeName, Secret
from bot.people import Account, Standing, Who
from bot.policy import Rule
from bot.request import Move, Moved, Progress, Request, Verdict, Vote
from bot.run import Ticket
from bot.runner import Runner
from bot.store import SqlDocket
from bot.store.docket import file
from bot.store.engine import writing
from bot.text import Refused, same
from bot.wiring import now_us
from bot.workflow import Cluster, Workflow
from tests.dispatch.crowd import Crowd
from tests.dispatch.nodes import FileNodes
from tests.dispatch.office import ALICE, BOB, ONE_OTHER
from tests.dispatch.work import NUMBER, WORK

HOUR_US = 3_600_000_000
BUSY = "a2"


@dataclass(frozen=True)
class Nodes(FileNodes):
    """*number*: what it says when it is asked; *then*: after something was started, None for nothing any more.
    *meanwhile*, *afterwards*: happens right before and after a start.
    """

    number: int = NUMBER
    then: int | None = NUMBER
    is_silent: bool = False
    meanwhile: Callable[[], object] = lambda: None
    afterwards: Callable[[], object] = lambda: None

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        number = self.then if self.sent() else self.number
        if number is None:
            return [Unreachable(same("no route")) for _ in calls]
        return [Output(call.node, 0, str(number)) for call in calls]

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
    rule: Rule = ONE_OTHER
    glass_group: str = "ops"  # everybody's
    action: Action = WORK

    def __post_init__(self) -> None:
        self.docket = SqlDocket(self.engine, now_us)

    def workflow(self, **nodes: object) -> Workflow:
        with_them = replace(self.nodes, **nodes)  # type: ignore[arg-type]  # by name
        cluster = Cluster(ClusterName("a"), with_them, frozenset({"C1"}), hands=with_them)
        return Workflow({cluster.name: cluster}, {WORK.name: self.action}, (self.rule,))

    def runner(self, **nodes: object) -> Runner:
        workflow = self.workflow(**nodes)
        hands = {name: cluster.hands for name, cluster in workflow.clusters.items() if cluster.hands}
        return self.runner_of(workflow, hands)

    def runner_elsewhere(self) -> Runner:
        """Configured anew, without the cluster."""
        return self.runner_of(Workflow({}, {WORK.name: WORK}, (self.rule,)), {})

    def runner_of(self, workflow: Workflow, hands: Mapping[ClusterName, Hands]) -> Runner:
        follower = Follower(hands, now_us, lambda _s: None, Secret)
        parts = (self.docket, workflow, self.people, self.tell, follower)
        return Runner(*parts, lambda _s: None, "me", self.glass_group)

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
