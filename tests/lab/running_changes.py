"""A change on real nodes as the bot makes it: proposed, filed, approved by people of the test, run by a runner over SSH."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from bot import wiring
from bot.act import Act, Deed
from bot.action import Report
from bot.config import Config, database_url, secret
from bot.event import Event, Kind
from bot.filing import Filing, filed
from bot.follow import Follower, Pace
from bot.judge import Judge
from bot.message import Asked, Letter
from bot.people import Account, Standing, Who
from bot.request import Request, State, StepRun
from bot.runner import Runner
from bot.store import SqlDocket, SqlLedger, open_engine
from bot.wiring import Connect, now_us
from bot.workflow import Answer, Workflow
from tests.lab.conftest import ALICE

Moment = Callable[[int], object]
BOB = Who(Account("T1", "U2"), "bob", "bob", Standing.MEMBER, "en")


def nothing(_number: int) -> None:
    """What happens beside a step where nothing is to happen."""


def at(number: int, happens: Callable[[], object]) -> Moment:
    """What happens beside this one step only."""
    return lambda step: happens() if step == number else None


class Members:
    """Alice and Bob, whenever they are asked for."""

    def who_now(self, account: Account) -> Who:
        return next(who for who in (ALICE, BOB) if who.account == account)

    def require_ours_now(self, channel: str) -> None:
        assert channel == "C0OPS"


@dataclass
class Changing:
    """*reports*: those of the runs that came to an end."""

    workflow: Workflow
    docket: SqlDocket
    ledger: SqlLedger
    follower: Follower
    reports: list[Report] = field(default_factory=list)

    def ask(self, line: str) -> Answer:
        return self.workflow.answer(line, ALICE, "C0OPS")

    def refused(self, line: str) -> list[str]:
        """What forbids it."""
        answer = self.ask(line)
        assert answer.blocked, answer
        assert answer.report is not None
        return [found.text.to("en") for found in answer.report.findings if found.blocks]

    def file(self, line: str) -> Request:
        """Alice asks for it."""
        answer = self.ask(line)
        assert answer.proposal is not None, _told(answer)
        id_ = f"t{time.monotonic_ns()}"
        asked = Asked(id_, line, ALICE.account, "slack", now_us(), "C0OPS")
        request = filed(answer.proposal, asked, ALICE, id_, "C0OPS", now_us())
        self.docket.file(Filing(request, ()), Event(Kind.COMMAND_ANSWERED, str(ALICE.account)))
        return request

    def approve(self, request: Request) -> None:
        """Bob does, by typing and stating whatever is wanted."""
        plan = request.plan
        statement = "I stand before them" if plan.statement else ""
        act = Act(Deed.APPROVE, request.id, "button", request.plan_hash, typed=plan.confirm, statement=statement)
        self._hear(act)

    def settle(self, request: Request, deed: Deed) -> None:
        """Bob has looked there: it did run, or it did not."""
        self._hear(Act(deed, request.id, "button", request.plan_hash))

    def _hear(self, act: Act) -> None:
        alarm = lambda _request, _said: ()  # noqa: E731 - one use, one line
        judge = Judge(self.docket, Members(), self.ledger.record, alarm, rules=self.workflow, channels=Members())
        judge.hear(act, BOB.account)

    def run(self, request: Request, before_step: Moment = nothing, after_step: Moment = nothing) -> Request:
        """As it ended. Both are told the number of the step, from 0: *before_step* right before it is sent to its node,
        the first time between the last look of the bot and the first step; *after_step* when the bot knows how it ended.
        """
        follower = _Late(self.follower, before_step, after_step)
        runner = Runner(self.docket, self.workflow, Members(), self.tell, follower, time.sleep, "lab")  # type: ignore[arg-type]  # a Follower but for the moments
        assert runner.run(request.id)
        return self.now(request)

    def change(self, line: str) -> Request:
        """Asked for, approved, run."""
        request = self.file(line)
        self.approve(request)
        return self.run(request)

    def now(self, request: Request) -> Request:
        found = self.docket.get(request.id)
        assert found is not None
        return found

    def tell(self, _request: Request, report: Report) -> tuple[Letter, ...]:
        self.reports.append(report)
        return ()


@dataclass(frozen=True)
class _Late:
    """A follower that lets the world change in the last moment before a step, and in the first after it."""

    follower: Follower
    before_step: Moment
    after_step: Moment

    def __getattr__(self, name: str) -> object:
        return getattr(self.follower, name)

    def start(self, request: Request, number: int) -> str:
        self.before_step(number)
        return self.follower.start(request, number)

    def follow(self, request: Request, number: int, heard: Callable[[str], object]) -> StepRun:
        ended = self.follower.follow(request, number, heard)
        self.after_step(number)
        return ended


@contextmanager
def changing(config: Config, connect: Connect) -> Iterator[Changing]:
    """The bot's own parts, on the configuration's database and over real SSH."""
    engine = open_engine(database_url(config))
    with wiring.clusters(config, connect) as clusters:
        hands = {name: cluster.hands for name, cluster in clusters.items() if cluster.hands}
        follower = Follower(
            hands, now_us, time.sleep, partial(secret, folder=config.folder), Pace(look_max_s=0.5, grace_s=60)
        )
        workflow = wiring.workflow(config, clusters)
        yield Changing(workflow, SqlDocket(engine, now_us), SqlLedger(engine, now_us), follower)
    engine.dispose()


def said(request: Request) -> str:
    """How it ended and what its steps printed."""
    why = request.why.to("en") if request.why else ""
    return "\n".join([str(request.state), why, *(step.said for step in request.steps)])


def require(request: Request, state: State) -> None:
    assert request.state is state, said(request)


def _told(answer: Answer) -> str:
    if answer.refusal:
        return answer.refusal.to("en")
    found = answer.report.findings if answer.report else ()
    return "\n".join(finding.text.to("en") for finding in found)
