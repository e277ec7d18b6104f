"""How many keys may log in as root on a node: on a cluster's nodes they lie in /etc/pve, and go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

FILE = "/root/.ssh/authorized_keys"


@dataclass(frozen=True)
class LoginKeys:
    """*lines* 0: there is no such file, or what its link leads to is not there."""

    ARGV: ClassVar[tuple[str, ...]] = ("wc", "-l", FILE)

    lines: int

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0 and "No such file or directory" in output.stderr:
            return cls(0)
        count, _, path = output.stdout.strip().partition(" ")
        if output.exit != 0:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        if path != FILE or not count.isdecimal():
            raise Unreadable(f"line 1: {output.stdout[:200]!r}")
        return cls(int(count))
