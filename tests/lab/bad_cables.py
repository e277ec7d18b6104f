"""Bad luck on one network of one node: a cable that is slow, narrow or picky, and a card with another MTU.

*net* is `mgmt`, `link0`, `link1`. Each is undone at its end; `Lab.heal` mends the cable too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab import cables
from tests.lab.kernel import LabError
from tests.lab.lab import Lab
from tests.lab.plan import NETS
from tests.lab.process import ROOT


@contextmanager
def slow(lab: Lab, node: str, net: str, delay_ms: float) -> Iterator[None]:
    """Each way takes *delay_ms* longer: a ping twice that."""
    with _worn(lab, node, net, delay_ms=delay_ms):
        yield


@contextmanager
def narrow(lab: Lab, node: str, net: str, max_bytes: int) -> Iterator[None]:
    """IP packets of more bytes vanish, though both ends may send them: a switch with another MTU."""
    with _worn(lab, node, net, max_bytes=max_bytes):
        yield


@contextmanager
def picky(lab: Lab, node: str, net: str, *dropped: str) -> Iterator[None]:
    """What goes to these ports vanishes: `udp:5405` is corosync on link 0, `udp:5406` on link 1."""
    with _worn(lab, node, net, dropped=dropped):
        yield


@contextmanager
def other_mtu(lab: Lab, node: str, net: str, mtu: int) -> Iterator[None]:
    """Of the node's own card."""
    card = f"eth{NETS.index(net)}"
    before = json.loads(lab.exec(node, "ip", "-j", "link", "show", card, check=True).stdout)[0]["mtu"]
    lab.exec(node, "ip", "link", "set", card, "mtu", str(mtu), check=True)
    try:
        yield
    finally:
        lab.exec(node, "ip", "link", "set", card, "mtu", str(before), check=True)


@contextmanager
def _worn(
    lab: Lab, node: str, net: str, *, delay_ms: float = 0, max_bytes: int = 0, dropped: tuple[str, ...] = ()
) -> Iterator[None]:
    """The node's port leaves its network and is joined to it again through a process that carries each frame."""
    port = cables.port(lab.nodes[node], NETS.index(net))
    ends = tuple(f"{port}-{side}" for side in ("n", "s"))
    apart = f"{port}-b"
    words = (*ends, str(delay_ms), str(max_bytes), *dropped)
    inside = ["nsenter", f"--net={lab.network}", sys.executable, "-m", "tests.lab.worn_cable", *words]
    with subprocess.Popen(inside, cwd=ROOT, stdout=subprocess.PIPE, text=True) as carrier:
        try:
            if carrier.stdout is None or carrier.stdout.readline() != "ready\n":
                raise LabError("the worn cable did not start")
            lab.ip(*_plugged(port, ends, apart, net))
            yield
        finally:
            carrier.kill()
    lab.ip(f"link set {port} master {net}", f"link del {apart}", "neigh flush all")


def _plugged(port: str, ends: tuple[str, ...], apart: str, net: str) -> Iterator[str]:
    yield f"link add {apart} type bridge"
    yield f"link set {apart} up"
    for end, bridge in zip(ends, (apart, net), strict=True):
        yield f"link set {end} master {bridge} up"
    yield f"link set {port} master {apart}"
