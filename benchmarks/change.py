"""From the last approval to the unit on the node, warm: decided, dispatched, looked at again, claimed, sent. In the lab.

What Slack takes to say who the approver is, asked anew at the vote and at the claim, comes on top: two of its calls.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figure import Figure
from bot.action import Change
from bot.attempts import Attempts
from bot.config import load
from bot.embedded import Embedded
from bot.pause import Pause
from bot.request import Progress, Request
from bot.run import KEPT, ticket_id
from bot.runner import Runner
from bot.wiring import now_us
from bot.workflow import Workflow
from tests.lab.conftest import config_file
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.requirements import why_not
from tests.lab.running_changes import Changing, Members, changing, said

NAME = "Approve to unit started on the node, warm: median"
LINES = ("expected 4", "expected 3")  # there and back, on three nodes that are well
ROUNDS = 20
PARTS = ("hear", "look_again", "change", "boot_id", "start")


def run() -> list[Figure]:
    if reason := why_not():
        print(f"skipped: {NAME}: {reason}")
        return []
    with tempfile.TemporaryDirectory() as folder, Lab("bench-change") as lab:
        lab.up(3, 1, token=1000)
        with changing(load(config_file(lab, Path(folder))), connector(lab)) as bot:
            return [_measured(lab, replace(bot, workflow=_allowing(bot.workflow)))]


def _allowing(workflow: Workflow) -> Workflow:
    """`expected` looks, guards and runs as ever, but may also be asked of a cluster that is well: no node is silent."""
    action = workflow.actions["expected"]
    verbs = (replace(verb, change=_unchecked(verb.change)) for verb in action.verbs)
    return replace(workflow, actions={**workflow.actions, "expected": replace(action, verbs=tuple(verbs))})


def _unchecked(change: Change[Any, Any] | None) -> Change[Any, Any] | None:
    return replace(change, check=lambda _args, _facts: [], settle_s=0) if change else None


def _measured(lab: Lab, bot: Changing) -> Figure:
    watch = Watch()
    with _dispatching(bot, watch) as wake:
        _round(lab, bot, watch, wake, 0)
        watch.ms.clear()
        took_ms = [_round(lab, bot, watch, wake, number) for number in range(1, ROUNDS + 1)]
    parts = ", ".join(f"{part} {median(watch.ms[part]):.0f}" for part in PARTS)
    return Figure(NAME, median(took_ms), "ms", 400, f"of these {parts} ms; slowest {max(took_ms):.0f}")


def _round(lab: Lab, bot: Changing, watch: Watch, wake: Callable[[], None], number: int) -> float:
    request = bot.file(LINES[number % 2])
    begun = time.time()
    with watch.timing("hear"):
        bot.approve(request)
    wake()
    _wait_for_end(bot, request)
    node = request.plan.steps[0].on
    burnt = lab.exec(node, "stat", "-c", "%.9Y", f"{KEPT}/{ticket_id(request.id, 0)}.spent", check=True).stdout
    return (float(burnt) - begun) * 1000  # the lab's nodes have this machine's clock


def _wait_for_end(bot: Changing, request: Request) -> None:
    while (now := bot.now(request)).is_open:
        threading.Event().wait(0.05)
    if now.steps[0].progress is not Progress.DONE:
        raise RuntimeError(said(now))


@contextmanager
def _dispatching(bot: Changing, watch: Watch) -> Iterator[Callable[[], None]]:
    pause = Pause()
    hands = {name: watch.over(one) for name, one in bot.follower.hands.items()}
    follower = replace(bot.follower, hands=hands)
    docket, workflow = watch.over(bot.docket), watch.over(bot.workflow)
    runner = Runner(docket, workflow, Members(), lambda _request, _report: (), follower, pause.sleep, "bench")
    dispatcher = Embedded(bot.docket, Attempts(runner.run, now_us), lambda: None, pause)
    dispatcher.start()
    try:
        yield dispatcher.wake
    finally:
        dispatcher.close()


@dataclass(frozen=True)
class Watch:
    """How long each method took, by its name."""

    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def timing(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.ms[name].append((time.perf_counter() - begun) * 1000)

    def over(self, part: object) -> Any:
        """*part*, watched."""
        return Watched(part, self)


@dataclass(frozen=True)
class Watched:
    part: object
    watch: Watch

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self.part, name)

        def timed(*words: object, **named: object) -> object:
            with self.watch.timing(name):
                return method(*words, **named)

        return timed
