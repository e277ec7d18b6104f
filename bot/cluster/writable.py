"""Whether a node's /etc/pve takes writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

_PLACE = "/etc/pve/nodes"
_ABSENT = ("No such file or directory", "Transport endpoint is not connected")


@dataclass(frozen=True)
class Writable:
    """*writable*: False also where it is not mounted. That its disk is full cannot be seen."""

    # pmxcfs takes the write bits away without quorum (cfs-plug-memdb.c), which root would not notice by trying.
    ARGV: ClassVar[tuple[str, ...]] = ("find", _PLACE, "-maxdepth", "0", "-perm", "-u=w", "-writable")

    writable: bool

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit == 0 and output.stdout.strip() in {"", _PLACE}:
            return cls(bool(output.stdout.strip()))
        if output.exit == 1 and any(reason in output.stderr for reason in _ABSENT):
            return cls(writable=False)
        raise Unreadable(f"exit {output.exit}, line 1: {(output.stderr or output.stdout).strip()[:200]!r}")
