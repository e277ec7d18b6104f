"""Whoever Slack waits for does not queue behind those who have time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine

from bot.message import Asked
from bot.people import Account
from bot.store import NotRecorded, SqlInbox, open_engine
from bot.store.engine import ACK_BUSY_MS, writing
from tests.store.conftest import now_us

ALICE = Account("T1", "U1")


def test_a_quick_writer_does_not_queue_at_the_door_of_the_patient_ones(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    door, _turn = engine.get_execution_options()["turns"]
    with door, writing(engine, ACK_BUSY_MS) as connection:
        assert connection.in_transaction()
    engine.dispose()


def test_a_patient_writer_comes_through_the_door(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    door, _turn = engine.get_execution_options()["turns"]
    with door, pytest.raises(NotRecorded, match="busy"), writing(engine, ACK_BUSY_MS + 1):
        pass
    engine.dispose()


def test_many_are_put_together_and_each_key_once(engine: Engine) -> None:
    inbox = SqlInbox(engine, now_us)
    many = [Asked(f"k{n % 30}", f"{n}", ALICE, "slack", 7) for n in range(50)]
    assert inbox.put(*many) == 30
    assert inbox.put(*many) == 0
    assert [asked.line for asked in inbox.take(60, now_us=9)] == [f"{n}" for n in range(30)]


def test_two_who_put_the_same_keys_at_once_record_them_once(engine: Engine) -> None:
    inbox, start = SqlInbox(engine, now_us), Barrier(2)
    keys = [f"k{n}" for n in range(40)]

    def put(order: list[str]) -> int:
        start.wait(10)
        return inbox.put(*(Asked(key, "x", ALICE, "slack", 7) for key in order))

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(put, [keys, keys])) == 40
