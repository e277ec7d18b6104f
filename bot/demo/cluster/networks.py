"""The networks between the simulated hosts: who has which address, and what comes back from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.demo.cluster.layout import MANAGEMENT
from bot.demo.cluster.situation import Power, Situation

PORTS = (22, 8006)
MANAGED_MS, FIRST_MS, STEP_MS = 0.21, 0.18, 0.04
PREFIX_LENGTH = 24


@dataclass(frozen=True)
class Interface:
    """*address* with *length* bits of network."""

    name: str
    address: str
    mtu: int
    length: int = PREFIX_LENGTH


def interfaces(now: Situation, node: str) -> tuple[Interface, ...]:
    """Without the loopback: the bridge of the management network, then a card for each cable."""
    layout = now.layout
    cards = [(f"ens{19 + link}", layout.address(node, link)) for link in range(layout.links)]
    bridge = ("vmbr0", layout.management(node))
    return tuple(Interface(name, address, layout.mtu) for name, address in (bridge, *cards))


def host_of(now: Situation, address: str) -> str | None:
    """Whose it is, by address or by host name, short or full."""
    if end := now.layout.end_of(address):
        return end[0]
    name = address.removesuffix(f".{now.layout.domain}")
    return name if name in now.layout.nodes else None


def latency_ms(now: Situation, node: str, address: str) -> float | None:
    """There and back from *node*; None: nothing comes back, for it is off, its cable is out, or nobody has the address."""
    host = host_of(now, address)
    if host is None or now.power_of(host) is Power.OFF or now.power_of(node) is not Power.ON:
        return None
    end = now.layout.end_of(address)
    cable = end[1] if end else MANAGEMENT
    if host != node and {(host, cable), (node, cable)} & now.cut:
        return None
    return 0.03 if host == node else dict(now.layout.latencies_ms).get(cable, _usual_ms(cable))


def tcp(now: Situation, node: str, address: str, port: int) -> str:
    """What a connection from *node* meets: `open`, `refused`, or `silent`."""
    if latency_ms(now, node, address) is None:
        return "silent"
    return "open" if port in PORTS else "refused"


def _usual_ms(cable: int) -> float:
    return MANAGED_MS if cable == MANAGEMENT else FIRST_MS + STEP_MS * cable
