"""Nodes' networks as values: interfaces with their addresses, and what comes back from others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_interface
from typing import TypeVar

from bot.action import EachNode
from bot.cluster.addresses import Addresses, Interface
from bot.cluster.paths import Door, Echo, Paths, Ping, Port
from bot.cluster.wanted_links import WantedLinks
from bot.names import NodeName
from bot.text import Text

T = TypeVar("T")
PVE01, PVE02 = NodeName("pve01"), NodeName("pve02")
NEAR = Echo(3, 3, 0.2)
LOST = Echo(3, 0)


def each(by_node: Mapping[NodeName, T], silent: Mapping[NodeName, Text] | None = None) -> EachNode[T]:
    return EachNode(by_node, silent or {})


def addresses(host: int, mtu: Mapping[str, int] | None = None, state: str = "UP") -> Addresses:
    """10.0.0.*host* on vmbr0, 10.0.1.*host* on ens19, 10.0.2.*host* on ens20."""
    cards = {"vmbr0": 0, "ens19": 1, "ens20": 2}
    own = [
        Interface(name, (mtu or {}).get(name, 1500), state, (ip_interface(f"10.0.{net}.{host}/24"),))
        for name, net in cards.items()
    ]
    return Addresses((Interface("lo", 65536, "UNKNOWN", (ip_interface("127.0.0.1/8"), ip_interface("::1/128"))), *own))


@dataclass(frozen=True)
class Seen:
    """*echoes*, *doors*: what is otherwise than near and open, by who asks."""

    links: Mapping[int, str] = field(default_factory=lambda: {0: "10.0.1.11", 1: "10.0.2.11"})
    theirs: Mapping[int, str] = field(default_factory=lambda: {0: "10.0.1.12", 1: "10.0.2.12"})
    echoes: Mapping[tuple[str, Ping], Echo] = field(default_factory=dict)
    doors: Mapping[tuple[str, Port], Door] = field(default_factory=dict)
    own: Addresses = field(default_factory=lambda: addresses(11))
    other: Addresses = field(default_factory=lambda: addresses(12))
    priorities: Mapping[int, int] = field(default_factory=dict)

    @property
    def wanted(self) -> WantedLinks:
        contacts = {PVE01: "10.0.0.11", PVE02: "10.0.0.12"}
        return WantedLinks(PVE01, self.links, {PVE02: self.theirs}, contacts, self.priorities)

    @property
    def addresses(self) -> EachNode[Addresses]:
        return each({PVE01: self.own, PVE02: self.other})

    @property
    def paths(self) -> EachNode[Paths]:
        ends = {PVE01: self.theirs, PVE02: self.links}
        contact = {PVE01: "10.0.0.12", PVE02: "10.0.0.11"}
        return each({node: self._paths(node, tuple(ends[node].values()), contact[node]) for node in ends})

    def _paths(self, node: NodeName, targets: tuple[str, ...], contact: str) -> Paths:
        pings = [Ping(ip, size) for ip in targets for size in (56, 1472)]
        ports = [Port(contact, number) for number in (22, 8006)]
        return Paths(
            {ping: self.echoes.get((node, ping), NEAR) for ping in pings},
            {port: self.doors.get((node, port), Door.OPEN) for port in ports},
        )
