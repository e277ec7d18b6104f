"""Bad luck on real lab nodes, one context manager a kind, each undone at its end.

What happens to the cables is in `bad_cables`, what stands in the files of /etc/pve in `pve_files`. Whole nodes without
power and whole cables unplugged: `Lab.kill`, `Lab.partition`, `Lab.link`, `Lab.cut_ssh`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.lab import Lab
from tests.lab.plan import DOMAIN

LOCK = "/etc/pve/priv/lock/file-corosync_conf"
AUTHKEY, HOSTS, STATUS = "/etc/corosync/authkey", "/etc/hosts", "/var/lib/dpkg/status"
CLOCK = "/usr/local/bin/date"
_REAL_DATE = "/usr/bin/date"


@contextmanager
def full_disk(lab: Lab, node: str, folder: str) -> Iterator[None]:
    """A file system of its own over *folder*, with what is in it and not a block to spare. What is written there
    meanwhile, were it a new name in the folder, is gone at the end.
    """
    where = shlex.quote(folder)
    _sh(
        lab,
        node,
        f"""set -e; kept=$(mktemp -d); cp -a {where}/. $kept
size=$(( $(du -sk $kept | cut -f1) + 64 ))
mount -t tmpfs -o size=${{size}}k,mode=$(stat -c %a {where}) full-disk {where}
cp -a $kept/. {where}; rm -r $kept
dd if=/dev/zero of={where}/.full bs=4k 2>/dev/null || true""",
    )
    try:
        yield
    finally:
        _sh(lab, node, f"umount -l {where}")


@contextmanager
def lock_held(lab: Lab, node: str) -> Iterator[None]:
    """As by the pvecm of somebody else who is changing corosync.conf. The cluster takes it away after 120 s itself."""
    _sh(lab, node, f"mkdir {LOCK}")
    try:
        yield
    finally:
        _sh(lab, node, f"! test -d {LOCK} || rmdir {LOCK}")


def move_conf(lab: Lab, node: str) -> None:
    """Somebody changes corosync.conf: its version is one higher, and every member that runs has taken it. Nothing takes
    this back, here as in a real cluster: a version only grows.
    """
    bump = "perl -pe 's/(config_version: )(\\d+)/$1 . ($2 + 1)/e' /etc/pve/corosync.conf >/etc/pve/corosync.conf.new"
    _sh(lab, node, f"{bump} && mv /etc/pve/corosync.conf.new /etc/pve/corosync.conf")
    version = _sh(lab, node, "sed -n 's/.*config_version: //p' /etc/pve/corosync.conf").strip()
    running = [name for name in lab.members if lab.is_up(name) and _is_running(lab, name)]
    lab.wait_for(*running, command=f"corosync-cmapctl -g totem.config_version | grep -q '= {version}$'")


def _is_running(lab: Lab, node: str) -> bool:
    return lab.exec(node, "systemctl", "is-active", "--quiet", "corosync").returncode == 0


@contextmanager
def clock_off(lab: Lab, node: str, seconds: int) -> Iterator[None]:
    """A `date` that comes first in the node's PATH says another time. All nodes of a lab share this machine's clock,
    so corosync, certificates and tickets go by the right one.
    """
    shifted = f'#!/bin/sh\nexec {_REAL_DATE} -d "{seconds:+d} seconds" "$@"\n'
    lab.exec(node, "sh", "-c", f"cat >{CLOCK} && chmod 755 {CLOCK}", input=shifted, check=True)
    try:
        yield
    finally:
        _sh(lab, node, f"rm {CLOCK}")


@contextmanager
def name_unknown(lab: Lab, node: str) -> Iterator[None]:
    """The node's own name stands for no address."""
    with _edited(lab, node, HOSTS, f"/{node}/d"):
        yield


@contextmanager
def name_is(lab: Lab, node: str, address: str) -> Iterator[None]:
    """The node's own name stands for *address*: `127.0.1.1`, as Debian's installer leaves it."""
    with _edited(lab, node, HOSTS, f"s/^.* {node}.{DOMAIN} .*/{address} {node}.{DOMAIN} {node}/"):
        yield


@contextmanager
def port_closed(lab: Lab, node: str, port: int, other: str) -> Iterator[None]:
    """A firewall on *node*: who knocks on this TCP port from any address of *other* hears nothing."""
    rules = [
        f"to {lab.address(other, net)} ipproto tcp sport {port} pref {100 + number} blackhole"
        for number, net in enumerate(lab.nodes[other].nets)
    ]
    for rule in rules:
        _sh(lab, node, f"ip rule add {rule}")
    try:
        yield
    finally:
        for rule in rules:
            _sh(lab, node, f"ip rule del {rule}")


@contextmanager
def guests(lab: Lab, node: str, *wanted: str) -> Iterator[None]:
    """As `Lab.guests`; none at the end."""
    lab.guests(node, *wanted)
    try:
        yield
    finally:
        lab.guests(node)


@contextmanager
def osds(lab: Lab, node: str, *ids: str) -> Iterator[None]:
    """As `Lab.osds`; none at the end."""
    lab.osds(node, *ids)
    try:
        yield
    finally:
        lab.osds(node)


@contextmanager
def authkey_left(lab: Lab, node: str) -> Iterator[None]:
    """A key of corosync, as an earlier cluster leaves it on a node that stands alone."""
    _sh(lab, node, f"! test -e {AUTHKEY} && head -c 256 /dev/urandom >{AUTHKEY} && chmod 400 {AUTHKEY}")
    try:
        yield
    finally:
        _sh(lab, node, f"rm -f {AUTHKEY}")


@contextmanager
def sshd_stopped(lab: Lab, node: str) -> Iterator[None]:
    """Nobody gets in, and who was is out."""
    _sh(lab, node, "systemctl kill --signal=KILL ssh; systemctl stop ssh")
    try:
        yield
    finally:
        _sh(lab, node, "systemctl reset-failed ssh; systemctl start ssh")


@contextmanager
def frozen(lab: Lab, node: str) -> Iterator[None]:
    """Takes connections and answers nothing."""
    lab.freeze(node)
    try:
        yield
    finally:
        lab.thaw(node)


@contextmanager
def pve_version(lab: Lab, node: str, version: str) -> Iterator[None]:
    """Another pve-manager is installed, says dpkg."""
    with _edited(lab, node, STATUS, f"/^Package: pve-manager$/,/^$/s/^Version: .*/Version: {version}/"):
        yield


@contextmanager
def stopped(lab: Lab, node: str, unit: str) -> Iterator[None]:
    _sh(lab, node, f"systemctl stop {unit}")
    try:
        yield
    finally:
        _sh(lab, node, f"systemctl start {unit}")


@contextmanager
def _edited(lab: Lab, node: str, path: str, script: str) -> Iterator[None]:
    """*script* of sed(1) over a file that is put back, with its time and mode, at the end."""
    kept = f"{path}.before-fault"
    _sh(lab, node, f"cp -a {path} {kept} && sed {shlex.quote(script)} {kept} >{path}")
    try:
        yield
    finally:
        _sh(lab, node, f"mv {kept} {path}")


def _sh(lab: Lab, node: str, script: str) -> str:
    return str(lab.exec(node, "sh", "-c", script, check=True).stdout)
