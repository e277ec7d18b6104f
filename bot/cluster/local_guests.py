"""The guests as files in one node's copy of /etc/pve: what is there also where corosync and pvestatd say nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from bot.action import Output, Unreadable

NODES = "/etc/pve/nodes"
_FILE = re.compile(rf"{NODES}/([^/]+)/(qemu-server|lxc)/(\d{{1,9}})\.conf")
_ABSENT = ("No such file or directory", "Transport endpoint is not connected")


@dataclass(frozen=True)
class LocalGuests:
    """*by_node*: the numbers of the guests. *mounted* False: there is no /etc/pve to look into, so nobody knows."""

    ARGV: ClassVar[tuple[str, ...]] = ("find", NODES, "-mindepth", "3", "-maxdepth", "3", "-name", "*.conf")

    mounted: bool
    by_node: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0 and any(reason in output.stderr for reason in _ABSENT):
            return cls(mounted=False)
        if output.exit != 0 or output.truncated:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        found: dict[str, tuple[int, ...]] = {}
        for number, line in enumerate(output.stdout.splitlines(), 1):
            if not line.startswith(f"{NODES}/"):
                raise Unreadable(f"line {number}: {line[:200]!r}")
            if match := _FILE.fullmatch(line):
                node, _, id_ = match.groups()
                found[node] = tuple(sorted((*found.get(node, ()), int(id_))))
        return cls(mounted=True, by_node=found)

    def on(self, node: str) -> tuple[int, ...]:
        return self.by_node.get(node, ())
