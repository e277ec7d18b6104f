"""Whether somebody is changing corosync.conf at this moment: its lock, and the file in which it is prepared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

NEW = "/etc/pve/corosync.conf.new"
LOCK = "/etc/pve/priv/lock/file-corosync_conf"
EXPIRES_S = 120  # pmxcfs gives an older lock to whoever wants it (Cluster.pm, cfs_lock)
_ABSENT = "No such file or directory"


@dataclass(frozen=True)
class ConfChange:
    """*prepared*: a corosync.conf.new lies there. *locked*: some `pvecm` holds the lock, or died with it a moment ago."""

    ARGV: ClassVar[tuple[str, ...]] = ("find", NEW, LOCK, "-maxdepth", "0", "(", "-path", NEW, "-o", "-mmin", "-3", ")")

    prepared: bool
    locked: bool

    @classmethod
    def parse(cls, output: Output) -> Self:
        unknown = [line for line in output.stderr.splitlines() if _ABSENT not in line]
        # 1: one of the two is not there (find(1)).
        if output.exit not in {0, 1} or unknown:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        found = output.stdout.splitlines()
        if odd := set(found) - {NEW, LOCK}:
            raise Unreadable(f"line 1: {min(odd)[:200]!r}")
        return cls(NEW in found, LOCK in found)
