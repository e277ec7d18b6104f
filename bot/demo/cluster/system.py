"""What one node says beside corosync's own tools: its files, its packages, its services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bot.demo.cluster import disk, files, keys
from bot.demo.cluster.blemishes import DAY_S, Blemishes
from bot.demo.cluster.certificates import Authority
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation

Files = Mapping[str, Callable[[], str]]


@dataclass(frozen=True)
class Host:
    """One node at one moment. *clock*: Unix time in seconds."""

    now: Situation
    node: str
    clock: float
    boot_id: str
    blemishes: Blemishes
    authority: Authority
    bot_key: str = ""


def answer(host: Host, argv: tuple[str, ...]) -> Said:
    match argv:
        case ("cat", *paths):
            return _cat(_files(host), paths)
        case ("head", "-v", "-c", _, *paths):
            return _head(_files(host), paths)
        case ("systemctl", "is-active", *quiet, unit):
            return _is_active(host, unit, is_quiet="--quiet" in quiet)
    return disk.answer(host.now, host.node, argv) or _command(host, argv)


def _command(host: Host, argv: tuple[str, ...]) -> Said:
    said = Said("", f"sh: 1: {argv[0] if argv else ''}: not found\n", 127)
    match argv:
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


def _files(host: Host) -> Files:
    now, node = host.now, host.node
    uptime_s = host.blemishes.uptime_s.get(node, DAY_S) + host.clock % DAY_S
    conf = partial(files.corosync_conf, now)
    found: dict[str, Callable[[], str]] = {
        "/etc/pve/.members": lambda: files.members(now, node),
        "/etc/pve/.vmlist": lambda: files.vmlist(now, node),
        "/etc/pve/.rrd": lambda: files.rrd(now, node, host.clock),
        "/etc/pve/pve-root-ca.pem": lambda: host.authority.own,
        "/etc/pve/local/pve-ssl.pem": lambda: host.authority.of_node(node),
        "/etc/hostname": lambda: node + "\n",
        keys.LOGINS: lambda: keys.logins(now, host.bot_key),
        keys.OWN: lambda: keys.own(node),
        keys.HOST: lambda: keys.host(node),
        "/proc/sys/kernel/hostname": lambda: f"{node}.{now.layout.domain}\n",
        "/proc/uptime": lambda: f"{uptime_s:.2f} 8123.45\n",
        "/proc/sys/kernel/osrelease": lambda: KERNEL + "\n",
        "/proc/sys/kernel/random/boot_id": lambda: host.boot_id + "\n",
    }
    if node not in now.separated:
        found |= {"/etc/pve/corosync.conf": conf, "/etc/corosync/corosync.conf": conf}
    if node in host.blemishes.custom:
        found["/etc/pve/local/pveproxy-ssl.pem"] = lambda: host.authority.custom(node)
    return found


def _is_active(host: Host, unit: str, *, is_quiet: bool) -> Said:
    now, node = host.now, host.node
    runs = {"corosync": now.has_corosync(node), "corosync-qdevice": now.has_daemon(node), "pve-cluster": True}
    word = "active" if runs.get(unit) else "inactive"
    return Said("" if is_quiet else f"{word}\n", exit=0 if runs.get(unit) else 3)  # systemctl(1), EXIT STATUS


def _cat(known: Files, paths: list[str]) -> Said:
    missing = "".join(f"cat: {path}: No such file or directory\n" for path in paths if path not in known)
    return Said("".join(known[path]() for path in paths if path in known), missing, int(bool(missing)))


def _head(known: Files, paths: list[str]) -> Said:
    shown = [f"==> {path} <==\n{known[path]()}" for path in paths if path in known]
    missing = [
        f"head: cannot open '{path}' for reading: No such file or directory\n" for path in paths if path not in known
    ]
    return Said("\n".join(shown), "".join(missing), int(bool(missing)))


PVE, KERNEL = "9.1.4", "6.14.11-4-pve"
COROSYNC_VERSION = "Corosync Cluster Engine, version '3.1.9'\nCopyright (c) 2006-2021 Red Hat, Inc.\n"
