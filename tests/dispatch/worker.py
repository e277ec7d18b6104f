"""One bot process with all its parts but Slack: it works off the inbox, and runs what is approved."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from bot import serving, wiring
from bot.approving import Approving, approving
from bot.config import Config, parse
from bot.desk import Desk
from bot.embedded import Embedded
from bot.names import ClusterName
from bot.policy import Rule
from bot.procrastinated import Procrastinated
from bot.slack.blocks import letters
from bot.slack.people import SlackDirectory
from bot.store import SqlInbox
from bot.text import Refused
from bot.workflow import Cluster, Workflow
from tests.dispatch.crowd import Crowd
from tests.dispatch.nodes import FileNodes
from tests.dispatch.work import WORK

LOOK_S = 0.05
CHANNEL = "C1"


@dataclass(frozen=True)
class Task:
    """*folder*: a directory for each cluster in it. *dead_s*: how long a worker is silent before it counts as dead."""

    folder: Path
    url: str
    clusters: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    dead_s: float = 2.0

    @property
    def config(self) -> Config:
        slack = {"bot_token": "env:NONE", "app_token": "env:NONE"}
        nodes = [{"name": "pve01", "host": "127.0.0.1", "port": 9 + number} for number in range(len(self.clusters))]
        named = zip(self.clusters, nodes, strict=True)
        clusters = {name: {"channels": [f"C{name.upper()}"], "nodes": [node]} for name, node in named}
        return parse({"slack": slack, "database": {"url": "file:url"}, "clusters": clusters}, self.folder)

    def nodes(self, cluster: str) -> FileNodes:
        return FileNodes(self.folder / cluster)

    @contextmanager
    def reached(self, cluster: str) -> Iterator[Cluster]:
        nodes = self.nodes(cluster)
        yield Cluster(ClusterName(cluster), nodes, frozenset({f"C{cluster.upper()}"}), hands=nodes)


def main(task: Task, said: Connection) -> None:
    """Until SIGTERM. *said*: is told when it is ready, and under what name it takes commands."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    _log_to(task.folder / "log")
    with ExitStack() as last:
        engine = last.enter_context(serving._recording(task.config))
        pool = last.enter_context(ThreadPoolExecutor(4, "worker"))
        office = office_on(task, engine, [last.enter_context(task.reached(name)) for name in task.clusters])
        inbox = SqlInbox(engine, wiring.now_us)
        desk = Desk(office.clerk, inbox, letters, lambda _event: office.dispatcher.wake(), pool, 8)
        office.dispatcher.start()
        said.send(inbox.owner)
        while not stop.wait(LOOK_S):
            with suppress(Refused):
                inbox.beat(now_us=wiring.now_us())
                desk.wake()
        office.dispatcher.close()


def office_on(task: Task, engine: Engine, reached: Sequence[Cluster]) -> Approving:
    clusters = {cluster.name: cluster for cluster in reached}
    workflow = Workflow(clusters, {WORK.name: WORK}, task.rules)
    office = approving(task.config, engine, clusters, workflow, cast("SlackDirectory", Crowd()))
    return replace(office, dispatcher=_hasty(task, office.dispatcher))


def _hasty(task: Task, dispatcher: object) -> Embedded | Procrastinated:
    if isinstance(dispatcher, Procrastinated):
        return replace(dispatcher, look_s=0.2, beat_s=task.dead_s / 4, dead_s=task.dead_s, leave_s=2.0, again_s=0.2)
    assert isinstance(dispatcher, Embedded)
    return replace(dispatcher, look_s=0.1)


def _log_to(path: Path) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
