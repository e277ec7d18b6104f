"""Commands that arrived are done once, and their answers reach people also after a restart."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from bot.event import Event, Kind
from bot.message import Asked, Letter
from bot.people import Account
from bot.store import NotRecorded, SqlInbox, SqlLedger, SqlOutbox, free_claims
from bot.store.inbox import DEAD_AFTER_US, KEPT_US
from bot.store.outbox import LENT_US
from tests.store.conftest import now_us

ASKED = Asked("k1", "status", Account("T1", "U1", "E1"), "slack", 7, "C1", "https://example.com/r")
ANSWERED = Event(Kind.COMMAND_ANSWERED, "T1/U1")
LETTER = Letter("ephemeral", "C1/U1", {"text": "é", "blocks": [{"n": 1}]}, 100)
MINUTE = 60_000_000


@pytest.fixture
def inbox(engine: Engine) -> SqlInbox:
    return SqlInbox(engine, now_us)


@pytest.fixture
def outbox(engine: Engine) -> SqlOutbox:
    return SqlOutbox(engine)


def take_one(inbox: SqlInbox, at_us: int = 10) -> Asked:
    (asked,) = inbox.take(5, now_us=at_us)
    return asked


def test_what_is_put_comes_back_whole_and_once(inbox: SqlInbox) -> None:
    assert inbox.put(ASKED)
    taken = take_one(inbox)
    assert Asked(**{**taken.__dict__, "id": 0}) == ASKED
    assert inbox.take(5, now_us=11) == []


def test_a_key_seen_before_is_not_recorded_again(inbox: SqlInbox) -> None:
    assert inbox.put(ASKED)
    assert not inbox.put(ASKED)
    inbox.finish(take_one(inbox), ANSWERED, [])
    assert not inbox.put(ASKED)
    assert inbox.take(5, now_us=20) == []


def test_no_more_are_taken_than_asked_for_oldest_first(inbox: SqlInbox) -> None:
    for key in "abc":
        inbox.put(Asked(key, key, ASKED.account, "slack", 7))
    assert [asked.key for asked in inbox.take(2, now_us=1)] == ["a", "b"]
    assert [asked.key for asked in inbox.take(2, now_us=1)] == ["c"]


def test_taking_records_the_command_once_even_if_its_first_taker_died(inbox: SqlInbox, ledger: SqlLedger) -> None:
    inbox.put(ASKED)
    first, another = take_one(inbox, 10), SqlInbox(inbox.engine, now_us)
    assert another.take(5, now_us=10 + DEAD_AFTER_US) == []
    assert take_one(another, 11 + DEAD_AFTER_US) == first
    (received,) = ledger.page(kind=Kind.COMMAND_RECEIVED)
    assert received.actor == "T1/U1"
    assert json.loads(received.body)["detail"]["line"] == "status"


def test_finishing_keeps_event_and_letters_together(inbox: SqlInbox, outbox: SqlOutbox, ledger: SqlLedger) -> None:
    inbox.put(ASKED)
    inbox.finish(take_one(inbox), ANSWERED, [LETTER])
    assert len(ledger.page(kind=Kind.COMMAND_ANSWERED)) == 1
    (letter,) = outbox.due(5, now_us=100)
    assert Letter(letter.way, letter.to, letter.payload, letter.due_us) == LETTER


def test_a_command_is_finished_once_whoever_tries(inbox: SqlInbox, outbox: SqlOutbox, ledger: SqlLedger) -> None:
    inbox.put(ASKED)
    taken = take_one(inbox)
    inbox.finish(taken, ANSWERED, [LETTER])
    with pytest.raises(NotRecorded, match="already answered"):
        inbox.finish(taken, ANSWERED, [LETTER])
    assert len(ledger.page(kind=Kind.COMMAND_ANSWERED)) == 1
    assert len(outbox.due(5, now_us=100)) == 1


def test_nothing_is_finished_when_the_event_cannot_be_recorded(inbox: SqlInbox, outbox: SqlOutbox) -> None:
    inbox.put(ASKED)
    taken = take_one(inbox, 10)
    with pytest.raises(UnicodeEncodeError):
        inbox.finish(taken, Event(Kind.COMMAND_ANSWERED, "\ud800"), [LETTER])
    assert outbox.due(5, now_us=100) == []
    inbox.leave(taken)
    assert take_one(inbox, 11 + DEAD_AFTER_US) == taken


def test_what_is_still_being_done_is_not_taken_again_however_long_it_takes(inbox: SqlInbox) -> None:
    inbox.put(ASKED)
    take_one(inbox, 10)
    assert inbox.take(5, now_us=10 + 9 * DEAD_AFTER_US) == []


def test_nobody_takes_what_its_owner_says_to_be_working_on(inbox: SqlInbox) -> None:
    inbox.put(ASKED)
    take_one(inbox, 10)
    another = SqlInbox(inbox.engine, now_us)
    inbox.beat(now_us=10 + MINUTE)
    assert another.take(5, now_us=10 + MINUTE + DEAD_AFTER_US) == []
    assert len(another.take(5, now_us=11 + MINUTE + DEAD_AFTER_US)) == 1


def test_who_was_taken_for_dead_finishes_nothing_and_keeps_nothing_from_the_heir(
    inbox: SqlInbox, outbox: SqlOutbox
) -> None:
    inbox.put(ASKED)
    taken, heir = take_one(inbox, 10), SqlInbox(inbox.engine, now_us)
    take_one(heir, 11 + DEAD_AFTER_US)
    inbox.beat(now_us=12 + 9 * DEAD_AFTER_US)
    with pytest.raises(NotRecorded, match="another process"):
        inbox.finish(taken, ANSWERED, [LETTER])
    assert outbox.due(5, now_us=100) == []
    third = SqlInbox(inbox.engine, now_us)
    assert len(third.take(5, now_us=12 + 2 * DEAD_AFTER_US)) == 1


def test_what_a_dead_process_held_is_free_at_once_for_who_is_alone(
    inbox: SqlInbox, outbox: SqlOutbox, ledger: SqlLedger
) -> None:
    for key in "ab":
        inbox.put(Asked(key, "x", ASKED.account, "slack", 7))
    first, second = inbox.take(5, now_us=10)
    inbox.finish(first, ANSWERED, [LETTER])
    assert len(outbox.due(5, now_us=100)) == 1
    free_claims(inbox.engine)
    assert SqlInbox(inbox.engine, now_us).take(5, now_us=11) == [second]
    assert len(outbox.due(5, now_us=101)) == 1
    assert len(ledger.page(kind=Kind.COMMAND_RECEIVED)) == 2


@pytest.mark.parametrize("line", ["\0", "x" * 100_000, "🎉 \u202e", "'; DROP TABLE inbox; --", "a\ud800b"])
def test_any_line_a_person_can_send_is_kept(inbox: SqlInbox, ledger: SqlLedger, line: str) -> None:
    assert inbox.put(Asked("k", line, ASKED.account, "slack", 7))
    assert take_one(inbox).line == line.replace("\ud800", "�")
    assert ledger.verify().is_whole


def test_fifty_at_once_are_all_kept_and_taken_by_one_only(inbox: SqlInbox, ledger: SqlLedger) -> None:
    with ThreadPoolExecutor(50) as pool:
        put = pool.map(lambda n: inbox.put(Asked(f"k{n % 40}", "x", ASKED.account, "slack", 7)), range(50))
        assert sum(put) == 40
        taken = [a.key for some in pool.map(lambda _: inbox.take(7, now_us=9), range(12)) for a in some]
    assert sorted(taken) == sorted(set(taken))
    assert ledger.verify().is_whole


def test_a_done_command_is_forgotten_after_a_day(inbox: SqlInbox) -> None:
    inbox.put(ASKED)
    inbox.finish(take_one(inbox), ANSWERED, [])
    inbox.put(Asked("k2", "x", ASKED.account, "slack", 7))
    inbox.take(5, now_us=now_us() + KEPT_US + MINUTE)
    assert inbox.put(ASKED)


def test_a_letter_goes_out_until_it_is_sent(inbox: SqlInbox, outbox: SqlOutbox) -> None:
    inbox.put(ASKED)
    inbox.finish(take_one(inbox), ANSWERED, [LETTER])
    assert outbox.due(5, now_us=99) == []
    (letter,) = outbox.due(5, now_us=100)
    assert outbox.due(5, now_us=101) == []
    assert outbox.due(5, now_us=101 + LENT_US) == [letter]
    outbox.later(letter, due_us=MINUTE * 9, why="429")
    assert outbox.due(5, now_us=MINUTE * 9 - 1) == []
    (again,) = outbox.due(5, now_us=MINUTE * 9)
    assert again.attempts == 1
    outbox.sent(again, now_us=MINUTE * 9)
    assert outbox.due(5, now_us=MINUTE * 99) == []


def test_a_letter_given_up_is_not_tried_again(inbox: SqlInbox, outbox: SqlOutbox) -> None:
    inbox.put(ASKED)
    inbox.finish(take_one(inbox), ANSWERED, [LETTER])
    (letter,) = outbox.due(5, now_us=100)
    outbox.given_up(letter, why="channel_not_found", now_us=101)
    outbox.later(letter, due_us=102, why="too late")
    assert outbox.due(5, now_us=MINUTE * 99) == []
