"""Which Proxmox VE and which corosync a node runs, and since when it is up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

_PVE = re.compile(r"pve-manager/([0-9][\w.~+-]*)/\w+ \(running kernel: ([^)]+)\)")
_COROSYNC = re.compile(r"Corosync Cluster Engine, version '([^']+)'")
_UPTIME = re.compile(r"(\d+)\.\d+ \d+\.\d+")


def _first_line(output: Output) -> str:
    if output.exit != 0:
        raise Unreadable(f"exit {output.exit}: {(output.stderr or output.stdout).strip()[:200]!r}")
    return output.stdout.strip().split("\n", 1)[0]


def _matched(pattern: re.Pattern[str], output: Output) -> re.Match[str]:
    line = _first_line(output)
    found = pattern.match(line)
    if found is None:
        raise Unreadable(f"line 1: {line[:200]!r}")
    return found


@dataclass(frozen=True)
class PveVersion:
    ARGV: ClassVar = ("pveversion",)

    version: str
    kernel: str

    @classmethod
    def parse(cls, output: Output) -> Self:
        found = _matched(_PVE, output)
        return cls(found[1], found[2])


@dataclass(frozen=True)
class CorosyncVersion:
    ARGV: ClassVar = ("corosync", "-v")

    version: str

    @classmethod
    def parse(cls, output: Output) -> Self:
        return cls(_matched(_COROSYNC, output)[1])


@dataclass(frozen=True)
class Uptime:
    ARGV: ClassVar = ("cat", "/proc/uptime")

    seconds: int

    @classmethod
    def parse(cls, output: Output) -> Self:
        return cls(int(_matched(_UPTIME, output)[1]))
