"""What is mounted on a node, and what of it other hosts can mount too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

# Network and cluster file systems, those of Proxmox VE's own storage plugins first (pvesm(1)).
SHARED = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "ceph",
    "fuse.ceph",
    "fuse.ceph-fuse",
    "fuse.glusterfs",
    "glusterfs",
    "gfs2",
    "ocfs2",
    "lustre",
    "beegfs",
    "fuse.mfs",
    "fuse.sshfs",
    "9p",
    "virtiofs",
)


@dataclass(frozen=True)
class Mount:
    type: str
    target: str


@dataclass(frozen=True)
class Mounts:
    """Odd characters in a name come escaped, and stay so."""

    ARGV: ClassVar[tuple[str, ...]] = ("findmnt", "--raw", "--noheadings", "--output", "FSTYPE,TARGET")

    mounts: tuple[Mount, ...]

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0 or output.truncated or not output.stdout:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        return cls(tuple(_mount(number, line) for number, line in enumerate(output.stdout.splitlines(), 1)))

    @property
    def shared(self) -> tuple[Mount, ...]:
        return tuple(mount for mount in self.mounts if mount.type in SHARED)


def _mount(number: int, line: str) -> Mount:
    type_, _, target = line.partition(" ")
    if not target.startswith("/"):
        raise Unreadable(f"line {number}: {line[:200]!r}")
    return Mount(type_, target)
