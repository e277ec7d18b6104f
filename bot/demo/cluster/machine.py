"""What a simulated node says of itself as a machine: name, clock, packages, services, /proc."""

from __future__ import annotations

from bot.demo.cluster import files
from bot.demo.cluster.blemishes import DAY_S
from bot.demo.cluster.host import Argv, Files, Host, Topic
from bot.demo.cluster.said import Said


def _answer(host: Host, argv: Argv) -> Said | None:
    said: Said | None = None
    match argv:
        case ("systemctl", "is-active", *quiet, unit):
            said = _is_active(host, unit, is_quiet="--quiet" in quiet)
        case ("true",):
            said = Said()
        case ("hostname",):
            said = Said(host.node + "\n")
        case ("id", "-u"):
            said = Said("0\n")
        case ("date", "+%s.%N"):
            said = Said(f"{host.clock + host.blemishes.clock_off_s.get(host.node, 0):.9f}\n")
        case ("dpkg-query", "--status", "pve-manager"):
            said = Said(files.package("pve-manager", host.blemishes.pve.get(host.node, PVE)))
        case ("corosync", "-v"):
            said = Said(COROSYNC_VERSION)
        case ("journalctl", *_):
            said = Said(files.journal(host.now, host.node, host.clock))
    return said


def _is_active(host: Host, unit: str, *, is_quiet: bool) -> Said:
    now, node = host.now, host.node
    runs = {"corosync": now.has_corosync(node), "corosync-qdevice": now.has_daemon(node), "pve-cluster": True}
    dead = "failed" if unit == "corosync" and node in now.killed else "inactive"
    word = "active" if runs.get(unit) else dead
    return Said("" if is_quiet else f"{word}\n", exit=0 if runs.get(unit) else 3)  # systemctl(1), EXIT STATUS


def _files(host: Host) -> Files:
    now, node = host.now, host.node
    uptime_s = host.blemishes.uptime_s.get(node, DAY_S) + host.clock % DAY_S
    return {
        "/etc/hostname": lambda: node + "\n",
        "/proc/sys/kernel/hostname": lambda: f"{node}.{now.layout.domain}\n",
        "/proc/uptime": lambda: f"{uptime_s:.2f} 8123.45\n",
        "/proc/sys/kernel/osrelease": lambda: KERNEL + "\n",
        "/proc/sys/kernel/random/boot_id": lambda: host.boot_id + "\n",
    }


def _guarded(_host: Host) -> tuple[Argv, ...]:
    asked = (("systemctl", "is-active", *quiet, unit) for unit in UNITS for quiet in ((), ("--quiet",)))
    return (("hostname",), ("id", "-u"), *asked)


UNITS = ("corosync", "corosync-qdevice", "pve-cluster")
PVE, KERNEL = "9.1.4", "6.14.11-4-pve"
COROSYNC_VERSION = "Corosync Cluster Engine, version '3.1.9'\nCopyright (c) 2006-2021 Red Hat, Inc.\n"

TOPIC = Topic(_answer, _files, _guarded)
