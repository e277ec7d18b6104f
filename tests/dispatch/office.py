"""The outside of bots that run in processes of their own: what people ask and click, what becomes of it, and violence."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, func, select, update

from bot.act import Act, Deed
from bot.demand import Slot
from bot.filing import filed
from bot.message import Asked
from bot.people import Account
from bot.policy import Rule
from bot.request import OPEN, Request, State
from bot.store import SqlDocket, SqlInbox, SqlLedger, open_engine
from bot.store.docket import file
from bot.store.engine import reading, writing
from bot.store.tables import inbox
from bot.wiring import now_us
from bot.workflow import Workflow
from tests.dispatch.crowd import Crowd
from tests.dispatch.nodes import FileNodes, Habits
from tests.dispatch.work import WORK
from tests.dispatch.worker import Task, main
from tests.ssh.sshd import until

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.dispatch.worker", "tests.chaos.points"])
ALICE, BOB = Account("T1", "alice"), Account("T1", "bob")
ONE_OTHER = Rule(approvals=(Slot("ops"),))
READY_S, DONE_S = 30, 30
SILENT_US = 2_000_000


@dataclass
class Worker:
    """A bot process. *owner*: the name under which it takes commands."""

    process: BaseProcess
    owner: str = ""

    def send(self, number: signal.Signals) -> None:
        assert self.process.pid is not None
        if self.process.is_alive():
            os.kill(self.process.pid, number)

    def ends(self, within_s: float = DONE_S) -> int | None:
        self.process.join(within_s)
        assert not self.process.is_alive(), "it does not end"
        return self.process.exitcode


@dataclass
class Office:
    """One database, clusters of one node each, and the bots at work on them."""

    task: Task
    engine: Engine
    workers: list[Worker] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._name = uuid4().hex[:6]  # a real node knows the tickets of all tests before
        self.docket = SqlDocket(self.engine, now_us)
        self.inbox = SqlInbox(self.engine, now_us, owner="nobody")

    @property
    def is_alone(self) -> bool:
        """Whether only one bot may work at a time."""
        return self.engine.dialect.name == "sqlite"

    def starts(self, run: Callable[..., None] = main, *more: object) -> Worker:
        """A bot, not ready yet."""
        here, there = FORKS.Pipe(duplex=False)
        process = FORKS.Process(target=run, args=(self.task, there, *more))
        process.start()
        there.close()
        worker = Worker(process)
        self.workers.append(worker)
        if here.poll(READY_S):
            try:
                worker.owner = str(here.recv())
            except EOFError:
                process.join(READY_S)
        return worker

    def kills(self, worker: Worker) -> None:
        """At once; what it had taken from the inbox is free, as a minute later."""
        worker.process.kill()
        worker.ends()
        self.forgets(worker)

    def forgets(self, worker: Worker) -> None:
        with writing(self.engine) as connection:
            own = inbox.c.claimed_by == worker.owner
            connection.execute(update(inbox).where(own).values(claimed_us=0))

    def minute_passes(self) -> None:
        """For what no bot says it works on."""
        silent = inbox.c.done_us.is_(None) & (inbox.c.claimed_us < now_us() - SILENT_US)
        with writing(self.engine) as connection:
            connection.execute(update(inbox).where(silent).values(claimed_us=0))

    def asked(self, cluster: str = "a") -> str:
        """A new request, as if the bot had just made it: its number."""
        who = Crowd().who(ALICE)
        with self.task.reached(cluster) as known:
            workflow = Workflow({known.name: known}, {WORK.name: WORK}, self.task.rules)
            answer = workflow.answer(f"work --cluster {cluster}", who)
        assert answer.proposal is not None, answer
        id_ = f"{self._name}-{next(self._numbers)}"
        asked = Asked(id_, answer.line, ALICE, "slack", now_us(), "C1")
        with writing(self.engine) as connection:
            file(connection, filed(answer.proposal, asked, who, id_, "C1", now_us()), ("C1",), now_us())
        return id_

    def clicks(self, id_: str, deed: Deed = Deed.APPROVE, who: Account = BOB) -> str:
        """As Slack's edge records it, before anything is done: its key."""
        key = f"click-{next(self._numbers)}"
        act = Act(deed, id_, "button", self.request(id_).plan_hash, reason="because")
        self.inbox.put(Asked(key, deed, who, "slack", now_us(), "C1", act=act))
        return key

    def request(self, id_: str) -> Request:
        found = self.docket.get(id_)
        assert found is not None
        return found

    def approved(self, *clusters: str) -> list[str]:
        """A request for each of *clusters*, all approved as soon as a bot looks."""
        ids = [self.asked(cluster) for cluster in clusters]
        for id_ in ids:
            self.clicks(id_)
        return ids

    def approves(self, cluster: str) -> str:
        """One, until it is approved."""
        (id_,) = self.approved(cluster)
        until(lambda: self.request(id_).approved_us is not None, DONE_S)
        return id_

    def follows(self, id_: str, ticket: str) -> Request:
        """Until another bot has taken it over; then *ticket* ends well, and so does all."""
        until(lambda: self.request(id_).fence == 2, DONE_S)
        self.task.nodes("a").ends(ticket)
        return self.ends(id_)

    def comes(self, id_: str, *states: State, within_s: float = DONE_S) -> Request:
        until(lambda: self.request(id_).state in states, within_s)
        return self.request(id_)

    def ends(self, id_: str, within_s: float = DONE_S) -> Request:
        return self.comes(id_, *(set(State) - OPEN), State.INDETERMINATE, within_s=within_s)

    def begins(self, ticket: str) -> None:
        """Until it runs on the node of cluster a. What comes after it takes no time."""
        nodes = self.task.nodes("a")
        until(lambda: ticket in nodes.runs(), DONE_S)
        nodes.changes(Habits())

    def answers(self) -> None:
        """Until no click waits any more."""
        until(lambda: self.waiting() == 0, DONE_S)

    def waiting(self) -> int:
        """Clicks that have no answer yet."""
        with reading(self.engine) as connection:
            return int(connection.execute(select(func.count()).where(inbox.c.done_us.is_(None))).scalar_one())

    def is_whole(self) -> bool:
        return SqlLedger(self.engine, now_us).verify().is_whole

    def close(self) -> None:
        for worker in self.workers:
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self.engine.dispose()


@contextmanager
def office(
    folder: Path, url: str, clusters: tuple[str, ...] = ("a",), habits: Habits | None = None, *rules: Rule
) -> Iterator[Office]:
    with opened(Task(folder, url, clusters, rules or (ONE_OTHER,)), habits or Habits()) as one:
        yield one


@contextmanager
def opened(task: Task, habits: Habits) -> Iterator[Office]:
    for name in task.clusters:
        FileNodes(task.folder / name).made(habits)
    (task.folder / "url").write_text(task.url)
    one = Office(task, open_engine(task.url))
    try:
        yield one
    finally:
        one.close()
