"""The links that a node is to have, who is at their other ends, and what to ask the two sides about the way between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from bot.action import EachNode
from bot.cluster.addresses import Addresses, Interface, Network
from bot.cluster.corosync_conf import DEFAULT_PRIORITY
from bot.cluster.paths import SMALL, Paths, Ping, Port
from bot.names import NodeName

SSH, API = 22, 8006
TCP = (SSH, API)
FIRST_UDP = 5405
_USUAL_MTU = 1500
_HEADERS = {4: 28, 6: 48}  # IP and ICMP


@dataclass(frozen=True)
class WantedLinks:
    """*links*: the addresses of *node*, *peers*: those of the others, each by link number.

    *contacts*: the address of each node's host name, *node*'s too, where the others reach its sshd and its API; who is not
    in it is asked for no port. *priorities*: where one is set; the higher one carries the traffic.
    """

    node: NodeName
    links: Mapping[int, str]
    peers: Mapping[NodeName, Mapping[int, str]] = field(default_factory=dict)
    contacts: Mapping[NodeName, str] = field(default_factory=dict)
    priorities: Mapping[int, int] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The link that carries the traffic: of the highest priority, of equal ones the lowest number."""
        return max(self.links, key=lambda link: (self.priorities.get(link, DEFAULT_PRIORITY), -link))

    @property
    def ways(self) -> Iterator[Way]:
        """From *node* to each other end of each link, and back."""
        for peer, theirs in sorted(self.peers.items()):
            for link in sorted(self.links.keys() & theirs.keys()):
                yield Way(link, self.node, peer, self.links[link], theirs[link])
                yield Way(link, peer, self.node, theirs[link], self.links[link])


@dataclass(frozen=True)
class Way:
    """One direction of one link: *to* is the address at its end, *at* the one where it begins."""

    link: int
    source: NodeName
    target: NodeName
    at: str
    to: str


def peers_nearby(
    links: Mapping[int, str], node: NodeName, addresses: EachNode[Addresses]
) -> Mapping[NodeName, Mapping[int, str]]:
    """For a cluster that is not there yet: the addresses that the other nodes have in the networks of these links."""
    own = addresses.by_node.get(node)
    networks = {link: own.network_of(ip) for link, ip in links.items()} if own else {}
    return {
        peer: _inside(theirs, networks) for peer, theirs in sorted(addresses.by_node.items()) if own and peer != node
    }


def questions(wanted: WantedLinks, addresses: EachNode[Addresses]) -> Mapping[NodeName, tuple[str, ...]]:
    """What to ask each side as `Paths`: two sizes of ping along each link, and the TCP ports of the other side's contact."""
    pings: dict[NodeName, list[Ping]] = {}
    for way in wanted.ways:
        pings.setdefault(way.source, []).extend((Ping(way.to), Ping(way.to, payload(way, addresses))))
    ports: dict[NodeName, list[Port]] = {}
    for source, to in contacts(wanted):
        ports.setdefault(source, []).extend(Port(to, number) for number in TCP)
    return {name: Paths.argv(pings.get(name, ()), ports.get(name, ())) for name in sorted({*pings, *ports})}


def contacts(wanted: WantedLinks) -> Iterator[tuple[NodeName, str]]:
    """Who must reach which address over TCP: the node each other one, and each other one the node."""
    own = wanted.contacts.get(wanted.node)
    for peer in sorted(wanted.peers):
        if peer in wanted.contacts:
            yield wanted.node, wanted.contacts[peer]
        if own:
            yield peer, own


def payload(way: Way, addresses: EachNode[Addresses]) -> int:
    """The largest that fits into the smaller MTU of the two ends."""
    ends = (interface(addresses, way.source, way.at), interface(addresses, way.target, way.to))
    mtu = min((end.mtu for end in ends if end), default=_USUAL_MTU)
    return max(mtu - _HEADERS[ip_address(way.to).version], SMALL)


def interface(addresses: EachNode[Addresses], node: NodeName, ip: str) -> Interface | None:
    own = addresses.by_node.get(node)
    return own.interface_of(ip) if own else None


def _inside(theirs: Addresses, networks: Mapping[int, Network | None]) -> Mapping[int, str]:
    found = {link: theirs.inside(network) for link, network in networks.items() if network is not None}
    return {link: ip for link, ip in found.items() if ip is not None}
