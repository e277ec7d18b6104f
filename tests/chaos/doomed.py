"""`python -m tests.chaos.doomed POINT WORDS`: `python -m bot WORDS`, which kills itself at POINT, counted from a click on.

The product knows nothing of it: what it asks of its ports is wrapped here, in this process, before it starts.
"""

from __future__ import annotations

import functools
import runpy
import sys

from bot.message import Asked
from bot.ssh.nodes import SshNodes
from bot.store import SqlDocket, SqlInbox, SqlOutbox
from tests.chaos.fuse import Fuse, Point

PORTS: dict[str, type] = {
    "put": SqlInbox,
    "take": SqlInbox,
    "finish": SqlInbox,
    "change": SqlDocket,
    "ask": SshNodes,
    "boot_id": SshNodes,
    "start": SshNodes,
    "trace": SshNodes,
    "sent": SqlOutbox,
}


def main() -> None:
    point, words = Point.read(sys.argv[1]), sys.argv[2:]
    fuse = Fuse(point, is_lit=False)
    fuse.laid(PORTS[point.port])
    _lit_by_a_click(fuse)
    sys.argv = ["bot", *words]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


def _lit_by_a_click(fuse: Fuse) -> None:
    """Not by a command that is typed: whoever asks has their card before anybody clicks."""
    put = SqlInbox.put

    @functools.wraps(put)
    def wrapped(inbox: SqlInbox, *asked: Asked) -> int:
        fuse.is_lit = fuse.is_lit or any(one.act for one in asked)
        return put(inbox, *asked)

    setattr(SqlInbox, put.__name__, wrapped)


if __name__ == "__main__":
    main()
