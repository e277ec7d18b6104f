"""The simulated cluster: a situation that can be changed, and what each command answers in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock

from bot.demo.cluster import files, tools
from bot.demo.cluster.blemishes import DAY_S, DEMO, Blemishes
from bot.demo.cluster.certificates import Authority
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import QNETD, Layout, Power, Service, Situation


def pve_prod() -> Situation:
    """The situation of the reference's status screen: 4 of 5 votes, pve04 off."""
    return Situation(Layout()).with_power("pve04", Power.OFF)


class SimulatedCluster:
    """Answers like real nodes with corosync 3.1.9 and Proxmox VE 9; may be used from several threads."""

    def __init__(
        self,
        situation: Situation | None = None,
        clock: Callable[[], float] = time.time,
        blemishes: Blemishes = DEMO,
    ) -> None:
        self._now = situation or pve_prod()
        self._blemishes = blemishes
        self._clock = clock
        self._lock = Lock()
        self._authority = Authority(self._now.layout, clock())

    @property
    def situation(self) -> Situation:
        return self._now

    @property
    def hosts(self) -> tuple[str, ...]:
        return (*self._now.layout.nodes, *([QNETD] if self._now.layout.has_qdevice else []))

    def power(self, host: str, power: str) -> None:
        """Raise `ValueError` if there is no such host or power."""
        with self._lock:
            self._now = self._now.with_power(host, Power(power))

    def link(self, node: str, number: int, up: bool) -> None:  # noqa: FBT001 - as the local Slack calls it
        """Raise `ValueError` if there is no such link."""
        with self._lock:
            self._now = self._now.with_link(node, number, up=up)

    def service(self, node: str, name: str, *, runs: bool) -> None:
        """Raise `ValueError` if there is no such node or service."""
        with self._lock:
            self._now = self._now.with_service(node, Service(name), runs=runs)

    def run(self, node: str, argv: tuple[str, ...]) -> Said:
        """Wrappers that change nothing of the answer (`timeout`, `env`, `sudo`) are taken off first."""
        argv = _unwrapped(argv)
        now, clock = self._now, self._clock()
        return tools.answer(now, node, argv, clock) or self._of_the_system(now, node, argv, clock)

    def _of_the_system(self, now: Situation, node: str, argv: tuple[str, ...], clock: float) -> Said:
        said = Said("", f"sh: 1: {argv[0] if argv else ''}: not found\n", 127)
        match argv:
            case ("true",):
                said = Said()
            case ("hostname",):
                said = Said(node + "\n")
            case ("id", "-u"):
                said = Said("0\n")
            case ("date", "+%s.%N"):
                said = Said(f"{clock + self._blemishes.clock_off_s.get(node, 0):.9f}\n")
            case ("dpkg-query", "--status", "pve-manager"):
                said = Said(files.package("pve-manager", self._blemishes.pve.get(node, PVE)))
            case ("corosync", "-v"):
                said = Said(COROSYNC_VERSION)
            case ("cat", *paths):
                said = _cat(self._files(now, node, clock), paths)
            case ("head", "-v", "-c", _, *paths):
                said = _head(self._files(now, node, clock), paths)
            case ("journalctl", *_):
                said = Said(files.journal(now, node, clock))
        return said

    def _files(self, now: Situation, node: str, clock: float) -> Mapping[str, Callable[[], str]]:
        conf = partial(files.corosync_conf, now)
        found: dict[str, Callable[[], str]] = {
            "/etc/pve/corosync.conf": conf,
            "/etc/corosync/corosync.conf": conf,
            "/etc/pve/.members": lambda: files.members(now, node),
            "/etc/pve/.vmlist": lambda: files.vmlist(now),
            "/etc/pve/.rrd": lambda: files.rrd(now, node, clock),
            "/etc/pve/pve-root-ca.pem": lambda: self._authority.own,
            "/etc/pve/local/pve-ssl.pem": lambda: self._authority.of_node(node),
            "/etc/hostname": lambda: node + "\n",
            "/proc/uptime": lambda: f"{self._blemishes.uptime_s.get(node, DAY_S) + clock % DAY_S:.2f} 8123.45\n",
            "/proc/sys/kernel/osrelease": lambda: KERNEL + "\n",
        }
        if node in self._blemishes.custom:
            found["/etc/pve/local/pveproxy-ssl.pem"] = lambda: self._authority.custom(node)
        return found


def _cat(known: Mapping[str, Callable[[], str]], paths: list[str]) -> Said:
    missing = "".join(f"cat: {path}: No such file or directory\n" for path in paths if path not in known)
    return Said("".join(known[path]() for path in paths if path in known), missing, int(bool(missing)))


def _head(known: Mapping[str, Callable[[], str]], paths: list[str]) -> Said:
    shown = [f"==> {path} <==\n{known[path]()}" for path in paths if path in known]
    missing = [
        f"head: cannot open '{path}' for reading: No such file or directory\n" for path in paths if path not in known
    ]
    return Said("\n".join(shown), "".join(missing), int(bool(missing)))


def _unwrapped(argv: tuple[str, ...]) -> tuple[str, ...]:
    match argv:
        case ("sudo", "-n", *rest) | ("timeout", "-k", _, _, *rest):
            return _unwrapped(tuple(rest))
        case ("env", *rest):
            while rest and "=" in rest[0]:
                rest = rest[1:]
            return _unwrapped(tuple(rest))
    return argv


PVE, KERNEL = "9.1.4", "6.14.11-4-pve"
COROSYNC_VERSION = "Corosync Cluster Engine, version '3.1.9'\nCopyright (c) 2006-2021 Red Hat, Inc.\n"
