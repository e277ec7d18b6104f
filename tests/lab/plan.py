"""What a lab is to be: its networks, its nodes, the corosync.conf they start with. Written to spec.json for the hub."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.lab.kernel import LabError, put

NETS = ("mgmt", "link0", "link1")  # eth0, eth1, eth2
PREFIX = {"mgmt": "10.77.0", "link0": "10.77.1", "link1": "10.77.2"}
DOMAIN, PASSWORD, CLUSTER = "lab.test", "pvelab", "lab"
QNETD = "qnetd"
_UPDATECERTS_TIMEOUT_S = 80
_TOTEM = {
    "cluster_name": CLUSTER,
    "ip_version": "ipv4-6",
    "link_mode": "passive",
    "secauth": "on",
    "token_coefficient": "125",
    "version": "2",
}


@dataclass(frozen=True)
class Node:
    """*host*: the last number of its addresses; *id* 0: the qnetd host, which is no member."""

    name: str
    id: int
    host: int
    links: int
    clustered: bool

    @property
    def is_qnetd(self) -> bool:
        return self.id == 0

    @property
    def nets(self) -> tuple[str, ...]:
        return NETS[: self.links + 1]

    def address(self, net: str = "mgmt") -> str:
        return f"{PREFIX[net]}.{self.host}"


@dataclass(frozen=True)
class Spec:
    """*authkey* is hexadecimal; *conf* is "" where the nodes stand alone; *settings* are for the stand-ins."""

    id: str
    nodes: Mapping[str, Node]
    authkey: str
    conf: str
    settings: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Spec:
        try:
            kept = json.loads((folder / "spec.json").read_text())
        except FileNotFoundError:
            raise LabError("no lab is up") from None
        return cls(**{**kept, "nodes": {name: Node(**node) for name, node in kept["nodes"].items()}})

    def write(self, folder: Path) -> None:
        put(folder / "spec.json", json.dumps(asdict(self)), 0o600)

    @property
    def members(self) -> list[Node]:
        return [node for node in self.nodes.values() if not node.is_qnetd]


def spec(
    id_: str, count: int, *, links: int, qnetd: bool, standalone: bool, token: int | None, settings: Mapping[str, Any]
) -> Spec:
    """*token* in milliseconds; None: corosync's own."""
    members = [Node(f"pve{i:02d}", i, 10 + i, links, clustered=not standalone) for i in range(1, count + 1)]
    others = [Node(QNETD, 0, 200, links, clustered=False)] if qnetd else []
    totem = {"token": str(token)} if token else {}
    return Spec(
        id=id_,
        nodes={node.name: node for node in (*members, *others)},
        authkey=os.urandom(256).hex(),
        conf="" if standalone else corosync_conf(members, totem),
        settings={
            "totem": totem,
            "password": PASSWORD,
            "domain": DOMAIN,
            "updatecerts_timeout": _UPDATECERTS_TIMEOUT_S,
            **settings,
        },
    )


def corosync_conf(nodes: Sequence[Node], totem: Mapping[str, str]) -> str:
    """What `pvecm create` and `add` would have written."""
    values = {**_TOTEM, "config_version": str(len(nodes)), **totem}
    settings = {key: f"  {key}: {value}\n" for key, value in values.items()}
    settings["interface"] = "".join(f"  interface {{\n    linknumber: {k}\n  }}\n" for k in range(nodes[0].links))
    return (
        "logging {\n  debug: off\n  to_syslog: yes\n}\n\n"
        f"nodelist {{\n{''.join(_entry(node) for node in nodes)}}}\n\n"
        "quorum {\n  provider: corosync_votequorum\n}\n\n"
        f"totem {{\n{''.join(settings[key] for key in sorted(settings))}}}\n\n"
    )


def _entry(node: Node) -> str:
    rings = "".join(f"    ring{k}_addr: {node.address(f'link{k}')}\n" for k in range(node.links))
    return f"  node {{\n    name: {node.name}\n    nodeid: {node.id}\n    quorum_votes: 1\n{rings}  }}\n"
