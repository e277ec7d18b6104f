"""Which nodes HA's rules name: `rules.cfg` since Proxmox VE 9, `groups.cfg` before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.section_config import LIMIT, Entry, entries, files, node_name
from bot.names import NodeName

_PATHS = ("/etc/pve/ha/rules.cfg", "/etc/pve/ha/groups.cfg")
_NODE = re.compile(r"([^:]+)(:\d{1,4})?")
GROUP = "group"


@dataclass(frozen=True)
class HaRule:
    """*kind*: `node-affinity`, or `group`. *nodes*: with their priority as it stands there, ":2" or ""."""

    kind: str
    name: str
    nodes: Mapping[NodeName, str]

    def without(self, node: str) -> tuple[str, ...]:
        """Its nodes but *node*, as they are written."""
        return tuple(f"{name}{priority}" for name, priority in self.nodes.items() if name != node)


@dataclass(frozen=True)
class HaRules:
    """Only those that name nodes."""

    # head and not cat: it names each file before its content.
    ARGV: ClassVar[tuple[str, ...]] = ("head", "-v", "-c", str(LIMIT), *_PATHS)

    rules: tuple[HaRule, ...] = ()

    @classmethod
    def parse(cls, output: Output) -> Self:
        found = files(output, _PATHS)
        return cls(tuple(_rule(entry) for path in _PATHS for entry in entries(found[path]) if "nodes" in entry.keys))

    def naming(self, node: str) -> tuple[HaRule, ...]:
        return tuple(rule for rule in self.rules if node in rule.nodes)


def _rule(entry: Entry) -> HaRule:
    return HaRule(entry.type, entry.id, dict(_node(word, entry.line) for word in entry.words("nodes")))


def _node(word: str, line: int) -> tuple[NodeName, str]:
    found = _NODE.fullmatch(word)
    if found is None:
        raise Unreadable(f"line {line}: {word[:80]!r}")
    return node_name(found[1], line), found[2] or ""
