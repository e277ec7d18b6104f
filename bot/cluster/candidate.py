"""A corosync.conf that is to be, tried on a node by corosync itself: it catches what only that node can know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from bot.action import Output, Unreadable

_WHY = re.compile(r"\[MAIN *\] (?:parse error in config: )?(.+)")
_SOUND, _BROKEN = "exiting normally", {7, 8, 134}  # 134: it aborts at a config_version that is no number
_SCRIPT = """set -eu
umask 077
file=$(mktemp)
trap 'rm -f "$file"' EXIT
printf %s "$1" >"$file"
code=0; corosync -t -c "$file" || code=$?
exit "$code"
"""


@dataclass(frozen=True)
class Candidate:
    """*why* is "" for a file that corosync would start with there, else what it says against it."""

    why: str = ""

    @classmethod
    def argv(cls, text: str) -> tuple[str, ...]:
        return ("sh", "-c", _SCRIPT, "candidate", text)

    @classmethod
    def parse(cls, output: Output) -> Self:
        said = [found[1].strip() for found in map(_WHY.search, output.stderr.splitlines()) if found]
        if output.exit == 0 and _SOUND in output.stderr:
            return cls()
        if output.exit in _BROKEN:
            return cls(said[0] if said else f"exit {output.exit}")
        raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
