"""The dispatcher of one process: orphans first, in line, one per cluster; it survives its database and ends at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import cast

import pytest

from bot.attempts import Attempts
from bot.docket import Docket, InLine
from bot.embedded import Embedded
from bot.pause import Pause
from bot.request import State
from bot.text import Refused, same
from tests.ssh.sshd import until


@dataclass
class Line:
    """A docket as far as a dispatcher knows it. *fails*: how often it cannot be read."""

    waiting: dict[str, InLine] = field(default_factory=dict)
    fails: list[Exception] = field(default_factory=list)
    reads: int = 0

    def clock_us(self) -> int:
        return 0

    def line(self) -> list[InLine]:
        self.reads += 1
        if self.fails:
            raise self.fails.pop()
        return list(self.waiting.values())

    def put(self, id_: str, cluster: str = "a", state: State = State.APPROVED) -> None:
        self.waiting[id_] = InLine(id_, cluster, state, len(self.waiting), 0)


@dataclass
class Runs:
    """Each run is done when *gate* is open, and then gone from the line."""

    line: Line
    pause: Pause = field(default_factory=Pause)
    gate: threading.Event = field(default_factory=threading.Event)
    begun: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    swept: int = 0

    def run(self, id_: str) -> bool:
        self.begun.append(id_)
        while not self.gate.is_set():
            try:
                self.pause.sleep(0.005)
            except Exception:
                self.left.append(id_)
                raise
        self.line.waiting.pop(id_)
        return True

    def sweep(self) -> None:
        self.swept += 1


@pytest.fixture
def runs() -> Runs:
    return Runs(Line())


Start = Callable[..., Embedded]


@pytest.fixture
def start(runs: Runs) -> Iterator[Start]:
    with ExitStack() as ends:

        def started(run: Callable[[str], bool] = runs.run, sweep: Callable[[], None] = runs.sweep) -> Embedded:
            docket = cast("Docket", runs.line)
            embedded = Embedded(docket, Attempts(run, lambda: 0), sweep, runs.pause, look_s=0.01)
            embedded.start()
            ends.callback(embedded.close)
            return embedded

        yield started


def test_what_a_dead_process_left_running_is_taken_up_at_the_start(runs: Runs, start: Start) -> None:
    runs.line.put("r1", state=State.RUNNING)
    runs.gate.set()
    start()
    until(lambda: runs.begun == ["r1"])


def test_a_cluster_runs_one_at_a_time_in_the_order_of_approval_and_others_meanwhile(runs: Runs, start: Start) -> None:
    for id_, cluster in (("r1", "a"), ("r2", "a"), ("s1", "b"), ("r3", "a")):
        runs.line.put(id_, cluster)
    start()
    until(lambda: sorted(runs.begun) == ["r1", "s1"])
    before = runs.line.reads
    until(lambda: runs.line.reads > before + 2)
    assert sorted(runs.begun) == ["r1", "s1"]
    runs.gate.set()
    until(lambda: [id_ for id_ in runs.begun if id_ != "s1"] == ["r1", "r2", "r3"])


def test_a_run_that_lives_is_not_begun_a_second_time(runs: Runs, start: Start) -> None:
    runs.line.put("r1", state=State.RUNNING)
    start()
    until(lambda: runs.line.reads > 5)
    assert runs.begun == ["r1"]


def test_a_database_that_is_away_and_a_mistake_are_survived(runs: Runs, start: Start) -> None:
    runs.line.fails = [Refused(same("away")), KeyError("x"), Refused(same("away"))]
    runs.line.put("r1")
    runs.gate.set()
    start()
    until(lambda: runs.begun == ["r1"])


def test_a_sweep_that_fails_keeps_nothing_from_being_run(runs: Runs, start: Start) -> None:
    def fail() -> None:
        raise KeyError("x")

    runs.line.put("r1")
    runs.gate.set()
    start(sweep=fail)
    until(lambda: runs.begun == ["r1"])


def test_a_run_that_stumbles_keeps_no_other_from_its_turn(runs: Runs, start: Start) -> None:
    def run(id_: str) -> bool:
        if id_ == "r1":
            raise KeyError(id_)
        return runs.run(id_)

    runs.line.put("r1")
    runs.line.put("r2")
    runs.gate.set()
    start(run)
    until(lambda: runs.begun == ["r2"])


def test_it_ends_at_once_and_leaves_what_runs(runs: Runs, start: Start) -> None:
    runs.line.put("r1")
    embedded = start()
    until(lambda: runs.begun == ["r1"])
    embedded.close()
    assert runs.left == ["r1"]
    assert "r1" in runs.line.waiting
    reads = runs.line.reads
    embedded.wake()
    assert runs.line.reads == reads


def test_news_are_looked_at_without_waiting(runs: Runs) -> None:
    embedded = Embedded(cast("Docket", runs.line), Attempts(runs.run, lambda: 0), runs.sweep, runs.pause, look_s=3600)
    embedded.start()
    try:
        until(lambda: runs.line.reads == 1)
        runs.gate.set()
        runs.line.put("r1")
        embedded.wake()
        until(lambda: runs.begun == ["r1"])
    finally:
        embedded.close()
