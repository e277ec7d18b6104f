"""What `create NAME` looks at: the host that is to be the first node, and those that may join it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from bot.action import NOT_ASKED, EachNode
from bot.cluster.addresses import Addresses
from bot.cluster.clock import Clock
from bot.cluster.corosync_package import CorosyncPackage
from bot.cluster.identity import Identity
from bot.cluster.leftovers import Leftovers
from bot.cluster.link_address import LinkAddress, links_of
from bot.cluster.local_guests import LocalGuests
from bot.cluster.members import Members
from bot.cluster.own_name import OwnName
from bot.cluster.paths import Paths
from bot.cluster.quorum import Quorum, View
from bot.cluster.versions import PveVersion
from bot.cluster.wanted_links import WantedLinks, peers_nearby, questions
from bot.cluster.writable import Writable
from bot.names import ClusterName, NodeName, Number


@dataclass(frozen=True)
class Args:
    """*link0* and so on: none given is the address of the host's own name."""

    name: ClusterName
    _: KW_ONLY
    node: NodeName
    link0: LinkAddress | None = None
    link1: LinkAddress | None = None
    link2: LinkAddress | None = None
    link3: LinkAddress | None = None
    link4: LinkAddress | None = None
    link5: LinkAddress | None = None
    link6: LinkAddress | None = None
    link7: LinkAddress | None = None
    votes: Number | None = None
    nodeid: Number | None = None


@dataclass(frozen=True)
class Facts:
    identity: EachNode[Identity]
    members: EachNode[Members]
    quorum: EachNode[Quorum]
    leftovers: EachNode[Leftovers]
    writable: EachNode[Writable]
    own_name: EachNode[OwnName]
    addresses: EachNode[Addresses]
    clock: EachNode[Clock]
    pve: EachNode[PveVersion]
    corosync: EachNode[CorosyncPackage]
    guests: EachNode[LocalGuests]
    paths: EachNode[Paths] = NOT_ASKED

    @property
    def nodes(self) -> tuple[NodeName, ...]:
        return tuple(sorted({*self.identity.by_node, *self.identity.silent}))

    def others(self, node: NodeName) -> tuple[NodeName, ...]:
        return tuple(other for other in self.nodes if other != node)

    def cluster_of(self, node: NodeName) -> str:
        """By its corosync.conf or its /etc/pve; "" for none that is known."""
        members, identity = self.members.by_node.get(node), self.identity.by_node.get(node)
        return (members.cluster if members else "") or (identity.cluster if identity else "")

    def own_address(self, node: NodeName) -> str | None:
        """Of its host name, if that is an address that others can reach it by."""
        own = self.own_name.by_node.get(node)
        return own.address if own else None

    def view(self, node: NodeName) -> View | None:
        return self.quorum.by_node[node].view if node in self.quorum.by_node else None


def links(args: Args, facts: Facts) -> Mapping[int, LinkAddress]:
    """By number, as pvecm is given them; empty: nobody knows the address of the host's name."""
    given, own = links_of(args), facts.own_address(args.node)
    return given or ({0: LinkAddress(own)} if own else {})


def wanted(args: Args, facts: Facts) -> WantedLinks:
    """Who is to be at the other ends is not known yet: the other configured nodes, as far as they have addresses there."""
    typed = links(args, facts)
    own = {number: link.address for number, link in typed.items()}
    contacts = {node: facts.own_address(node) for node in facts.nodes}
    return WantedLinks(
        args.node,
        own,
        peers_nearby(own, args.node, facts.addresses),
        {node: ip for node, ip in contacts.items() if ip is not None},
        {number: link.priority for number, link in typed.items() if link.priority},
    )


def further(args: Args, facts: Facts) -> Mapping[str, Mapping[NodeName, tuple[str, ...]]]:
    return {"paths": questions(wanted(args, facts), facts.addresses)}
