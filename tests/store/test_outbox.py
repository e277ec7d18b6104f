"""Letters are lent to one process at a time, oldest first, and none overtakes another on its way to the same reader."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, insert, select

from bot.message import Letter
from bot.store import SqlOutbox, ready_engine
from bot.store.outbox import KEPT_US, LENT_US, letter_row
from bot.store.tables import outbox as table

NOON_US = 1_767_268_800_000_000


@pytest.fixture
def outbox(engine: Engine) -> SqlOutbox:
    return SqlOutbox(engine)


def put(engine: Engine, *tos: str, due_us: int = NOON_US) -> None:
    letters = [Letter("message", to, {"n": number}, due_us) for number, to in enumerate(tos)]
    with engine.begin() as connection:
        connection.execute(insert(table), [letter_row(letter) for letter in letters])


def due(outbox: SqlOutbox, at_us: int = NOON_US, limit: int = 9) -> list[tuple[str, object]]:
    return [(letter.to, letter.payload["n"]) for letter in outbox.due(limit, now_us=at_us)]


def test_each_reader_gets_the_oldest_and_the_next_only_once_that_is_done(engine: Engine, outbox: SqlOutbox) -> None:
    put(engine, "A", "A", "B")
    first, _ = outbox.due(9, now_us=NOON_US)
    assert due(outbox) == []
    outbox.sent(first, now_us=NOON_US)
    assert due(outbox) == [("A", 1)]


def test_a_letter_put_off_is_not_overtaken_by_a_later_one(engine: Engine, outbox: SqlOutbox) -> None:
    put(engine, "A", "A")
    (first,) = outbox.due(9, now_us=NOON_US)
    outbox.later(first, due_us=NOON_US + 30, why="429")
    assert due(outbox, NOON_US + 29) == []
    assert due(outbox, NOON_US + 30) == [("A", 0)]


def test_a_letter_given_up_makes_way_for_the_next(engine: Engine, outbox: SqlOutbox) -> None:
    put(engine, "A", "A")
    (first,) = outbox.due(9, now_us=NOON_US)
    outbox.given_up(first, why="channel_not_found", now_us=NOON_US)
    assert due(outbox) == [("A", 1)]


def test_the_oldest_go_first_whenever_they_were_due(engine: Engine, outbox: SqlOutbox) -> None:
    put(engine, "A", due_us=NOON_US + 5)
    put(engine, "B", "C", due_us=NOON_US)
    assert due(outbox, NOON_US + 9, limit=2) == [("A", 0), ("B", 0)]
    assert due(outbox, NOON_US + 9, limit=2) == [("C", 1)]


def test_what_a_dead_process_had_borrowed_goes_to_a_new_one(url: str, engine: Engine, outbox: SqlOutbox) -> None:
    put(engine, "A")
    assert due(outbox) == [("A", 0)]
    engine.dispose()
    another = ready_engine(url)
    try:
        assert due(SqlOutbox(another), NOON_US + LENT_US) == []
        assert due(SqlOutbox(another), NOON_US + LENT_US + 1) == [("A", 0)]
    finally:
        another.dispose()


def test_of_many_who_ask_at_once_each_letter_goes_to_one(engine: Engine, outbox: SqlOutbox) -> None:
    put(engine, *(f"reader {n}" for n in range(40)))
    with ThreadPoolExecutor(8) as pool:
        taken = [one for some in pool.map(lambda _: due(outbox, limit=7), range(16)) for one in some]
    assert len(taken) == len(set(taken)) == 40


def test_what_was_sent_is_forgotten_after_a_day(engine: Engine, outbox: SqlOutbox) -> None:
    put(engine, "A")
    (letter,) = outbox.due(9, now_us=NOON_US)
    outbox.sent(letter, now_us=NOON_US)
    put(engine, "B", "C")
    for at_us, kept in ((NOON_US + KEPT_US, ["A", "B", "C"]), (NOON_US + KEPT_US + 1, ["B", "C"])):
        outbox.due(1, now_us=at_us)
        with engine.connect() as connection:
            assert list(connection.execute(select(table.c.to).order_by(table.c.id)).scalars()) == kept


def test_an_end_that_is_recorded_is_not_changed_by_one_who_comes_late(engine: Engine, outbox: SqlOutbox) -> None:
    put(engine, "A")
    (letter,) = outbox.due(9, now_us=NOON_US)
    outbox.sent(letter, now_us=NOON_US)
    outbox.later(letter, due_us=NOON_US + 1, why="429")
    assert due(outbox, NOON_US + LENT_US * 2) == []
