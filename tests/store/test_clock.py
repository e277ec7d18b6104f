"""A request lives its full time also where the machine's clock is behind the ledger, and time goes on there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from bot.event import Event, Kind
from bot.store import SqlDocket, SqlLedger, behind_us, open_engine
from bot.store.clock import Clock
from bot.store.engine import reading
from tests.asking import NOON_US

HOUR_US = 3_600_000_000


@dataclass
class Times:
    """What the machine says, and how long it is up."""

    now_us: int = NOON_US - HOUR_US
    up_us: int = 7

    def pass_us(self, us: int) -> None:
        self.now_us += us
        self.up_us += us


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """Its ledger ends at noon."""
    engine = open_engine(sqlite_url)
    SqlLedger(engine, lambda: NOON_US).record(Event(Kind.BOT_STARTED, "bot"))
    yield engine
    engine.dispose()


def test_it_is_never_earlier_than_the_ledger_and_goes_on_from_there(engine: Engine) -> None:
    times = Times()
    clock = Clock(lambda: times.now_us, lambda: times.up_us)
    with reading(engine) as connection:
        assert clock.read(connection) == NOON_US
        times.pass_us(5)
        assert clock.read(connection) == NOON_US + 5
        times.now_us = NOON_US + HOUR_US  # somebody set it right
        assert clock.read(connection) == NOON_US + HOUR_US
        times.now_us -= HOUR_US  # and wrong again
        times.up_us += 3
        assert clock.read(connection) == NOON_US + HOUR_US + 3


def test_how_far_it_is_behind_is_known_and_nothing_where_it_is_not(engine: Engine) -> None:
    assert behind_us(engine, lambda: NOON_US - HOUR_US) == HOUR_US
    assert behind_us(engine, lambda: NOON_US + 1) == 0


def test_a_request_is_made_by_the_clock_by_which_it_is_voted_on(engine: Engine) -> None:
    docket = SqlDocket(engine, lambda: NOON_US - HOUR_US)
    assert NOON_US <= docket.clock_us() <= docket.clock_us()
