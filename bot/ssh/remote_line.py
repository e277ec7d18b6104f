"""From words to the one line that the node's login shell reads. Nothing else builds a command line."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

KILL_AFTER_S = 2


def remote_line(argv: Sequence[str], timeout_s: int, *, sudo: bool) -> str:
    """The command with its time limit, which the node enforces even when the bot is gone (timeout(1))."""
    root = ("sudo", "-n") if sudo else ()
    return shlex.join((*root, "timeout", "-k", str(KILL_AFTER_S), str(timeout_s), "env", "LC_ALL=C", *argv))
