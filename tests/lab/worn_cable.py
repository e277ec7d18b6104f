"""A cable between a node and its network that is slow, narrow or picky: each frame passes through this process.

Started by `faults` as `python -m tests.lab.worn_cable NODE_SIDE NET_SIDE DELAY_MS MAX_BYTES [DROPPED…]` in the lab's own
network; it makes the two taps of these names, says `ready`, and they vanish with it. A kernel need know neither netem nor
packet filters. *DROPPED*: `udp:5405`, `tcp:22`, by their destination port.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x2, 0x1000  # linux/if_tun.h
ETHERNET, IPV4 = 14, b"\x08\x00"
PROTOCOLS = {"udp": 17, "tcp": 6}


@dataclass(frozen=True)
class Wear:
    """*max_bytes*: of an IP packet; 0 for any."""

    delay_s: float
    max_bytes: int
    dropped: frozenset[tuple[int, int]]

    def passes(self, frame: bytes) -> bool:
        if self.max_bytes and len(frame) - ETHERNET > self.max_bytes:
            return False
        return _aim(frame) not in self.dropped


def _aim(frame: bytes) -> tuple[int, int] | None:
    """Protocol and destination port of an IPv4 packet, its first fragment at least."""
    packet = frame[ETHERNET:]
    if frame[12:14] != IPV4 or len(packet) < 24 or struct.unpack("!H", packet[6:8])[0] & 0x1FFF:
        return None
    ports = (packet[0] & 0x0F) * 4
    return packet[9], int.from_bytes(packet[ports + 2 : ports + 4], "big")


def tap(name: str) -> int:
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return fd


def carry(sides: tuple[int, int], wear: Wear) -> None:
    """For ever. What arrives on one side leaves on the other, *delay_s* later."""
    other = {sides[0]: sides[1], sides[1]: sides[0]}
    waiting: deque[tuple[float, int, bytes]] = deque()
    while True:
        within = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for side in select.select(sides, (), (), within)[0]:
            frame = os.read(side, 65536)
            if wear.passes(frame):
                waiting.append((time.monotonic() + wear.delay_s, other[side], frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, side, frame = waiting.popleft()
            with suppress(OSError):  # a card that is not up: on a real cable that frame is lost too
                os.write(side, frame)


def _aims(words: list[str]) -> frozenset[tuple[int, int]]:
    pairs = (word.split(":") for word in words)
    return frozenset((PROTOCOLS[protocol], int(port)) for protocol, port in pairs)


def main(node_side: str, net_side: str, delay_ms: str, max_bytes: str, *dropped: str) -> None:
    sides = tap(node_side), tap(net_side)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    carry(sides, Wear(float(delay_ms) / 1000, int(max_bytes), _aims(list(dropped))))


if __name__ == "__main__":
    main(*sys.argv[1:])
