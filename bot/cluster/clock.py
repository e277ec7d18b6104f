"""A node's clock against the bot's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

_NOW = re.compile(r"(\d{1,12})\.(\d{9})\s*")


@dataclass(frozen=True)
class Clock:
    """*offset_us*: the node's clock minus the bot's, give or take *error_us* (half of the time the question took)."""

    ARGV: ClassVar = ("date", "+%s.%N")

    offset_us: int
    error_us: int

    @classmethod
    def parse(cls, output: Output) -> Self:
        found = _NOW.fullmatch(output.stdout)
        if output.exit != 0 or found is None:
            raise Unreadable(f"line 1: {(output.stdout or output.stderr)[:200]!r}")
        now_us = int(found[1]) * 1_000_000 + int(found[2]) // 1000
        half = (output.took_us + 1) // 2
        return cls(now_us - output.sent_at_us - half, half)

    def is_off_by_more_than(self, limit_us: int) -> bool:
        """Whether it is surely so, the time the question took allowed for."""
        return abs(self.offset_us) - self.error_us > limit_us
