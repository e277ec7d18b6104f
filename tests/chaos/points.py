"""Where a bot may be killed between a click and the report: before or after each thing that it asks of a port."""

from __future__ import annotations

import functools
import os
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal

from bot.store import SqlDocket, SqlInbox
from tests.dispatch.nodes import FileNodes
from tests.dispatch.worker import Task, main

When = Literal["before", "after"]
PORTS: dict[str, type] = {
    "take": SqlInbox,
    "finish": SqlInbox,
    "change": SqlDocket,
    "ask": FileNodes,
    "boot_id": FileNodes,
    "start": FileNodes,
    "trace": FileNodes,
}


@dataclass(frozen=True)
class Point:
    """*number*: which call of *port* it is; one that takes nothing from the inbox does not count."""

    port: str
    number: int
    when: When

    def __str__(self) -> str:
        return f"{self.when}-{self.port}-{self.number}"


def _around(port: str, *numbers: int) -> list[Point]:
    return [Point(port, number, when) for number in numbers for when in ("before", "after")]


# The changes of a request with two steps: 1 the vote, 2 the claim, 3 and 5 the steps begin, 4 and 6 they end, 7 the report.
POINTS = (
    Point("take", 1, "after"),
    *_around("change", 1),
    *_around("finish", 1),
    *_around("ask", 1),
    *_around("change", 2),
    Point("boot_id", 1, "after"),
    *_around("change", 3),
    *_around("start", 1),
    *_around("trace", 1),
    *_around("change", 4, 5),
    *_around("start", 2),
    *_around("change", 6),
    Point("ask", 2, "before"),
    *_around("change", 7),
)


# Between the row "about to run" and the first remote byte: such a step is proved never to have run, and never will.
NEVER_STARTED = {
    Point("change", 3, "after"): 0,
    Point("start", 1, "before"): 0,
    Point("change", 5, "after"): 1,
    Point("start", 2, "before"): 1,
}


def dies_at(task: Task, said: Connection, point: Point, owner: type) -> None:
    """A bot that kills itself there. *owner*: of the port, which is wrapped in this process: it is the test's own."""
    call, calls = getattr(owner, point.port), 0

    @functools.wraps(call)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        if point.when == "before" and calls + 1 == point.number:
            _die()
        answer = call(*args, **kwargs)
        calls += answer != []
        if calls == point.number:
            _die()
        return answer

    setattr(owner, point.port, wrapped)
    main(task, said)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
