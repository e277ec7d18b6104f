"""The last lines of corosync's journal, and what the known ones mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.json_answer import read_json

_LINK_TURNED = re.compile(r"host: (?P<host>\d{1,10}) link: (?P<link>\d{1,9}) (?:\(.*\) )?is (?P<state>up|down)")
_END_OF_TIME_US = 10**16  # in the year 2286; far beyond, no calendar has the day


@dataclass(frozen=True)
class LogLine:
    """One entry; *at_us* is the node's own clock, Unix time in microseconds."""

    at_us: int
    text: str


@dataclass(frozen=True)
class LinkTurn:
    """A link to a peer came up or went down, by the log of one node."""

    at_us: int
    peer_id: int
    link: int
    up: bool


@dataclass(frozen=True)
class CorosyncLog:
    """Oldest first. *asked_at_us*: when the bot asked, by its own clock."""

    ARGV: ClassVar[tuple[str, ...]] = (
        "journalctl",
        "--unit=corosync",
        "--no-pager",
        "--quiet",
        "--output=json",
        "--output-fields=MESSAGE",
        "--lines=1000",
    )

    lines: tuple[LogLine, ...]
    asked_at_us: int = 0

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0 or output.truncated:
            raise Unreadable(output.stderr.strip() or f"exit code {output.exit}, the log is not whole")
        numbered = enumerate(output.stdout.split("\n"), start=1)
        return cls(tuple(_line(number, raw) for number, raw in numbered if raw.strip()), output.sent_at_us)

    @property
    def link_turns(self) -> Iterator[LinkTurn]:
        for line in self.lines:
            if match := _LINK_TURNED.search(line.text):
                yield LinkTurn(line.at_us, int(match["host"]), int(match["link"]), match["state"] == "up")


def _line(number: int, raw: str) -> LogLine:
    entry = read_json(raw, first_line=number)
    try:
        return LogLine(_time(entry["__REALTIME_TIMESTAMP"]), _message(entry["MESSAGE"]))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise Unreadable(f"line {number}: {raw[:80]!r}") from error


def _time(value: str) -> int:
    at_us = int(value)
    if not 0 <= at_us < _END_OF_TIME_US:
        raise ValueError(at_us)
    return at_us


def _message(value: object) -> str:
    """A list of bytes when it is not UTF-8, null when it is too long (journalctl(1), JSON)."""
    if isinstance(value, list):
        return bytes(value).decode(errors="replace").strip()
    return value.strip() if isinstance(value, str) else "…"
