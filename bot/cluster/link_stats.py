"""What a running corosync knows of each link to each other node: connected, latency, mtu, how often it went down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.cmap import read

_KEY = re.compile(r"stats\.knet\.node(\d{1,10})\.link(\d{1,9})\.(\w+)")


@dataclass(frozen=True)
class LinkStat:
    """One link to one peer, seen from one node. Latencies in microseconds; *samples* 0: never measured.

    *down_count* counts from the start of corosync and includes the first moment before a link comes up.
    """

    connected: bool
    enabled: bool
    latency_us: int
    latency_max_us: int
    samples: int
    mtu: int
    down_count: int
    tx_errors: int


@dataclass(frozen=True)
class LinkStats:
    """By the id of the peer and the link number, the node itself included; None: corosync does not run there."""

    ARGV: ClassVar[tuple[str, ...]] = ("corosync-cmapctl", "-m", "stats", "stats.knet")

    links: Mapping[tuple[int, int], LinkStat] | None

    @classmethod
    def parse(cls, output: Output) -> Self:
        keys = read(output)
        if keys is None:
            return cls(None)
        found: dict[tuple[int, int], dict[str, int]] = {}
        for key, value in keys.items():
            match = _KEY.fullmatch(key)
            if match and isinstance(value, int):
                found.setdefault((int(match[1]), int(match[2])), {})[match[3]] = value
        return cls({at: _stat(at, values) for at, values in sorted(found.items())})


def _stat(at: tuple[int, int], values: Mapping[str, int]) -> LinkStat:
    try:
        return LinkStat(
            connected=values["connected"] == 1,
            enabled=values["enabled"] == 1,
            latency_us=values["latency_ave"],
            latency_max_us=values["latency_max"],
            samples=values["latency_samples"],
            mtu=values["mtu"],
            down_count=values["down_count"],
            tx_errors=values["tx_total_errors"],
        )
    except KeyError as missing:
        raise Unreadable(f"stats.knet.node{at[0]}.link{at[1]} has no {missing}") from missing
