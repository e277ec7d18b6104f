"""Who is on, which links are up, and the quorum that follows by corosync's rules. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

QNETD = "qnetd"


class Power(StrEnum):
    ON = "on"
    OFF = "off"
    HANG = "hang"  # takes connections and answers nothing; its corosync is as good as dead


@dataclass(frozen=True)
class Layout:
    """What does not change: names, links, whether there is a QDevice (one vote, algorithm ffsplit)."""

    cluster: str = "pve-prod"
    nodes: tuple[str, ...] = ("pve01", "pve02", "pve03", "pve04")
    links: int = 2
    has_qdevice: bool = True
    version: int = 14
    prefix: str = "10.0"

    def id(self, node: str) -> int:
        return self.nodes.index(node) + 1

    def address(self, node: str, link: int = 0) -> str:
        return f"{self.prefix}.{link + 1}.{10 + self.id(node)}"

    @property
    def qnetd_address(self) -> str:
        return f"{self.prefix}.1.100"

    @property
    def expected(self) -> int:
        return len(self.nodes) + (1 if self.has_qdevice else 0)

    @property
    def quorum(self) -> int:
        return self.expected // 2 + 1


@dataclass(frozen=True)
class Situation:
    """*cut*: (node, link) pairs whose cable is out. *changes* counts, as a ring's sequence number does."""

    layout: Layout = field(default_factory=Layout)
    power: tuple[tuple[str, Power], ...] = ()
    cut: frozenset[tuple[str, int]] = frozenset()
    changes: int = 0

    def power_of(self, host: str) -> Power:
        return dict(self.power).get(host, Power.ON)

    def with_power(self, host: str, power: Power) -> Situation:
        """Raise `ValueError` if there is no such host."""
        if host not in (*self.layout.nodes, QNETD):
            raise ValueError(f"no host {host!r}")
        changed = {**dict(self.power), host: power}
        return replace(self, power=tuple(sorted(changed.items())), changes=self.changes + 1)

    def with_link(self, node: str, link: int, *, up: bool) -> Situation:
        """Raise `ValueError` if there is no such link."""
        if node not in self.layout.nodes or not 0 <= link < self.layout.links:
            raise ValueError(f"no link {link} of {node!r}")
        cut = self.cut - {(node, link)} if up else self.cut | {(node, link)}
        return replace(self, cut=cut, changes=self.changes + 1)

    def connected(self, one: str, other: str, link: int) -> bool:
        lives = self.power_of(one) is Power.ON and self.power_of(other) is Power.ON
        return lives and not {(one, link), (other, link)} & self.cut

    def members(self, node: str) -> tuple[str, ...]:
        """Those in one ring with *node*, itself included, by id."""
        found, todo = {node}, [node]
        while todo:
            here = todo.pop()
            near = {n for n in self.layout.nodes if self._reaches(here, n)} - found
            found |= near
            todo += near
        return tuple(n for n in self.layout.nodes if n in found)

    def qdevice_votes_for(self, node: str) -> bool:
        """ffsplit: the larger partition has the vote; of two equal ones that with the lowest node id."""
        if not self.layout.has_qdevice or self.power_of(QNETD) is not Power.ON:
            return False
        rings = {self.members(n) for n in self.layout.nodes if self.power_of(n) is Power.ON}
        best = max(rings, key=lambda ring: (len(ring), -self.layout.id(ring[0])), default=())
        return node in best

    def votes(self, node: str) -> int:
        return len(self.members(node)) + (1 if self.qdevice_votes_for(node) else 0)

    def is_quorate(self, node: str) -> bool:
        return self.votes(node) >= self.layout.quorum

    def _reaches(self, one: str, other: str) -> bool:
        return any(self.connected(one, other, link) for link in range(self.layout.links))
