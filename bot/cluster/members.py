"""What the cluster file system on one node says of the members: `/etc/pve/.members`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.corosync_conf import is_ip
from bot.cluster.json_answer import read_json
from bot.names import NodeName
from bot.text import Refused

# No pmxcfs: the mount point is empty, or the mount outlived the process.
_NOT_MOUNTED = ("No such file or directory", "Transport endpoint is not connected")


@dataclass(frozen=True)
class Listed:
    """A node of the cluster's node list. *address* is "" for one that never was online."""

    id: int
    online: bool
    address: str = ""


@dataclass(frozen=True)
class Members:
    """*mounted* is False where pmxcfs does not run, *cluster* is "" on a host that is in no cluster.

    *quorate* is also whether /etc/pve can be written on this node.
    """

    ARGV: ClassVar = ("cat", "/etc/pve/.members")

    mounted: bool
    me: str = ""
    cluster: str = ""
    version: int = 0
    quorate: bool = False
    nodes: Mapping[NodeName, Listed] = field(default_factory=dict)

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0:
            if any(reason in output.stderr for reason in _NOT_MOUNTED):
                return cls(mounted=False)
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        document = read_json(output.stdout)
        try:
            return cls._of(document)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError, Refused) as error:
            raise Unreadable(f"line 1: not a list of members: {error}") from error

    @classmethod
    def _of(cls, document: Any) -> Self:
        if "cluster" not in document:
            return cls(mounted=True, me=str(document["nodename"]))
        cluster = document["cluster"]
        return cls(
            mounted=True,
            me=str(document["nodename"]),
            cluster=str(cluster["name"]),
            version=int(cluster["version"]),
            quorate=bool(cluster["quorate"]),
            nodes={NodeName(name): _listed(node) for name, node in document["nodelist"].items()},
        )


def _listed(node: Mapping[str, Any]) -> Listed:
    address = str(node.get("ip", ""))
    if address and not is_ip(address):
        raise ValueError(f"{address[:80]!r} is no address")
    return Listed(int(node["id"]), bool(node["online"]), address)
