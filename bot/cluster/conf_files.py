"""The two copies of corosync.conf on a node: the cluster's in /etc/pve, and the one that corosync itself reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable


@dataclass(frozen=True)
class _ConfFile:
    text: str | None

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit == 0 and not output.truncated:
            return cls(output.stdout)
        if "No such file or directory" in output.stderr:
            return cls(None)
        raise Unreadable(output.stderr.strip() or f"exit code {output.exit}, the file is not whole")


@dataclass(frozen=True)
class SharedConf(_ConfFile):
    """The cluster's file; None: the node is in no cluster, or pmxcfs does not run there."""

    ARGV: ClassVar[tuple[str, ...]] = ("cat", "/etc/pve/corosync.conf")


@dataclass(frozen=True)
class LocalConf(_ConfFile):
    """The node's own file; None: there is none."""

    ARGV: ClassVar[tuple[str, ...]] = ("cat", "/etc/corosync/corosync.conf")
