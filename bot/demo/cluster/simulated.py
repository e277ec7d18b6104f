"""The simulated cluster: a situation that can be changed, and what each command answers in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import RLock
from uuid import uuid4

from bot.demo.cluster import guard, kept, system, tickets, tools
from bot.demo.cluster.acting import GivenUp, Stage
from bot.demo.cluster.blemishes import DEMO, Blemishes
from bot.demo.cluster.certificates import Authorities
from bot.demo.cluster.changes import read_act
from bot.demo.cluster.expected import settled
from bot.demo.cluster.host import Host
from bot.demo.cluster.kept import Kept
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import QNETD, Layout, Power, Service, Situation
from bot.demo.cluster.tickets import Stdin
from bot.demo.cluster.units import Left, Step, Units


def pve_prod() -> Situation:
    """The situation of the reference's status screen: 4 of 5 votes, pve04 off. It has no guests: it can be reset."""
    return Situation(Layout(empty=frozenset({"pve04"}))).with_power("pve04", Power.OFF)


def pve_new() -> Situation:
    """Three empty hosts of which a cluster is to be built."""
    nodes = ("new01", "new02", "new03")
    hosts = Layout("pve-new", nodes, prefix="10.20", has_qdevice=False, standalone=True, empty=frozenset(nodes))
    return Situation(hosts)


class SimulatedCluster:
    """Answers like real nodes with corosync 3.1.9 and Proxmox VE 9; may be used from several threads.

    *file*: where it is kept, so that it outlives this process; None for nowhere. *pace*: what a second of what commands
    take lasts.
    """

    def __init__(
        self,
        situation: Situation | None = None,
        clock: Callable[[], float] = time.time,
        blemishes: Blemishes = DEMO,
        file: Path | None = None,
        pace: float = 1.0,
    ) -> None:
        begin = Kept(situation or pve_prod())
        known = kept.read(file, begin.situation) if file else begin
        self._now, self._file = known.situation, file
        self._blemishes, self._clock, self._pace = blemishes, clock, pace
        self._lock = RLock()
        self.bot_key, self.host_keys = "", dict[str, str]()
        nodes = self._now.layout.nodes
        self._boots = {node: known.boots.get(node) or str(uuid4()) for node in nodes}
        self._units = {node: self._units_of(node, dict(known.tickets.get(node, {}))) for node in nodes}
        self._authorities = Authorities(self._now.layout, clock())

    @property
    def situation(self) -> Situation:
        return self._now

    @property
    def hosts(self) -> tuple[str, ...]:
        layout = self._now.layout
        return (*layout.nodes, *([QNETD] if layout.has_qdevice and not layout.standalone else []))

    def power(self, host: str, power: str) -> None:
        """Raise `ValueError` if there is no such host or power. What runs on a node that goes off ends there."""
        self.change(lambda now: now.with_power(host, Power(power)))
        if power == Power.OFF and host in self._units:
            self._units[host].cut()
            self._boots[host] = str(uuid4())
            self._keep()

    def link(self, node: str, number: int, up: bool) -> None:  # noqa: FBT001 - as the local Slack calls it
        """Raise `ValueError` if there is no such link."""
        self.change(lambda now: now.with_link(node, number, up=up))

    def service(self, node: str, name: str, *, runs: bool) -> None:
        """Raise `ValueError` if there is no such node or service."""
        self.change(lambda now: now.with_service(node, Service(name), runs=runs))

    def change(self, changed: Callable[[Situation], Situation]) -> None:
        """As if somebody had been at the hosts themselves."""
        with self._lock:
            self._now = settled(changed(self._now))
            self._keep()

    def close(self) -> None:
        """End what runs on the nodes."""
        for units in self._units.values():
            units.cut()

    def run(self, node: str, argv: tuple[str, ...], stdin: Stdin = lambda _most: b"") -> Said:
        """Wrappers that change nothing of the answer (`timeout`, `env`, `sudo`) are taken off first."""
        argv, host = _unwrapped(argv), self._host(node)
        return (
            tickets.answer(self._units[node], host.boot_id, argv, stdin)
            or tools.answer(host.now, node, argv, host.clock)
            or system.answer(host, argv)
        )

    def _host(self, node: str) -> Host:
        known = self._blemishes, self._authorities, self.bot_key, self.host_keys
        return Host(self._now, node, self._clock(), self._boots[node], *known)

    def _units_of(self, node: str, known: dict[str, Left]) -> Units:
        return Units(
            judge=partial(self._judge, node),
            act=read_act,
            ready=lambda stage: stage.ready(self._now, node, self._clock()),
            do=partial(self._do, node),
            changed=self._keep,
            pace=self._pace,
            kept=known,
        )

    def _judge(self, node: str, script: str, limit_s: float) -> Said:
        asked = (*tools.GUARDED, *system.guarded(self._host(node)))
        return guard.judge(script, {argv: self.run(node, argv) for argv in asked}, limit_s)

    def _do(self, node: str, stage: Stage) -> Step:
        with self._lock:
            try:
                said, now = stage.effect(self._now, node, self._clock())
                step = Step(said, goes_on=not said.exit)
            except GivenUp as given_up:
                now, step = given_up.now or self._now, Step(given_up.said, goes_on=False)
            self._now = settled(now)
        return step

    def _keep(self) -> None:
        if self._file is not None:
            with self._lock:
                left = {node: dict(units.kept) for node, units in self._units.items()}
                kept.write(self._file, Kept(self._now, dict(self._boots), left))


def _unwrapped(argv: tuple[str, ...]) -> tuple[str, ...]:
    match argv:
        case ("sudo", "-n", *rest) | ("timeout", "-k", _, _, *rest):
            return _unwrapped(tuple(rest))
        case ("env", *rest):
            while rest and "=" in rest[0]:
                rest = rest[1:]
            return _unwrapped(tuple(rest))
    return argv
