"""Who is on, which links are up, and the quorum that follows by corosync's rules. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

QNETD = "qnetd"


class Power(StrEnum):
    ON = "on"
    OFF = "off"
    HANG = "hang"  # takes connections and answers nothing; its corosync is as good as dead


class Service(StrEnum):
    """What can be stopped on a node that is on. The QDevice's daemon needs corosync and stops with it."""

    COROSYNC = "corosync"
    QDEVICE = "corosync-qdevice"


@dataclass(frozen=True)
class Layout:
    """What does not change: names, links, whether there is a QDevice (one vote, algorithm ffsplit).

    *empty*: nodes without guests. *qnetd*: its address. *token_ms* None: none in the file, corosync's own holds.
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

    def id(self, node: str) -> int:
        return self.nodes.index(node) + 1

    def address(self, node: str, link: int = 0) -> str:
        return f"{self.prefix}.{link + 1}.{10 + self.id(node)}"

    def management(self, node: str) -> str:
        """The address of its host name, on a network that corosync does not use."""
        return f"{self.prefix}.0.{10 + self.id(node)}"

    @property
    def expected(self) -> int:
        return len(self.nodes) + (1 if self.has_qdevice else 0)


@dataclass(frozen=True)
class Situation:
    """*cut*: (node, link) pairs whose cable is out. *changes* counts, as a ring's sequence number does.

    *forced*: where corosync expects another number of votes than the file says. *masked*: where systemd will not start
    corosync. *separated*: nodes that are in no cluster any more, though the others still list them.
    """

    layout: Layout = field(default_factory=Layout)
    power: tuple[tuple[str, Power], ...] = ()
    cut: frozenset[tuple[str, int]] = frozenset()
    stopped: frozenset[tuple[str, Service]] = frozenset()
    forced: tuple[tuple[str, int], ...] = ()
    masked: frozenset[str] = frozenset()
    separated: frozenset[str] = frozenset()
    changes: int = 0

    def power_of(self, host: str) -> Power:
        return dict(self.power).get(host, Power.ON)

    def with_power(self, host: str, power: Power) -> Situation:
        """Raise `ValueError` if there is no such host."""
        if host not in (*self.layout.nodes, QNETD):
            raise ValueError(f"no host {host!r}")
        changed = {**dict(self.power), host: power}
        masked = self.masked - {host} if power is Power.OFF else self.masked  # a mask in /run does not outlive a boot
        return replace(self, power=tuple(sorted(changed.items())), masked=masked, changes=self.changes + 1)

    def with_link(self, node: str, link: int, *, up: bool) -> Situation:
        """Raise `ValueError` if there is no such link."""
        if node not in self.layout.nodes or not 0 <= link < self.layout.links:
            raise ValueError(f"no link {link} of {node!r}")
        cut = self.cut - {(node, link)} if up else self.cut | {(node, link)}
        return replace(self, cut=cut, changes=self.changes + 1)

    def with_service(self, node: str, service: Service, *, runs: bool) -> Situation:
        """Raise `ValueError` if there is no such node, or if its corosync is masked."""
        if node not in self.layout.nodes:
            raise ValueError(f"no node {node!r}")
        if runs and service is Service.COROSYNC and node in self.masked:
            raise ValueError(f"corosync is masked on {node}")
        stopped = self.stopped - {(node, service)} if runs else self.stopped | {(node, service)}
        return replace(self, stopped=stopped, changes=self.changes + 1)

    def has_corosync(self, node: str) -> bool:
        is_up = self.power_of(node) is Power.ON and node not in self.separated
        return is_up and (node, Service.COROSYNC) not in self.stopped

    def has_daemon(self, node: str) -> bool:
        """Whether the QDevice's daemon runs there."""
        return self.layout.has_qdevice and self.has_corosync(node) and (node, Service.QDEVICE) not in self.stopped

    def connected(self, one: str, other: str, link: int) -> bool:
        lives = self.has_corosync(one) and self.has_corosync(other)
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

    def last_seen(self, node: str) -> tuple[str, ...]:
        """Whom the cluster file system of *node* lists as online: without corosync, those of before (seen)."""
        here = self if self.has_corosync(node) else replace(self, stopped=frozenset())
        return here.members(node)

    def qdevice_votes_for(self, node: str) -> bool:
        """ffsplit: the larger partition has the vote; of two equal ones that with the lowest node id."""
        if not self.layout.has_qdevice or self.power_of(QNETD) is not Power.ON:
            return False
        rings = {self.members(n) for n in self.layout.nodes if self.has_corosync(n)}
        best = max(rings, key=lambda ring: (len(ring), -self.layout.id(ring[0])), default=())
        return node in best

    def has_its_vote(self, node: str) -> bool:
        """Whether *node* counts the QDevice's vote: without its daemon it has none, whatever its partition gets."""
        return self.has_daemon(node) and self.qdevice_votes_for(node)

    def votes(self, node: str) -> int:
        return len(self.members(node)) + (1 if self.has_its_vote(node) else 0)

    def expected(self, node: str) -> int:
        """What corosync on *node* expects now."""
        return dict(self.forced).get(node, self.layout.expected)

    def quorum(self, node: str) -> int:
        return self.expected(node) // 2 + 1

    def is_quorate(self, node: str) -> bool:
        return self.votes(node) >= self.quorum(node)

    def _reaches(self, one: str, other: str) -> bool:
        return any(self.connected(one, other, link) for link in range(self.layout.links))
