"""What a simulated node says of its networks: its interfaces, its own name, what comes back from others, and what is left of a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.cluster.leftovers import FILES
from bot.cluster.paths import COUNT
from bot.demo.cluster import networks
from bot.demo.cluster.host import Argv, Host, Topic
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation

_HEADERS = 28
_CODES = {"open": (0, ""), "refused": (1, "connect: Connection refused"), "silent": (124, "")}


def _answer(host: Host, argv: Argv) -> Said | None:
    match argv:
        case ("ip", "-j", "addr"):
            return Said(json.dumps([_LOOPBACK, *_interfaces(host.now, host.node)]) + "\n")
        case ("hostname", "-i"):
            return Said(host.now.layout.management(host.node) + "\n")
        case ("ls", "-d", *paths) if tuple(paths) == FILES:
            return _left(host)
        case ("bash", "-c", _, "paths", *targets):
            return Said("".join(_told(host, *each) for each in _threes(targets)))
    return None


def _interfaces(now: Situation, node: str) -> Iterator[dict[str, object]]:
    for one in networks.interfaces(now, node):
        info = {"family": "inet", "local": one.address, "prefixlen": one.length, "scope": "global", "label": one.name}
        yield {"ifname": one.name, "mtu": one.mtu, "operstate": "UP", "link_type": "ether", "addr_info": [info]}


def _left(host: Host) -> Said:
    if host.now.conf_of(host.node) is not None:
        return Said("".join(f"{path}\n" for path in FILES))
    return Said("", "".join(f"ls: cannot access '{path}': No such file or directory\n" for path in FILES), 2)


def _threes(words: list[str]) -> Iterator[tuple[str, str, str]]:
    yield from zip(words[::3], words[1::3], words[2::3], strict=False)


def _told(host: Host, kind: str, address: str, size: str) -> str:
    if kind == "tcp":
        code, said = _CODES[networks.tcp(host.now, host.node, address, int(size))]
        return f"tcp {address} {size} {code}|{said}\n"
    latency = networks.latency_ms(host.now, host.node, address)
    received = COUNT if latency is not None and int(size) + _HEADERS <= host.now.layout.mtu else 0
    each = f"{int(size) + 8} bytes from {address}: icmp_seq=%d ttl=64 time={latency} ms|"
    lost = 100 * (COUNT - received) // COUNT
    counts = f"{COUNT} packets transmitted, {received} received, {lost}% packet loss, time 402ms"
    lines = "".join(each % number for number in range(1, received + 1))
    return (
        f"ping {address} {size} {int(not received)}|PING {address}|{lines}|--- {address} ping statistics ---|{counts}\n"
    )


def _guarded(_host: Host) -> tuple[Argv, ...]:
    return (("ip", "-j", "addr"), ("hostname", "-i"), ("ls", "-d", *FILES))


_LOOPBACK = {
    "ifname": "lo",
    "mtu": 65536,
    "operstate": "UNKNOWN",
    "link_type": "loopback",
    "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host", "label": "lo"}],
}

TOPIC = Topic(_answer, guarded=_guarded)
