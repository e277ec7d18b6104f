"""What comes back from other hosts' addresses to one node: `ping` with a given size, and connections to TCP ports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Self

from bot.action import Output, Unreadable

COUNT = 3
CONNECT_S = 3
SMALL = 56
# One line for each target, so that what runs side by side is not mixed; all of it takes about 3 s.
SCRIPT = f"""\
tell() {{ printf '%s %s|%s\\n' "$1" "$2" "${{3//$'\\n'/|}}"; }}
ping_() {{ said=$(ping -n -c {COUNT} -i 0.2 -W 1 -M do -s "$2" "$1" 2>&1); tell "ping $1 $2" $? "$said"; }}
tcp_() {{ said=$(timeout {CONNECT_S} bash -c ': <>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1); tell "tcp $1 $2" $? "$said"; }}
while [ $# -ge 3 ]; do
  "$1_" "$2" "$3" &
  shift 3
done
wait"""
_LINE = re.compile(r"(ping|tcp) (\S+) (\d{1,6}) (\d{1,3})\|(.*)")
_STATISTICS = re.compile(r"(\d{1,3}) packets transmitted, (\d{1,3}) received")
_TIME = re.compile(r"time=(\d{1,9}(?:\.\d{1,6})?) ms")
_TIMED_OUT = 124  # timeout(1)
_NOT_FOUND = 127


@dataclass(frozen=True)
class Ping:
    """*payload*: bytes, without the headers; it may not be fragmented on the way."""

    address: str
    payload: int = SMALL


@dataclass(frozen=True)
class Port:
    address: str
    number: int


@dataclass(frozen=True)
class Echo:
    """*received* of *sent*. *latency_ms*: there and back, of the middle one: the first has to find the way."""

    sent: int
    received: int
    latency_ms: float | None = None

    @property
    def loss_percent(self) -> int:
        return 100 * (self.sent - self.received) // self.sent if self.sent else 100


class Door(StrEnum):
    """What a connection meets. *silent*: nothing comes back in `CONNECT_S` seconds, or the network says that none will."""

    OPEN = "open"
    REFUSED = "refused"
    SILENT = "silent"


@dataclass(frozen=True)
class Paths:
    """*echoes*: empty for a node that has no `ping`, which then says nothing of them."""

    echoes: Mapping[Ping, Echo] = field(default_factory=dict)
    ports: Mapping[Port, Door] = field(default_factory=dict)

    @staticmethod
    def argv(pings: Iterable[Ping], ports: Iterable[Port] = ()) -> tuple[str, ...]:
        """Each target once, all side by side."""
        asked = [word for ping in dict.fromkeys(pings) for word in ("ping", ping.address, str(ping.payload))]
        asked += [word for port in dict.fromkeys(ports) for word in ("tcp", port.address, str(port.number))]
        return ("bash", "-c", SCRIPT, "paths", *asked)

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0 or output.truncated:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        echoes: dict[Ping, Echo] = {}
        ports: dict[Port, Door] = {}
        for number, line in enumerate(output.stdout.splitlines(), 1):
            found = _LINE.fullmatch(line)
            if found is None:
                raise Unreadable(f"line {number}: {line[:200]!r}")
            kind, address, size, code, said = found.groups()
            if kind == "tcp":
                ports[Port(address, int(size))] = _door(number, int(code), said)
            elif int(code) != _NOT_FOUND:
                echoes[Ping(address, int(size))] = _echo(number, said)
        return cls(echoes, ports)

    @property
    def asked(self) -> frozenset[str]:
        """The addresses of which it says anything."""
        return frozenset({ping.address for ping in self.echoes} | {port.address for port in self.ports})

    def door(self, address: str, port: int) -> Door | None:
        """None: it was not asked."""
        return self.ports.get(Port(address, port))

    def latency_ms(self, address: str) -> float | None:
        """Of the packets that came back, whatever their size, the small ones first."""
        times = [(ping.payload, echo.latency_ms) for ping, echo in self.echoes.items() if ping.address == address]
        return next((latency for _, latency in sorted(times) if latency is not None), None)

    def reaches(self, address: str) -> bool | None:
        """Whether anything at all came back from *address*; None: nobody asked, or could."""
        back = [echo.received > 0 for ping, echo in self.echoes.items() if ping.address == address]
        back += [door is not Door.SILENT for port, door in self.ports.items() if port.address == address]
        return any(back) if back else None


def _echo(number: int, said: str) -> Echo:
    counts = _STATISTICS.search(said)
    if counts is None and "unreachable" not in said:
        raise Unreadable(f"line {number}: {said[:200]!r}")
    sent, received = (int(counts[1]), int(counts[2])) if counts else (COUNT, 0)
    times = [float(time) for time in _TIME.findall(said)]
    return Echo(sent, received, median(times) if times and received else None)


def _door(number: int, code: int, said: str) -> Door:
    if code == 0:
        return Door.OPEN
    if "Connection refused" in said:
        return Door.REFUSED
    if code == _TIMED_OUT or "route to host" in said or "unreachable" in said or "timed out" in said:
        return Door.SILENT
    raise Unreadable(f"line {number}: {said[:200]!r}")
