"""Worlds in which `create NAME` is refused, and ways in which its step fails: on empty nodes that stand alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Thread

from bot.actions.create.left import KEY_ALONE, NOTHING, SOMEBODY_ELSE
from bot.request import State
from tests.lab import faults
from tests.lab.lab import Lab
from tests.lab.matrix import Break, Refusal, World

FIRST, OTHER = "pve01", "pve02"
WAITS = "/run/keygen-waits"
LINKS = "--link0 10.77.1.11 --link1 10.77.2.11"
LINE = f"create new --node {FIRST} {LINKS}"
CONF = (
    "totem {\n  version: 2\n  cluster_name: old\n  config_version: 1\n  transport: knet\n}\n"
    "quorum {\n  provider: corosync_votequorum\n}\n"
    "nodelist {\n  node {\n    name: pve01\n    nodeid: 1\n    ring0_addr: 10.77.1.11\n  }\n}\n"
)
# As `reset` takes it away, without its backup.
SEPARATE = (
    "systemctl stop pve-cluster corosync; rm -rf /etc/corosync/corosync.conf /etc/corosync/authkey /var/lib/corosync/* "
    "/var/lib/pve-cluster/db/corosync.conf; systemctl reset-failed; systemctl start pve-cluster"
)
ALONE = """test -s /etc/pve/.members && ! grep -q '"cluster"' /etc/pve/.members && test -w /etc/pve/priv"""


def run(lab: Lab, node: str, script: str) -> str:
    return str(lab.exec(node, "sh", "-c", script, check=True).stdout)


def separate(lab: Lab, node: str) -> None:
    run(lab, node, SEPARATE)
    lab.wait_for(node, command=ALONE)


@contextmanager
def in_cluster(lab: Lab, node: str, name: str) -> Iterator[None]:
    """Made by hand, and taken away."""
    run(lab, node, f"pvecm create {name} --link0 {lab.address(node, 'link0')}")
    lab.wait_for(node, command="grep -q '\"quorate\": 1' /etc/pve/.members")
    try:
        yield
    finally:
        separate(lab, node)


@contextmanager
def between(lab: Lab, node: str, script: str, undo: str) -> Iterator[None]:
    run(lab, node, script)
    try:
        yield
    finally:
        run(lab, node, undo)


def instead(tool: str, script: str) -> World:
    """Another program comes first in the path of the first node."""
    path = f"/usr/local/bin/{tool}"
    put = f"cat >{path} <<'END'\n#!/bin/sh\n{script}\nEND\nchmod 755 {path}"
    return lambda lab: between(lab, FIRST, put, f"rm -f {path}")


@contextmanager
def corosync_without_a_file(lab: Lab) -> Iterator[None]:
    """It goes on running with what it has read."""
    put = f"printf '%s' '{CONF}' >/etc/corosync/corosync.conf; systemctl start corosync; rm /etc/corosync/corosync.conf"
    with between(lab, FIRST, put, "systemctl stop corosync; rm -rf /var/lib/corosync/*"):
        yield


@contextmanager
def key_maker(lab: Lab, script: str) -> Iterator[None]:
    """*script* comes in the place of what makes the key, which it finds as `$real`."""
    tool, real = "/usr/sbin/corosync-keygen", "/usr/sbin/corosync-keygen.real"
    put = f"mv {tool} {real}; cat >{tool} <<'END'\n#!/bin/sh\nreal={real}\n{script}\nEND\nchmod 755 {tool}"
    with between(lab, FIRST, put, f"mv {real} {tool}; rm -f {WAITS}"):
        yield


@contextmanager
def in_mid_step(lab: Lab, happens: Callable[[], object]) -> Iterator[None]:
    """As soon as the command runs on the node, while its key is made."""
    with key_maker(lab, f'touch {WAITS}; sleep 8; exec $real "$@"'):
        beside = Thread(target=_once_begun, args=(lab, happens))
        beside.start()
        try:
            yield
        finally:
            beside.join()


def _once_begun(lab: Lab, happens: Callable[[], object]) -> None:
    lab.wait_for(FIRST, command=f"test -e {WAITS}")
    happens()


def power_fails(lab: Lab) -> None:
    """And comes back."""
    lab.kill(FIRST)
    lab.start(FIRST)


def sshd_is_away(lab: Lab) -> None:
    """For as long as the step takes."""
    with faults.sshd_stopped(lab, FIRST):
        lab.wait_for(FIRST, command="test -e /etc/corosync/authkey", timeout=60)


@contextmanager
def without_corosync(lab: Lab) -> Iterator[None]:
    """It will not start, whoever asks."""
    with between(lab, FIRST, "systemctl mask --runtime corosync", "systemctl unmask --runtime corosync"):
        yield


@contextmanager
def without_pmxcfs(lab: Lab) -> Iterator[None]:
    """What runs goes on; once stopped it does not come again."""
    program = "/usr/bin/pmxcfs"
    put_back = f"mv {program}.away {program}; systemctl reset-failed pve-cluster; systemctl start pve-cluster"
    with between(lab, FIRST, f"mv {program} {program}.away", put_back):
        yield


@contextmanager
def without_link1(lab: Lab) -> Iterator[None]:
    address = "10.77.2.11/24 dev eth2"
    with between(lab, FIRST, f"ip addr del {address}", f"ip addr add {address}"):
        yield


REFUSALS: Mapping[str, Refusal] = {
    "NO_SUCH_NODE": Refusal("create new --node pve09"),
    "SILENT": Refusal(LINE, partial(faults.sshd_stopped, node=FIRST)),
    "NOT_KNOWN": Refusal(LINE, instead("hostname", '[ "$#" = 0 ] || exit 7\nexec /usr/bin/hostname')),
    "OTHER_HOST": Refusal(
        LINE, lambda lab: between(lab, FIRST, "hostname pve07", f"hostname {FIRST}"), frozenset({"UNRESOLVED"})
    ),
    "MEMBER": Refusal(LINE, partial(in_cluster, node=FIRST, name="old")),
    "LEFTOVERS": Refusal(LINE, partial(faults.authkey_left, node=FIRST)),
    "RUNNING": Refusal(LINE, corosync_without_a_file),
    "NOT_MOUNTED": Refusal(LINE, partial(faults.stopped, node=FIRST, unit="pve-cluster")),
    "READ_ONLY": Refusal(
        LINE,
        lambda lab: between(lab, FIRST, "mount -o remount,ro,bind /etc/pve", "mount -o remount,rw,bind /etc/pve"),
    ),
    "UNRESOLVED": Refusal(LINE, partial(faults.name_unknown, node=FIRST)),
    "NAME_ELSEWHERE": Refusal(LINE, partial(faults.name_is, node=FIRST, address="127.0.1.1")),
    "NO_LINK0": Refusal(f"create new --node {FIRST} --link1 10.77.2.11"),
    "LOOPBACK": Refusal(f"create new --node {FIRST} --link0 127.0.0.1"),
    "NOT_LOCAL": Refusal(f"create new --node {FIRST} --link0 10.77.1.12"),
    "TWICE": Refusal(f"create new --node {FIRST} --link0 10.77.1.11 --link1 10.77.1.11"),
    "CLOCK": Refusal(LINE, partial(faults.clock_off, node=FIRST, seconds=-400)),
    "CLUSTER_THERE": Refusal(LINE, partial(in_cluster, node=OTHER, name="old")),
    "NAME_TAKEN": Refusal(LINE, partial(in_cluster, node=OTHER, name="new")),
}
# The one step of the plan, by what goes wrong with it.
BREAKS: Mapping[str, Break] = {
    "the guard finds that an address is gone": Break(without_link1, State.ABORTED, (NOTHING,)),
    "the guard finds that somebody else was quicker": Break(
        partial(in_cluster, node=FIRST, name="old"), State.ABORTED, (SOMEBODY_ELSE,), stays=True
    ),
    "the disk of the key is full": Break(
        partial(faults.full_disk, node=FIRST, folder="/etc/corosync"), State.FAILED, (NOTHING,)
    ),
    "it ends when there is a key and nothing else": Break(
        lambda lab: key_maker(lab, '$real "$@"; exit 1'), State.FAILED, (KEY_ALONE,)
    ),
}
