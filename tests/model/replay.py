"""One walk of the model on the real code: its steps as acts on a database, a judge, two workers and a fake node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from sqlalchemy import Engine

from bot.act import Act, Deed
from bot.demand import Slot
from bot.docket import Docket
from bot.filing import filed
from bot.follow import Follower
from bot.judge import Judge
from bot.look import Hands, Nodes
from bot.message import Asked
from bot.names import ClusterName, Secret
from bot.policy import Rule
from bot.request import Progress, Request, State, Verdict
from bot.runner import Runner
from bot.store.docket import SqlDocket, file
from bot.store.engine import writing
from bot.store.ledger import SqlLedger
from bot.sweep import Sweep
from bot.text import Refused
from bot.workflow import Cluster, Workflow
from tests.model.fakes import FakeNode, FakePeople, LookingNodes, WaitingNodes, account
from tests.model.flow import APPROVE_BY, RUN_WITHIN, At, Flow, Node, Step
from tests.model.hands import Hand, WaitingDocket
from tests.model.turn import TURN

TICK_US = 900_000_000
RULE = Rule(
    approvals=(Slot("g1"), Slot("g2")),
    approve_within_s=APPROVE_BY * TICK_US // 1_000_000,
    execute_within_s=RUN_WITHIN * TICK_US // 1_000_000,
)
CHANGES = frozenset({At.SUPERSEDE, At.CLAIM, At.BEGIN, At.RECORD, At.TELL})
DEEDS = {
    "approves": Deed.APPROVE,
    "denies": Deed.DENY,
    "cancels": Deed.CANCEL,
    "stops": Deed.STOP,
    "says it did": Deed.DID,
}
ENDS = {"node ends well": "success exited 0", "node ends badly": "exit-code exited 3"}
PROGRESS = {Progress.NEVER: Progress.REFUSED}  # the model has one word for both
NODES = {
    (False, False, ""): {Node.WHOLE},
    (True, False, ""): {Node.BURNT, Node.LOST},
    (True, True, ""): {Node.ACTIVE},
    (True, False, "success exited 0"): {Node.DONE},
    (True, False, "exit-code exited 3"): {Node.FAILED},
    (True, False, "exit-code"): {Node.REFUSED},
}


@dataclass
class Replay:
    """*now_us* and *set_now* are the clock that the database reads, too. *name*: of the cluster, and of the request."""

    engine: Engine
    now_us: Callable[[], int]
    set_now: Callable[[int], None]
    name: str
    node: FakeNode = field(default_factory=FakeNode)
    people: FakePeople = field(default_factory=FakePeople)

    def __post_init__(self) -> None:
        looking = cast("Nodes", LookingNodes(self.node))
        hands = cast("Hands", looking)
        cluster = Cluster(ClusterName(self.name), looking, frozenset({"C1"}), hands=hands)
        self.workflow = Workflow({cluster.name: cluster}, {"turn": TURN}, (RULE,))
        self.docket = SqlDocket(self.engine, self.now_us)
        ledger = SqlLedger(self.engine, self.now_us)
        alarm = lambda _request, _said: ()  # noqa: E731 - one use, one line
        self.judge = Judge(self.docket, self.people, ledger.record, alarm, rules=self.workflow, channels=self.people)
        self.sweep = Sweep(self.docket, self.workflow, lambda _request, _due: (), lambda _group: (), lambda _id: ())
        self.hands = [Hand(partial(self._work, f"worker-{number}")) for number in (0, 1)]
        self._file()

    def take(self, step: Step) -> Refused | None:
        """What the step does here; the refusal, if a person may not."""
        if step.what in DEEDS:
            return self._act(DEEDS[step.what], step.who)
        if step.who.isdecimal():
            hand = self.hands[int(step.who)]
            hand.kill() if step.what == "crashes" else hand.go()
        else:
            self._world(step)
        return None

    def differences(self, flow: Flow) -> list[str]:
        """Where what is differs from what the model says."""
        request = self.request
        is_, says = self._seen(request), self._said(flow, request)
        return [f"{key}: {is_[key]!r}, the model says {says[key]!r}" for key in is_ if is_[key] != says[key]]

    def close(self) -> None:
        for hand in self.hands:
            hand.kill()

    @property
    def request(self) -> Request:
        request = self.docket.get(self.name)
        assert request is not None
        return request

    def _seen(self, request: Request) -> dict[str, object]:
        return {
            "state": request.state,
            "votes": {vote.account.user for vote in request.said(Verdict.APPROVE)},
            "said": {vote.account.user for vote in request.said(Verdict.DID)},
            "fence": request.fence,
            "progress": PROGRESS.get(request.steps[0].progress, request.steps[0].progress),
            "stopping": bool(request.stop_by),
            "run by": request.execute_by_us and (request.execute_by_us - self.start_us) // TICK_US,
            "runs": len(self.node.runs),
            "node": True,
            "workers": [hand.at for hand in self.hands],
        }

    def _said(self, flow: Flow, request: Request) -> dict[str, object]:
        trace = self.node.tickets.get(f"{request.id}-0")
        is_ = (trace.spent, trace.is_active, trace.result) if trace else (False, False, "")
        return {
            "state": flow.state,
            "votes": flow.votes,
            "said": flow.said,
            "fence": flow.fence,
            "progress": flow.progress,
            "stopping": flow.stopping,
            "run by": flow.run_by or None,
            "runs": flow.runs,
            "node": flow.node in NODES[is_] or f"{flow.node}, not {is_}",
            "workers": ["change" if worker.at in CHANGES else str(worker.at) for worker in flow.workers],
        }

    def _act(self, deed: Deed, name: str) -> Refused | None:
        try:
            self.judge.hear(Act(deed, self.name, "button", self.request.plan_hash), account(name))
        except Refused as refused:
            return refused
        return None

    def _world(self, step: Step) -> None:
        match step.what:
            case "tick":
                self.set_now(self.now_us() + TICK_US)
            case "cluster changes":
                self.node.number += 1
            case "is deactivated":
                self.people.gone = True
            case "sweep":
                self.sweep.by_time()
            case "node reboots":
                self.node.reboot()
            case _:
                self.node.end(ENDS[step.what])

    def _work(self, owner: str, hand: Hand) -> None:
        docket = cast("Docket", WaitingDocket(self.docket, hand))
        hands = cast("Hands", WaitingNodes(self.node, hand))
        follower = Follower({ClusterName(self.name): hands}, self.now_us, lambda _s: None, Secret)
        runner = Runner(
            docket, self.workflow, self.people, lambda _request, _report: (), follower, lambda _s: None, owner
        )
        runner.run(self.name)

    def _file(self) -> None:
        asker = self.people.who_now(account("r"))
        answer = self.workflow.answer("turn", asker, "C1")
        assert answer.proposal is not None, answer
        self.start_us = self.now_us()
        asked = Asked(self.name, "turn", asker.account, "slack", self.start_us, "C1")
        request = filed(answer.proposal, asked, asker, self.name, "C1", self.start_us)
        assert request.state is State.PENDING
        with writing(self.engine) as connection:
            file(connection, request, ("C1",), self.start_us)
