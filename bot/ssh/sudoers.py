"""The line of sudoers(5) that allows one remote command and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.action import LOOK_TIMEOUT_S
from bot.ssh.remote_line import remote_words

_SPECIAL = re.compile(r'([\\,:=*?\[\]!"\s#])')  # what sudoers(5) reads as its own in a command's arguments


def sudoers_line(user: str, argv: Sequence[str], timeout_s: int = LOOK_TIMEOUT_S) -> str:
    """Permits exactly what `remote_line` sends: another argument, or another time limit, is another command."""
    program, *rest = remote_words(argv, timeout_s)
    words = " ".join(_SPECIAL.sub(r"\\\1", word) for word in rest)
    return f"{user} ALL=(root) NOPASSWD: /usr/bin/{program} {words}"
