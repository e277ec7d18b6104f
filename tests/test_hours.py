"""When something is allowed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hours import DAYS, is_within, parse

OFFICE = "Mon-Fri 08:00-18:00 Europe/Paris"


def us(there: str, zone: str = "Europe/Paris") -> int:
    return int(datetime.fromisoformat(there).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("words", "at", "within"),
    [
        (OFFICE, "2026-01-05T08:00:00", True),  # a Monday
        (OFFICE, "2026-01-05T07:59:59", False),
        (OFFICE, "2026-01-05T17:59:59", True),
        (OFFICE, "2026-01-05T18:00:00", False),
        (OFFICE, "2026-01-10T12:00:00", False),  # a Saturday
        (OFFICE, "2026-07-06T08:00:00", True),  # in summer it is another hour in UTC
        ("Sat-Sun 00:00-23:59 Europe/Paris", "2026-01-11T00:00:00", True),
        ("Fri-Mon 10:00-11:00 Europe/Paris", "2026-01-11T10:30:00", True),  # over the end of the week
        ("Fri-Mon 10:00-11:00 Europe/Paris", "2026-01-07T10:30:00", False),
        ("Wed 10:00-11:00 Europe/Paris", "2026-01-07T10:30:00", True),
        ("Wed 10:00-11:00 Europe/Paris", "2026-01-08T10:30:00", False),
    ],
)
def test_the_start_is_within_and_the_end_is_not_by_the_clock_of_the_zone(words: str, at: str, *, within: bool) -> None:
    assert is_within(words, us(at)) == within


@pytest.mark.parametrize(
    "words",
    [
        "",
        "always",
        "Mon-Fri 08:00-18:00",
        "Mon-Fri 08:00-18:00 Europe",
        "Mon-Fri 08:00-18:00 Europe/Nowhere",
        "Mon-Fri 08:00-18:00 ../../etc/passwd",
        "Mon-Fri 08:00-18:00 /etc/passwd",
        "Mon-Fry 08:00-18:00 Europe/Paris",
        "mon-fri 08:00-18:00 Europe/Paris",
        "Mon-Fri 8:00-18:00 Europe/Paris",
        "Mon-Fri 18:00-08:00 Europe/Paris",
        "Mon-Fri 08:00-08:00 Europe/Paris",
        "Mon-Fri 08:61-18:00 Europe/Paris",
        "Mon-Fri 08:00-18:00 Europe/Paris\n",
    ],
)
def test_what_is_not_hours_is_refused(words: str) -> None:
    with pytest.raises(ValueError):
        parse(words)


@given(st.text())
def test_any_other_words_are_hours_or_a_value_error(words: str) -> None:
    try:
        parse(words)
    except ValueError:
        return


@given(
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    st.integers(0, 1438),
    st.integers(1, 1439),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_hours_hold_on_each_day_from_the_first_to_the_last(
    first: str, last: str, start: int, long: int, at: datetime
) -> None:
    end = min(start + long, 1439)
    clock = [f"{minute // 60:02}:{minute % 60:02}" for minute in (start, end)]
    at = at.replace(tzinfo=UTC)
    days = {first}
    day = first
    while day != last:
        day = DAYS[(DAYS.index(day) + 1) % 7]
        days.add(day)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = at.strftime("%a") in days and timedelta(minutes=start) <= at - midnight < timedelta(minutes=end)
    words = f"{first}-{last} {clock[0]}-{clock[1]} UTC"
    assert is_within(words, round(at.timestamp() * 1_000_000)) == wanted
