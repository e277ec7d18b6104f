"""The corosync package that a node has: its revision says which of Proxmox VE's own corrections are in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

_VERSION = re.compile(
    r"^Version: ((?:\d{1,4}:)?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:-pve(\d{1,6}))?[\w.:~+-]*)$", re.MULTILINE
)
_SAFE = (3, 1, 10, 3)  # corosync-pve, changelog of 3.1.10-pve3
_TIMED = (3, 1, 10, 1)  # corosync-pve, patch 0003


@dataclass(frozen=True)
class CorosyncPackage:
    """*numbers*: of the version, and Proxmox VE's revision, 0 for a package of somebody else."""

    ARGV: ClassVar = ("dpkg-query", "--status", "corosync")

    version: str
    numbers: tuple[int, int, int, int]

    @classmethod
    def parse(cls, output: Output) -> Self:
        found = _VERSION.search(output.stdout)
        if output.exit != 0 or found is None:
            raise Unreadable(f"line 1: {(output.stdout or output.stderr).strip()[:200]!r}")
        version, *numbers = found.groups()
        major, minor, patch, revision = (int(number or 0) for number in numbers)
        return cls(version, (major, minor, patch, revision))

    @property
    def fences_all_for_one(self) -> bool:
        """Whether a node with an outdated corosync.conf that comes back can hang /etc/pve on all nodes."""
        return self.numbers < _SAFE

    @property
    def keeps_old_timers(self) -> bool:
        """Whether after a reload with another token the links go on with timers of the old one."""
        return self.numbers < _TIMED
