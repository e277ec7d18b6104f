"""The simulated cluster: a situation that can be changed, and what each command answers in it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from bot.demo.cluster import cmap, corosync, files
from bot.demo.cluster.certificates import Authority
from bot.demo.cluster.situation import QNETD, Layout, Power, Situation

LATER_NODES_RUN = {"pve03": ("8.4.1", "5fa3a4d1")}  # one node that was not upgraded with the others
UPTIME_S = {"pve01": 42 * 86400, "pve02": 42 * 86400, "pve03": 203 * 86400, "pve04": 9 * 86400}
CLOCK_OFF_S = {"pve03": 1.8}


@dataclass(frozen=True)
class Said:
    """What one command printed, and its exit code."""

    stdout: str = ""
    stderr: str = ""
    exit: int = 0


def pve_prod() -> Situation:
    """The situation of the reference's status screen: 4 of 5 votes, pve04 off."""
    return Situation(Layout()).with_power("pve04", Power.OFF)


class SimulatedCluster:
    """Answers like real nodes with corosync 3.1.9 and Proxmox VE 9; may be used from several threads."""

    def __init__(self, situation: Situation | None = None, clock: Callable[[], float] = time.time) -> None:
        self._now = situation or pve_prod()
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

    def run(self, node: str, argv: tuple[str, ...]) -> Said:
        """Wrappers that change nothing of the answer (`timeout`, `env`, `sudo`) are taken off first."""
        argv = _unwrapped(argv)
        now, clock = self._now, self._clock()
        answers = self._answers(now, node, clock)
        if argv in answers:
            return answers[argv]()
        return self._one_of_many(now, node, argv, clock)

    def _one_of_many(self, now: Situation, node: str, argv: tuple[str, ...], clock: float) -> Said:
        said = Said("", f"sh: 1: {argv[0] if argv else ''}: not found\n", 127)
        match argv:
            case ("cat", path):
                said = self._cat(now, node, path)
            case ("head", "-v", "-c", _, *paths):
                said = self._head(node, paths)
            case ("corosync-cmapctl", "-m", "stats", *prefix):
                said = Said(cmap.print_keys(cmap.statistics(now, node), "".join(prefix)))
            case ("corosync-cmapctl", *prefix):
                said = Said(cmap.print_keys(cmap.configuration(now), "".join(prefix)))
            case ("journalctl", *_):
                said = Said(files.journal(now, node, clock))
        return said

    def _answers(self, now: Situation, node: str, clock: float) -> Mapping[tuple[str, ...], Callable[[], Said]]:
        lost = 0 if now.is_quorate(node) else 2  # quorumtool(8): 2 is "not quorate", an answer
        return {
            ("true",): Said,
            ("hostname",): lambda: Said(node + "\n"),
            ("id", "-u"): lambda: Said("0\n"),
            ("date", "+%s.%N"): lambda: Said(f"{clock + CLOCK_OFF_S.get(node, 0):.9f}\n"),
            ("cat", "/proc/uptime"): lambda: Said(f"{UPTIME_S.get(node, 86400) + clock % 86400:.2f} 8123.45\n"),
            ("pveversion",): lambda: Said(_pveversion(node)),
            ("corosync", "-v"): lambda: Said(COROSYNC_VERSION),
            ("pvecm", "status"): lambda: Said(_header(now) + self._status(now, node, clock, ips=True), exit=lost),
            ("pvecm", "nodes"): lambda: Said("\n" + corosync.membership(now, node, ips=False, hexadecimal=False)),
            ("pvecm", "expected"): lambda: Said("", EXPECTED_USAGE, 255),
            ("corosync-quorumtool", "-s"): lambda: Said(
                corosync.quorumtool(now, node, clock, ips=False, hexadecimal=False), exit=lost
            ),
            ("corosync-quorumtool", "-siH"): lambda: Said(self._status(now, node, clock, ips=True), exit=lost),
            ("corosync-quorumtool", "-l"): lambda: Said(
                "\n" + corosync.membership(now, node, ips=False, hexadecimal=False)
            ),
            ("corosync-cfgtool", "-s"): lambda: Said(corosync.cfgtool_status(now, node)),
            ("corosync-cfgtool", "-n"): lambda: Said(corosync.cfgtool_nodes(now, node)),
            ("corosync-qdevice-tool", "-s"): lambda: (
                Said(corosync.qdevice_tool(now, node)) if now.layout.has_qdevice else NO_QDEVICE
            ),
            RESOURCES: lambda: Said(json.dumps(files.guests(now, node)) + "\n"),
        }

    def _status(self, now: Situation, node: str, clock: float, *, ips: bool) -> str:
        return corosync.quorumtool(now, node, clock, ips=ips, hexadecimal=True)

    def _cat(self, now: Situation, node: str, path: str) -> Said:
        known = {
            "/etc/pve/corosync.conf": lambda: files.corosync_conf(now),
            "/etc/corosync/corosync.conf": lambda: files.corosync_conf(now),
            "/etc/pve/.members": lambda: files.members(now, node),
            "/etc/hostname": lambda: node + "\n",
        }
        if path in known:
            return Said(known[path]())
        return Said("", f"cat: {path}: No such file or directory\n", 1)

    def _head(self, node: str, paths: list[str]) -> Said:
        known = {
            "/etc/pve/pve-root-ca.pem": self._authority.own,
            "/etc/pve/local/pve-ssl.pem": self._authority.of_node(node),
        }
        if node == "pve02":
            known["/etc/pve/local/pveproxy-ssl.pem"] = self._authority.custom(node)
        shown = [f"==> {path} <==\n{known[path]}" for path in paths if path in known]
        missing = [
            f"head: cannot open '{path}' for reading: No such file or directory\n"
            for path in paths
            if path not in known
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


def _pveversion(node: str) -> str:
    version, commit = LATER_NODES_RUN.get(node, ("9.1.4", "6d5a4b1c"))
    return f"pve-manager/{version}/{commit} (running kernel: 6.14.11-4-pve)\n"


def _header(now: Situation) -> str:
    return (
        "Cluster information\n-------------------\n"
        f"Name:             {now.layout.cluster}\nConfig Version:   {now.layout.version}\n"
        "Transport:        knet\nSecure auth:      on\n\n"
    )


RESOURCES = ("pvesh", "get", "/cluster/resources", "--type", "vm", "--output-format", "json")
COROSYNC_VERSION = "Corosync Cluster Engine, version '3.1.9'\nCopyright (c) 2006-2021 Red Hat, Inc.\n"
EXPECTED_USAGE = "400 not enough arguments\npvecm expected <expected>\n"
NO_QDEVICE = Said(
    "", "corosync-qdevice-tool: Can't connect to QDevice socket (is QDevice running?): No such file or directory\n", 3
)
