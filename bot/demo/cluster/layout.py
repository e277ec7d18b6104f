"""The hosts and cables that are there, whatever cluster they form, and the cluster they begin as. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bot.demo.cluster.conf import Conf, Member
from bot.demo.cluster.pve import BOT, STORAGE, Pve, key_of

MANAGEMENT = -1
"""The network of the host names, which corosync does not use at the beginning and nobody cuts."""


@dataclass(frozen=True)
class Layout:
    """*standalone*: they begin as hosts that belong to no cluster; then *cluster*, *version* and the QDevice say nothing.

    *links*: cables of each host besides that of the management network. *qnetd*: its address.
    *empty*: nodes without guests. *token_ms* None: none in the file, corosync's own holds.
    *latencies_ms*: there and back, by cable; where none is given it is that of one switch. *files*: in /etc/pve.
    """

    cluster: str = "pve-prod"
    nodes: tuple[str, ...] = ("pve01", "pve02", "pve03", "pve04")
    links: int = 2
    has_qdevice: bool = True
    version: int = 14
    prefix: str = "10.0"
    qnetd: str = "10.0.1.100"
    token_ms: int | None = None
    domain: str = "example.com"
    empty: frozenset[str] = frozenset()
    standalone: bool = False
    mtu: int = 1500
    latencies_ms: tuple[tuple[int, float], ...] = ()
    files: tuple[tuple[str, str], ...] = (("storage.cfg", STORAGE),)

    def number(self, node: str) -> int:
        return self.nodes.index(node) + 1

    def address(self, node: str, link: int = 0) -> str:
        return f"{self.prefix}.{link + 1}.{10 + self.number(node)}"

    def management(self, node: str) -> str:
        """The address of its host name."""
        return self.address(node, MANAGEMENT)

    def end_of(self, address: str) -> tuple[str, int] | None:
        """The host that has *address*, and at the end of which cable; None: nobody has it."""
        return self._ends.get(address)

    @cached_property
    def _ends(self) -> dict[str, tuple[str, int]]:
        return {self.address(node, link): (node, link) for node in self.nodes for link in range(MANAGEMENT, self.links)}

    def begins_as(self, node: str) -> Pve:
        if self.standalone:
            return Pve(None, (node,), (BOT, key_of(node)), node, (), self.files)
        return self._together

    @cached_property
    def _together(self) -> Pve:
        members = tuple(Member(node, self.number(node), self._addresses(node)) for node in self.nodes)
        qdevice = self.has_qdevice, self.qnetd
        conf = Conf(self.cluster, self.version, members, self.cluster, (), *qdevice, self.token_ms)
        return Pve(conf, self.nodes, (BOT, *map(key_of, self.nodes)), self.nodes[0], self.nodes, self.files)

    def _addresses(self, node: str) -> tuple[tuple[int, str], ...]:
        return tuple((link, self.address(node, link)) for link in range(self.links))
