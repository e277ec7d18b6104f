"""Who joins which cluster through whom, and over which addresses, as far as that can be told from what was seen. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address

from bot.actions.join.facts import Args, Facts
from bot.cluster.addresses import Addresses, Network
from bot.cluster.corosync_conf import CorosyncConf, is_ip
from bot.cluster.link_address import links_of
from bot.cluster.others import without
from bot.cluster.quorum import View
from bot.cluster.views import Views
from bot.cluster.wanted_links import WantedLinks
from bot.names import NodeName


@dataclass(frozen=True)
class Derived:
    """Where a link's address on the new node comes from. *network* None: nobody says in which one the link lies.

    *given*: it was typed. *candidates*: the new node's own addresses in that network.
    """

    network: Network | None
    given: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Nothing ("") where it cannot be told."""
        if self.given:
            return self.given
        return self.candidates[0] if len(self.candidates) == 1 else ""


@dataclass(frozen=True)
class Joining:
    args: Args
    facts: Facts

    @property
    def new(self) -> NodeName:
        return self.args.node

    @cached_property
    def views(self) -> Views:
        """The cluster as the nodes see it that are not the new one."""
        quorum, members, conf = (
            without(each, self.new) for each in (self.facts.quorum, self.facts.members, self.facts.conf)
        )
        return Views(quorum, members, conf)

    @property
    def conf(self) -> CorosyncConf | None:
        return self.views.file

    @property
    def listed(self) -> tuple[NodeName, ...]:
        """Those that the cluster lists, the new one too if it does, as the bot can ask them."""
        return tuple(node for node in self.views.ids if node in self.facts.nodes)

    @property
    def members(self) -> tuple[NodeName, ...]:
        return tuple(node for node in self.listed if node != self.new)

    @cached_property
    def member(self) -> NodeName | None:
        """The one that takes the new node in; None: no member has that name or address."""
        typed = self.args.member
        if not typed.is_address:
            return next((node for node in self.members if str(node) == str(typed)), None)
        return next((node for node in self.members if typed in self._addresses_of(node)), None)

    @property
    def address(self) -> str:
        """Of that member, as it is typed on the new node. `check` refuses where there is none."""
        if self.args.member.is_address or self.member is None:
            return str(self.args.member)
        listed = self.facts.members.by_node.get(self.member)
        own = listed.nodes.get(self.member) if listed else None
        return own.address if own and own.address else self._corosync_addresses(self.member)[0]

    @property
    def view(self) -> View | None:
        """Of the member that takes it in."""
        return self.views.seen.get(self.member) if self.member else None

    @cached_property
    def links(self) -> dict[int, Derived]:
        """By number: every link of the cluster, and those that were typed."""
        given = {number: link.address for number, link in links_of(self.args).items()}
        known = self.conf.links if self.conf else ()
        return {number: self._derived(number, given.get(number, "")) for number in sorted({*known, *given})}

    @property
    def wanted(self) -> WantedLinks:
        """The links of the new node as far as they can be told, and what is at their other ends."""
        links = {number: link.address for number, link in self.links.items() if link.address}
        priorities = self.conf.priorities if self.conf else {}
        peers = {node: self._ends(node) for node in self.members if node in self.views.quorum.by_node}
        return WantedLinks(self.new, links, peers, self._contacts(), priorities)

    @property
    def votes(self) -> int:
        return int(self.args.votes or 1)

    @property
    def fingerprint(self) -> str:
        """Of what the member shows, from its own files; "" where it has none."""
        own = self.facts.certificates.by_node.get(self.member) if self.member else None
        return own.served.fingerprint if own and own.served else ""

    def _derived(self, number: int, given: str) -> Derived:
        network = self._network(number)
        own = self.facts.addresses.by_node.get(self.new)
        candidates = inside(own, network) if own and network else ()
        return Derived(network, given, candidates)

    def _network(self, number: int) -> Network | None:
        """As a member has it that has an address of that link; that of the first that says so."""
        for node in (*([self.member] if self.member else []), *self.members):
            own = self.facts.addresses.by_node.get(node)
            address = self.conf.nodes[node].addresses.get(number, "") if self.conf else ""
            network = own.network_of(address) if own and is_ip(address) else None
            if network is not None:
                return network
        return None

    def _ends(self, node: NodeName) -> dict[int, str]:
        """A host name says nothing here: who knows which address the other node makes of it."""
        addresses = self.conf.nodes[node].addresses if self.conf and node in self.conf.nodes else {}
        return {number: address for number, address in addresses.items() if is_ip(address)}

    def _contacts(self) -> dict[NodeName, str]:
        """Where each is reached over TCP: the address that the cluster lists, the typed one, the one of the own name."""
        lists = self.views.members.by_node.values()
        listed = {node: at.address for each in lists for node, at in each.nodes.items() if at.address}
        mine = self.facts.own_name.by_node.get(self.new)
        typed = {self.member: self.address} if self.member else {}
        return {**listed, **typed, **({self.new: mine.address} if mine and mine.address else {})}

    def _corosync_addresses(self, node: NodeName) -> tuple[str, ...]:
        return tuple(self.conf.nodes[node].addresses.values()) if self.conf and node in self.conf.nodes else ("",)

    def _addresses_of(self, node: NodeName) -> tuple[str, ...]:
        """Those that the cluster lists and, where it says so, those that it has."""
        listed = (each.nodes[node].address for each in self.views.members.by_node.values() if node in each.nodes)
        own = self.facts.addresses.by_node.get(node)
        mine = (self.args.member,) if own and own.has(self.args.member) else ()
        return (*self._corosync_addresses(node), *listed, *mine)


def own(addresses: Addresses) -> tuple[str, ...]:
    """Those by which another host can reach it."""
    every = (each.ip for one in addresses.interfaces for each in one.addresses)
    return tuple(str(ip) for ip in every if not ip.is_loopback and not ip.is_link_local)


def inside(addresses: Addresses, network: Network) -> tuple[str, ...]:
    return tuple(each for each in own(addresses) if ip_address(each) in network)
