"""When something is allowed: `Mon-Fri 08:00-18:00 Europe/Paris`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FORM = re.compile(
    r"(?P<first>[A-Z][a-z]{2})(?:-(?P<last>[A-Z][a-z]{2}))? (?P<from>\d\d:\d\d)-(?P<to>\d\d:\d\d) (?P<zone>[\w/+-]+)"
)


@dataclass(frozen=True)
class Hours:
    """*days*: 0 is Monday. From *start*, included, to *end*, not included, on each of them."""

    days: frozenset[int]
    start: time
    end: time
    zone: ZoneInfo


def parse(words: str) -> Hours:
    """Raise `ValueError` if *words* is not of the form above."""
    found = _FORM.fullmatch(words)
    if found is None:
        raise ValueError(f"not hours, as in “Mon-Fri 08:00-18:00 Europe/Paris”: {words!r}")
    first = DAYS.index(found["first"])
    last = DAYS.index(found["last"] or found["first"])
    days = frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
    start, end = time.fromisoformat(found["from"]), time.fromisoformat(found["to"])
    if start >= end:
        raise ValueError(f"ends before it begins: {words!r}")
    try:
        return Hours(days, start, end, ZoneInfo(found["zone"]))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no such time zone: {found['zone']!r}") from None


def is_within(words: str, at_us: int) -> bool:
    hours = parse(words)
    there = datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(hours.zone)
    return there.weekday() in hours.days and hours.start <= there.time() < hours.end
