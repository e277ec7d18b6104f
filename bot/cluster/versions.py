"""Which Proxmox VE, corosync and kernel a node runs, and since when it is up: all without the start of Perl."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

_INSTALLED = re.compile(r"^Status: \S+ ok installed$", re.MULTILINE)
_PACKAGE = re.compile(r"^Version: ([0-9][\w.:~+-]*)$", re.MULTILINE)
_COROSYNC = re.compile(r"Corosync Cluster Engine, version '([^']+)'")
_UPTIME = re.compile(r"(\d{1,12})\.\d+ \d+\.\d+")


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
    """The version of the package pve-manager, which is the one that `pveversion` prints."""

    ARGV: ClassVar = ("dpkg-query", "--status", "pve-manager")

    version: str

    @classmethod
    def parse(cls, output: Output) -> Self:
        found = _PACKAGE.search(output.stdout)
        if output.exit != 0 or found is None or not _INSTALLED.search(output.stdout):
            raise Unreadable(f"line 1: {(output.stdout or output.stderr).strip()[:200]!r}")
        return cls(found[1])


@dataclass(frozen=True)
class CorosyncVersion:
    ARGV: ClassVar = ("corosync", "-v")

    version: str

    @classmethod
    def parse(cls, output: Output) -> Self:
        return cls(_matched(_COROSYNC, output)[1])


@dataclass(frozen=True)
class Booted:
    """The kernel that runs, and for how long."""

    ARGV: ClassVar = ("cat", "/proc/uptime", "/proc/sys/kernel/osrelease")

    uptime_s: int
    kernel: str

    @classmethod
    def parse(cls, output: Output) -> Self:
        uptime = _matched(_UPTIME, output)
        kernel = output.stdout.strip().split("\n")[1:]
        if len(kernel) != 1:
            raise Unreadable(f"line 2: {' '.join(kernel)[:200]!r}")
        return cls(int(uptime[1]), kernel[0].strip())
