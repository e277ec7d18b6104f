"""Nodes that the bot's own SSH edge can ask: simulated ones behind their SSH server, real ones in a lab."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.demo.cluster import SimulatedCluster
from bot.demo.cluster.blemishes import NONE
from bot.demo.cluster.pve import STORAGE
from bot.demo.cluster.situation import Layout, Situation
from bot.demo.nodes import KEY, KNOWN_HOSTS, SimulatedNodes
from bot.demo.sshd import LOOPBACK
from bot.names import NodeName
from bot.ssh.nodes import Login, SshNodes
from bot.wiring import now_us
from tests.lab import qdevice
from tests.lab.lab import Lab
from tests.lab.network import connector

GUESTS = ("vm:{0}00:running", "vm:{0}01:stopped", "ct:{0}02:running")  # as the simulated nodes have
CONNECT_S = 2


@contextmanager
def simulated(situation: Situation, folder: Path) -> Iterator[SshNodes]:
    nodes = SimulatedNodes.start(folder, SimulatedCluster(situation, blemishes=NONE))
    logins = {
        NodeName(name): Login(LOOPBACK, endpoint.port, "root", folder / KEY, folder / KNOWN_HOSTS)
        for name, endpoint in nodes.endpoints.items()
    }
    ssh = SshNodes(logins, now_us=now_us)
    try:
        yield ssh
    finally:
        ssh.close()
        nodes.close()


@contextmanager
def real(lab: Lab) -> Iterator[SshNodes]:
    logins = {
        NodeName(name): Login(
            lab.address(name), 22, "root", lab.key, lab.known_hosts_file(), connect_timeout_s=CONNECT_S
        )
        for name in lab.members
    }
    ssh = SshNodes(logins, now_us=now_us, connect=connector(lab))
    try:
        yield ssh
    finally:
        ssh.close()


def put_guests(lab: Lab) -> None:
    for number, name in enumerate(lab.members, start=1):
        lab.guests(name, *(guest.format(number) for guest in GUESTS))


def put_host_keys(lab: Lab) -> None:
    """As `pvecm add` of each node merges them into the cluster's list."""
    for name in lab.members:
        told = f"for name in {name} {lab.address(name)}; do echo \"$name $(cut -d' ' -f1-2 /etc/ssh/ssh_host_ed25519_key.pub)\"; done"
        lab.exec(name, "sh", "-c", f"{{ {told}; }} >>/etc/pve/priv/known_hosts", check=True)


def put_files(lab: Lab) -> None:
    """Those of /etc/pve that an installation writes, and a lab does without."""
    write = "cat >/etc/pve/storage.cfg && touch /etc/pve/priv/known_hosts"
    lab.exec(lab.members[0], "sh", "-c", write, input=STORAGE, check=True)


def boot(lab: Lab, layout: Layout) -> None:
    """A healthy lab of this layout, with the guests and files that the simulated nodes have."""
    lab.up(len(layout.nodes), layout.links, qnetd=layout.has_qdevice, token=layout.token_ms)
    if layout.has_qdevice:
        qdevice.set_up(lab)
    put_guests(lab)
    put_host_keys(lab)
