"""Where a bot may be killed between a click and the report: before or after each thing that it asks of a port."""

from __future__ import annotations

from multiprocessing.connection import Connection

from bot.store import SqlDocket, SqlInbox
from tests.chaos.fuse import Fuse, Point
from tests.dispatch.nodes import FileNodes
from tests.dispatch.worker import Task, main

__all__ = ["NEVER_STARTED", "POINTS", "PORTS", "Point", "around", "dies_at"]

PORTS: dict[str, type] = {
    "take": SqlInbox,
    "finish": SqlInbox,
    "change": SqlDocket,
    "ask": FileNodes,
    "boot_id": FileNodes,
    "start": FileNodes,
    "trace": FileNodes,
}


def around(port: str, *numbers: int) -> list[Point]:
    return [Point(port, number, when) for number in numbers for when in ("before", "after")]


# The changes of a request with two steps: 1 the vote, 2 the claim, 3 and 5 the steps begin, 4 and 6 they end, 7 the report.
POINTS = (
    Point("take", 1, "after"),
    *around("change", 1),
    *around("finish", 1),
    *around("ask", 1),
    *around("change", 2),
    Point("boot_id", 1, "after"),
    *around("change", 3),
    *around("start", 1),
    *around("trace", 1),
    *around("change", 4, 5),
    *around("start", 2),
    *around("change", 6),
    Point("ask", 2, "before"),
    *around("change", 7),
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
    Fuse(point).laid(owner)
    main(task, said)
