"""From words to the one line that the node's login shell reads. Nothing else builds a command line."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

KILL_AFTER_S = 2


def remote_line(argv: Sequence[str], timeout_s: int, *, sudo: bool) -> str:
    """The command as the login shell gets it."""
    root = ("sudo", "-n") if sudo else ()
    return shlex.join((*root, *remote_words(argv, timeout_s)))


def remote_words(argv: Sequence[str], timeout_s: int) -> tuple[str, ...]:
    """The command with its time limit, which the node enforces even when the bot is gone (timeout(1))."""
    return ("timeout", "-k", str(KILL_AFTER_S), str(timeout_s), "env", "LC_ALL=C", *argv)
