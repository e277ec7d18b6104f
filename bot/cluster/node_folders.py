"""The directories of nodes in /etc/pve: a removed node's stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.local_guests import NODES


@dataclass(frozen=True)
class NodeFolders:
    """*by_node*: the names of what lies in each, of files and of directories."""

    ARGV: ClassVar[tuple[str, ...]] = ("find", NODES, "-mindepth", "1", "-maxdepth", "2")

    by_node: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0 or output.truncated:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        found: dict[str, tuple[str, ...]] = {}
        for number, line in enumerate(output.stdout.splitlines(), 1):
            node, _, name = line.removeprefix(f"{NODES}/").partition("/")
            if not line.startswith(f"{NODES}/") or "/" in name:
                raise Unreadable(f"line {number}: {line[:200]!r}")
            found[node] = (*found.get(node, ()), *([name] if name else []))
        return cls({node: tuple(sorted(names)) for node, names in found.items()})
