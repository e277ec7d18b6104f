"""Where cards hang and when they are drawn anew: each at most every two seconds, by one process at a time, never lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine

from bot.card import Card
from bot.docket import Edit
from bot.store import SqlCards, SqlDocket, free_claims
from bot.store.cards import EVERY_US, LENT_US
from tests.store.filed import filed

T0_US = 2_000_000_000_000_000  # after all that the tests' clock says


@pytest.fixture
def cards(engine: Engine) -> SqlCards:
    filed(engine)
    return SqlCards(engine)


@pytest.fixture
def change(engine: Engine) -> Callable[..., None]:
    def changed(at_us: int, *places: str) -> None:
        SqlDocket(engine, lambda: at_us).change("abc-1", lambda _now, _at_us: Edit(places=places))

    return changed


def drawn(cards: SqlCards, at_us: int, version: int = 1, again_us: int | None = None) -> Card:
    """The one that is due, once it hangs."""
    (one,) = cards.due(9, now_us=at_us)
    hung = replace(one, channel="C1", ts="1.5", drawn=version)
    cards.drawn(hung, now_us=at_us, again_us=again_us)
    return hung


def test_a_new_request_has_a_card_to_be_put_up_where_it_was_filed(cards: SqlCards) -> None:
    assert cards.due(9, now_us=T0_US) == [Card("abc-1", "C1")]


def test_one_that_is_being_drawn_is_nobody_elses_for_a_while(cards: SqlCards) -> None:
    cards.due(9, now_us=T0_US)
    assert cards.due(9, now_us=T0_US + LENT_US - 1) == []
    assert len(cards.due(9, now_us=T0_US + LENT_US)) == 1


def test_one_that_a_dead_process_was_drawing_is_drawn_at_once_by_who_is_alone(cards: SqlCards) -> None:
    cards.due(9, now_us=T0_US)
    free_claims(cards.engine)
    assert len(cards.due(9, now_us=T0_US + 1)) == 1


def test_one_that_was_drawn_just_before_still_waits_its_two_seconds(cards: SqlCards) -> None:
    drawn(cards, T0_US, again_us=T0_US + 60_000_000)
    free_claims(cards.engine)
    assert cards.due(9, now_us=T0_US + EVERY_US - 1) == []
    assert len(cards.due(9, now_us=T0_US + EVERY_US)) == 1


def test_one_that_hangs_and_waits_for_nothing_is_left_alone_by_who_starts(cards: SqlCards) -> None:
    drawn(cards, T0_US)
    free_claims(cards.engine)
    assert cards.due(9, now_us=T0_US + 10 * LENT_US) == []


def test_two_who_look_at_once_do_not_draw_the_same(cards: SqlCards) -> None:
    start = Barrier(4)

    def looks(_number: int) -> int:
        start.wait(10)
        return len(cards.due(9, now_us=T0_US))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(looks, range(4))) == 1


def test_one_that_shows_what_is_is_due_again_only_when_it_said_so(cards: SqlCards) -> None:
    drawn(cards, T0_US, again_us=T0_US + 60_000_000)
    assert cards.due(9, now_us=T0_US + 60_000_000 - 1) == []
    assert [one.ts for one in cards.due(9, now_us=T0_US + 60_000_000)] == ["1.5"]


def test_a_change_makes_it_due_but_not_within_two_seconds_of_the_last(
    cards: SqlCards, change: Callable[..., None]
) -> None:
    drawn(cards, T0_US)
    change(T0_US + 1)
    assert cards.due(9, now_us=T0_US + EVERY_US - 1) == []
    assert len(cards.due(9, now_us=T0_US + EVERY_US)) == 1


def test_a_change_while_it_is_being_drawn_is_not_lost(cards: SqlCards, change: Callable[..., None]) -> None:
    (one,) = cards.due(9, now_us=T0_US)
    change(T0_US + 1)
    cards.drawn(replace(one, channel="C1", ts="1.5", drawn=1), now_us=T0_US + 2, again_us=None)
    assert len(cards.due(9, now_us=T0_US + 2 + EVERY_US)) == 1


def test_one_that_could_not_be_drawn_is_tried_later_and_counted_or_never_again(cards: SqlCards) -> None:
    (one,) = cards.due(9, now_us=T0_US)
    cards.later(one, due_us=T0_US + 5)
    (again,) = cards.due(9, now_us=T0_US + 5)
    assert again.attempts == 1
    cards.later(again, due_us=None)
    assert cards.due(9, now_us=T0_US + 10 * LENT_US) == []


def test_one_put_up_anew_is_due_now_and_hangs_where_it_did_until_then(cards: SqlCards) -> None:
    drawn(cards, T0_US)
    cards.put_up("abc-1", "C1", now_us=T0_US + 1)
    (one,) = cards.due(9, now_us=T0_US + 1)
    assert one.is_anew
    assert cards.hung("abc-1", "C1") == "1.5"


def test_it_can_be_put_up_where_it_never_hung(cards: SqlCards) -> None:
    cards.put_up("abc-1", "UBOB", now_us=T0_US)
    assert {one.place for one in cards.due(9, now_us=T0_US)} == {"C1", "UBOB"}


def test_another_place_is_added_once_however_often_it_is_named(cards: SqlCards, change: Callable[..., None]) -> None:
    for _ in range(2):
        change(T0_US, "UBOB", "UBOB", "C1")
    assert sorted(one.place for one in cards.due(9, now_us=T0_US + EVERY_US)) == ["C1", "UBOB"]


def test_its_message_is_found_by_channel_and_by_place(cards: SqlCards) -> None:
    assert cards.hung("abc-1", "C1") == ""
    (one,) = cards.due(9, now_us=T0_US)
    cards.drawn(replace(one, channel="D7", ts="1.5", drawn=1), now_us=T0_US, again_us=None)
    assert (cards.hung("abc-1", "C1"), cards.hung("abc-1", "D7"), cards.hung("abc-1", "C9")) == ("1.5", "1.5", "")
