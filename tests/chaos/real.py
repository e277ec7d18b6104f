"""The same ground in the lab: real corosync, systemd and sshd, which a bot outside reaches through ports of the loopback."""

from __future__ import annotations

import re
import shutil
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

from bot.demo.nodes import KEY, KNOWN_HOSTS
from bot.run import KEPT, unit_of
from tests.chaos.ground import HELD, LEFT, Ground
from tests.lab.lab import Lab
from tests.lab.network import connect

CLUSTER = "lab"
CHUNK, CONNECT_S = 65_536, 5.0


@contextmanager
def real(lab: Lab, folder: Path) -> Iterator[Ground]:
    """Of two nodes. Both are members again afterwards."""
    shutil.copy(lab.key, folder / KEY)
    with ExitStack() as last:
        ports = {node: last.enter_context(_relayed(lab, node)) for node in lab.members}
        (folder / KNOWN_HOSTS).write_text("".join(_known(lab, node, port) for node, port in ports.items()))
        lab.exec(HELD, "systemctl", "stop", "corosync", check=True)
        last.callback(_mended, lab)
        lab.wait_members(1, [LEFT], quorate=False)
        yield Ground(CLUSTER, ports, partial(_sent, lab), partial(_ran, lab))


def _mended(lab: Lab) -> None:
    lab.exec(HELD, "systemctl", "unmask", "--runtime", "corosync", check=True)
    lab.exec(HELD, "systemctl", "start", "corosync", check=True)
    lab.wait_members(2)


def _known(lab: Lab, node: str, port: int) -> str:
    key = next(line.split()[1:] for line in lab.known_hosts().splitlines() if node in line.split()[0].split(","))
    return f"[127.0.0.1]:{port} {' '.join(key)}\n"


def _sent(lab: Lab, id_: str) -> list[str]:
    """As systemd wrote down each start, also one that was refused."""
    found = []
    for node in lab.members:
        journal = "journalctl --sync && journalctl --output=short-unix _PID=1"
        said = lab.exec(node, "sh", "-c", journal, check=True).stdout
        begun = rf"^([\d.]+) .*: Starting {unit_of(id_)}-(\d+)\.service"
        found += [(float(at), f"{id_}-{number}") for at, number in re.findall(begun, said, re.MULTILINE)]
    return [ticket for _, ticket in sorted(found)]


def _ran(lab: Lab, id_: str) -> dict[str, str]:
    wanted = f"cd {KEPT} && grep -lx 'success exited 0' {id_}-*.result || true"
    said = {node: lab.exec(node, "sh", "-c", wanted, check=True).stdout.split() for node in lab.members}
    return {name.removesuffix(".result"): node for node, names in said.items() for name in names}


@contextmanager
def _relayed(lab: Lab, node: str) -> Iterator[int]:
    """A port of the loopback that leads to the sshd of *node*."""

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with connect(lab, lab.address(node), 22, CONNECT_S) as far:
                far.settimeout(None)
                back = threading.Thread(target=_pump, args=(far, self.request))
                back.start()
                _pump(self.request, far)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as server:
        threading.Thread(target=server.serve_forever, name=f"relay-{node}").start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Until either end is gone; then both are."""
    with suppress(OSError):
        while data := one.recv(CHUNK):
            other.sendall(data)
    for each in (one, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
