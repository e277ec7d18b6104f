"""What makes a host a member of a cluster, or is left of one: corosync's key, and its file here and in /etc/pve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.identity import CONF

KEY = "/etc/corosync/authkey"
SHARED_CONF = "/etc/pve/corosync.conf"
FILES = (KEY, CONF, SHARED_CONF)


@dataclass(frozen=True)
class Leftovers:
    """Those of `FILES` that are there."""

    ARGV: ClassVar[tuple[str, ...]] = ("ls", "-d", *FILES)

    files: tuple[str, ...]

    @classmethod
    def parse(cls, output: Output) -> Self:
        found = tuple(output.stdout.split())
        missing = [line for line in output.stderr.splitlines() if line.endswith(": No such file or directory")]
        # 2: one of them is missing (ls(1)).
        if output.exit not in {0, 2} or not set(found) <= set(FILES) or len(found) + len(missing) != len(FILES):
            raise Unreadable(f"exit {output.exit}, line 1: {(output.stderr or output.stdout).strip()[:200]!r}")
        return cls(found)
