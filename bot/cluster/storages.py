"""The storages of the cluster, and on which nodes each may be used: `/etc/pve/storage.cfg`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from bot.action import Output
from bot.cluster.section_config import of_file
from bot.names import NodeName


@dataclass(frozen=True)
class Storage:
    """*nodes* empty: it may be used on every node."""

    type: str
    nodes: tuple[NodeName, ...] = ()


@dataclass(frozen=True)
class Storages:
    ARGV: ClassVar[tuple[str, ...]] = ("cat", "/etc/pve/storage.cfg")

    by_id: Mapping[str, Storage] = field(default_factory=dict)

    @classmethod
    def parse(cls, output: Output) -> Self:
        return cls({entry.id: Storage(entry.type, entry.nodes()) for entry in of_file(output)})

    def naming(self, node: str) -> dict[str, tuple[NodeName, ...]]:
        """The storages that name *node*, and which nodes would be left."""
        return {
            id_: tuple(name for name in storage.nodes if name != node)
            for id_, storage in self.by_id.items()
            if node in storage.nodes
        }
