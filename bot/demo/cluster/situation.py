"""Who is on, which links are up, who belongs to which cluster, and the quorum that follows by corosync's rules. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from bot.demo.cluster.conf import Conf
from bot.demo.cluster.layout import Layout
from bot.demo.cluster.pve import Pve

__all__ = ["QNETD", "Layout", "Power", "Service", "Situation"]

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
class Situation:
    """*cut*: (node, cable) pairs. *changes* counts, as a ring's sequence number does.

    *forced*: where corosync expects another number of votes than the file says. *masked*: where systemd will not start
    corosync. *killed*: where another node made it end. *pve*: the /etc/pve of those where it is not as at the beginning.
    *busy_until*: Unix time in seconds at which a node's /etc/pve becomes writable, if it has quorum then.
    *known*: whose host keys, by address, root's own ssh on a node knows besides those of its cluster.
    """

    layout: Layout = field(default_factory=Layout)
    power: tuple[tuple[str, Power], ...] = ()
    cut: frozenset[tuple[str, int]] = frozenset()
    stopped: frozenset[tuple[str, Service]] = frozenset()
    forced: tuple[tuple[str, int], ...] = ()
    masked: frozenset[str] = frozenset()
    killed: frozenset[str] = frozenset()
    pve: tuple[tuple[str, Pve], ...] = ()
    busy_until: tuple[tuple[str, float], ...] = ()
    known: tuple[tuple[str, tuple[str, ...]], ...] = ()
    changes: int = 0

    def pve_of(self, node: str) -> Pve:
        return self._pve.get(node) or self.layout.begins_as(node)

    def conf_of(self, node: str) -> Conf | None:
        """corosync.conf as *node* has it; None: it stands alone."""
        return self.pve_of(node).conf

    def member_conf(self, node: str) -> Conf:
        """Raise `ValueError` if it stands alone."""
        conf = self.conf_of(node)
        if conf is None:
            raise ValueError(f"{node} is in no cluster")
        return conf

    @cached_property
    def _pve(self) -> dict[str, Pve]:
        return dict(self.pve)

    def power_of(self, host: str) -> Power:
        return dict(self.power).get(host, Power.ON)

    def with_power(self, host: str, power: Power) -> Situation:
        """Raise `ValueError` if there is no such host. Masks in /run do not outlive a boot, nor does a failed unit."""
        if host not in (*self.layout.nodes, QNETD):
            raise ValueError(f"no host {host!r}")
        changed = {**dict(self.power), host: power}
        now = replace(self, power=tuple(sorted(changed.items())), changes=self.changes + 1)
        return now._booted(host) if power is Power.OFF else now

    def _booted(self, host: str) -> Situation:
        stopped = self.stopped - {(host, Service.COROSYNC)} if host in self.killed else self.stopped
        return replace(self, masked=self.masked - {host}, killed=self.killed - {host}, stopped=stopped)

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
        killed = self.killed - {node} if runs else self.killed
        return replace(self, stopped=stopped, killed=killed, changes=self.changes + 1)

    def has_corosync(self, node: str) -> bool:
        is_up = self.power_of(node) is Power.ON and self.conf_of(node) is not None
        return is_up and (node, Service.COROSYNC) not in self.stopped

    def has_daemon(self, node: str) -> bool:
        """Whether the QDevice's daemon runs there."""
        conf, is_stopped = self.conf_of(node), (node, Service.QDEVICE) in self.stopped
        return conf is not None and conf.has_qdevice and self.has_corosync(node) and not is_stopped

    def connected(self, one: str, other: str, link: int) -> bool:
        """Whether corosync on *one* reaches that on *other*: each must know the other, and the cables be in."""
        lives = self.has_corosync(one) and self.has_corosync(other)
        return lives and self._know_each_other(one, other) and self._wired(one, other, link)

    def _know_each_other(self, one: str, other: str) -> bool:
        mine, theirs = self.member_conf(one), self.member_conf(other)
        return mine.key == theirs.key and other in mine.names and one in theirs.names

    def _wired(self, one: str, other: str, link: int) -> bool:
        conf = self.member_conf(one)
        mine, theirs = (self.layout.end_of(conf.member(node).address(link) or "") for node in (one, other))
        if mine is None or theirs is None:
            return False
        return (mine[0], theirs[0], mine[1]) == (one, other, theirs[1]) and not {mine, theirs} & self.cut

    def members(self, node: str) -> tuple[str, ...]:
        """Those in one ring with *node*, itself included, by id."""
        if self.conf_of(node) is None:
            return (node,)
        listed = self.member_conf(node).names
        found, todo = {node}, [node]
        while todo:
            here = todo.pop()
            near = {n for n in listed if n not in found and self._reaches(here, n)}
            found |= near
            todo += near
        return tuple(n for n in listed if n in found) or (node,)

    def last_seen(self, node: str) -> tuple[str, ...]:
        """Whom the cluster file system of *node* lists as online: without corosync, those of before (seen)."""
        here = self if self.has_corosync(node) else replace(self, stopped=frozenset())
        return here.members(node)

    def qdevice_votes_for(self, node: str) -> bool:
        """ffsplit: the larger partition has the vote; of two equal ones that with the lowest node id."""
        conf = self.member_conf(node)
        if not conf.has_qdevice or self.power_of(QNETD) is not Power.ON:
            return False
        rings = {self.members(n) for n in conf.names if self.has_corosync(n)}
        best = max(rings, key=lambda ring: (len(ring), -conf.names.index(ring[0])), default=())
        return node in best

    def has_its_vote(self, node: str) -> bool:
        """Whether *node* counts the QDevice's vote: without its daemon it has none, whatever its partition gets."""
        return self.has_daemon(node) and self.qdevice_votes_for(node)

    def votes(self, node: str) -> int:
        conf = self.member_conf(node)
        return sum(conf.member(n).votes for n in self.members(node)) + (1 if self.has_its_vote(node) else 0)

    def expected(self, node: str) -> int:
        """What corosync on *node* expects now."""
        return dict(self.forced).get(node, self.member_conf(node).expected)

    def quorum(self, node: str) -> int:
        return self.expected(node) // 2 + 1

    def is_quorate(self, node: str) -> bool:
        return self.has_corosync(node) and self.votes(node) >= self.quorum(node)

    def is_busy(self, node: str, clock: float) -> bool:
        """Whether its cluster file system is still on its way up. *clock*: Unix time in seconds."""
        return clock < dict(self.busy_until).get(node, 0)

    def can_write(self, node: str, clock: float) -> bool:
        """Whether /etc/pve takes writes there; a host that stands alone needs no quorum."""
        has_quorum = self.conf_of(node) is None or self.is_quorate(node)
        return self.power_of(node) is Power.ON and has_quorum and not self.is_busy(node, clock)

    def _reaches(self, one: str, other: str) -> bool:
        return any(self.connected(one, other, link) for link in self.member_conf(one).member(one).links)
