"""Which of Ceph's daemons are on which node, where Proxmox VE runs it: `ceph node ls`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.json_answer import read_json

KINDS = ("mon", "mgr", "mds", "osd")
_NOT_SET_UP = "error calling conf_read_file"  # its tools come with every Proxmox VE, its configuration does not
_NOT_FOUND = 127


@dataclass(frozen=True)
class Ceph:
    """*by_node*: `osd.3`, `mon.pve01`. Empty where Ceph is not set up."""

    ARGV: ClassVar[tuple[str, ...]] = ("ceph", "--connect-timeout", "5", "node", "ls", "--format", "json")

    by_node: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit == _NOT_FOUND or (output.exit != 0 and _NOT_SET_UP in output.stderr):
            return cls()
        if output.exit != 0 or output.truncated:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        document = read_json(output.stdout)
        try:
            return cls(_by_node(document))
        except (KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"line 1: not a list of Ceph's nodes: {error}") from error

    def on(self, node: str) -> tuple[str, ...]:
        return self.by_node.get(node, ())


def _by_node(document: Any) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for kind in KINDS:
        for node, daemons in document[kind].items():
            found[str(node)] = (*found.get(str(node), ()), *(f"{kind}.{daemon}" for daemon in daemons))
    return found
