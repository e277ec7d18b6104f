"""One change of a request is one transaction: all of it is written, or nothing; and two of them never overlap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Connection, Engine, func, select

from bot.docket import Busy, Edit, Gone, InLine, Unreviewed
from bot.event import Kind
from bot.request import MOVES, Move, Moved, Progress, Request, State, StepRun, Verdict
from bot.store import NotRecorded, SqlDocket, SqlLedger
from bot.store.engine import reading
from bot.store.tables import card, outbox, request_vote
from bot.timers import REMIND_AT
from tests.asking import ALICE, BOB, CAROL, MINUTE_US, NOON_US
from tests.store.conftest import now_us
from tests.store.filed import APPROVED, everything, filed, letter, moved, vote


@pytest.fixture
def docket(engine: Engine) -> SqlDocket:
    return SqlDocket(engine, now_us)


def counts(engine: Engine) -> list[int]:
    """Votes, letters, cards, events."""
    with reading(engine) as connection:
        rows = [select(func.count()).select_from(table) for table in (request_vote, outbox, card)]
        found = [int(connection.execute(query).scalar_one()) for query in rows]
    return [*found, len(SqlLedger(engine, now_us).page(limit=1000))]


def kinds(engine: Engine) -> list[str]:
    return [row.kind for row in SqlLedger(engine, now_us).page() if row.request_id == "abc-1"]


def test_what_was_filed_is_read_back_as_it_was(engine: Engine, docket: SqlDocket) -> None:
    new = filed(engine, reason="é\u202e🎉", ticket="OPS-1")
    assert docket.get("abc-1") == new
    assert docket.get("abc-2") is None
    assert kinds(engine) == [Kind.REQUEST_CREATED]


def test_one_change_writes_state_vote_step_letters_cards_and_events_together(engine: Engine, docket: SqlDocket) -> None:
    new = filed(engine)
    changed = docket.change("abc-1", lambda now, _at_us: everything(now))
    assert docket.get("abc-1") == changed
    assert (changed.state, changed.version, changed.owner) == (State.APPROVED, new.version + 1, "me")
    assert changed.votes == (vote(new),)
    assert [step.progress for step in changed.steps] == [Progress.STARTED, Progress.TODO]
    assert counts(engine)[:3] == [1, 1, 2]
    assert kinds(engine)[1:] == [Kind.VOTE_RECORDED, Kind.RUN_STARTED, Kind.REQUEST_APPROVED]


class Unwilling(Exception):
    pass


def test_what_edit_raises_goes_through_and_nothing_is_written(engine: Engine, docket: SqlDocket) -> None:
    new, before = filed(engine), counts(engine)

    def edit(_now: Request, _at_us: int) -> Edit:
        raise Unwilling

    with pytest.raises(Unwilling):
        docket.change("abc-1", edit)
    assert docket.get("abc-1") == new
    assert counts(engine) == before


def test_an_error_after_all_else_is_written_takes_it_back(engine: Engine) -> None:
    new, before = filed(engine), counts(engine)

    def hand_over(_connection: Connection, _request: Request) -> None:
        raise Unwilling

    docket = SqlDocket(engine, now_us, hand_over)
    with pytest.raises(Unwilling):
        docket.change("abc-1", lambda now, _at_us: everything(now))
    assert docket.get("abc-1") == new
    assert counts(engine) == before


def test_a_second_vote_of_one_person_takes_back_all_that_came_with_it(engine: Engine, docket: SqlDocket) -> None:
    new = filed(engine)
    docket.change("abc-1", lambda _now, _at_us: Edit(vote=vote(new)))
    before, after = docket.get("abc-1"), counts(engine)
    again = Edit(vote=replace(vote(new), account=CAROL.account), letters=(letter(),))
    with pytest.raises(NotRecorded):
        docket.change("abc-1", lambda _now, _at_us: again)
    assert docket.get("abc-1") == before
    assert counts(engine) == after


def test_nothing_wanted_is_nothing_written(engine: Engine, docket: SqlDocket) -> None:
    new, before = filed(engine), counts(engine)
    assert docket.change("abc-1", lambda _now, _at_us: None) == new
    assert counts(engine) == before


def test_there_is_no_change_of_what_is_not_there(docket: SqlDocket) -> None:
    with pytest.raises(Gone):
        docket.change("abc-1", lambda _now, _at_us: Edit())


def test_only_an_approval_is_handed_over_and_in_its_own_transaction(engine: Engine) -> None:
    handed: list[tuple[str, State]] = []

    def hand_over(connection: Connection, request: Request) -> None:
        assert connection.in_transaction()
        handed.append((request.id, request.state))

    docket = SqlDocket(engine, now_us, hand_over)
    filed(engine)
    moved(docket, "abc-1", Move.APPROVE, Move.CLAIM, Move.SUCCEED)
    assert handed == [("abc-1", State.APPROVED)]


def test_of_two_changes_at_once_the_second_sees_what_the_first_has_written(engine: Engine, docket: SqlDocket) -> None:
    filed(engine)
    start = Barrier(8)

    def one_more(_number: int) -> int:
        start.wait(10)
        add = lambda now, _at_us: Edit(fields={"reminded": now.reminded + 1})  # noqa: E731 - one use, one line
        return docket.change("abc-1", add).version

    with ThreadPoolExecutor(8) as pool:
        versions = sorted(pool.map(one_more, range(8)))
    changed = docket.get("abc-1")
    assert changed is not None
    assert versions == list(range(2, 10))
    assert (changed.version, changed.reminded) == (9, 8)


def test_of_many_approvals_at_once_one_wins(engine: Engine, docket: SqlDocket) -> None:
    filed(engine)
    start = Barrier(6)

    def approve_if_pending(_number: int) -> int:
        won: list[int] = []

        def edit(now: Request, _at_us: int) -> Edit | None:
            if now.state is not State.PENDING:
                return None
            won.append(1)
            return Edit(moved=Moved(Move.APPROVE, fields=APPROVED))

        start.wait(10)
        docket.change("abc-1", edit)
        return len(won)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(approve_if_pending, range(6))) == 1
    assert kinds(engine).count(Kind.REQUEST_APPROVED) == 1


@pytest.mark.parametrize("first", [(Move.CLAIM,), (Move.CLAIM, Move.LOSE)])
def test_a_cluster_is_taken_while_a_run_lives_and_while_its_outcome_is_unknown(
    engine: Engine, docket: SqlDocket, first: tuple[Move, ...]
) -> None:
    for id_, cluster in (("a1", "pve-prod"), ("a2", "pve-prod"), ("b1", "pve-test")):
        filed(engine, id_, cluster=cluster)
        moved(docket, id_, Move.APPROVE)
    moved(docket, "a1", *first)
    before = counts(engine)
    with pytest.raises(Busy):
        moved(docket, "a2", Move.CLAIM)
    assert counts(engine) == before
    assert moved(docket, "b1", Move.CLAIM).state is State.RUNNING
    moved(docket, "a1", Move.RECONCILE if Move.LOSE in first else Move.FAIL)
    assert moved(docket, "a2", Move.CLAIM).state is State.RUNNING


def test_of_two_claims_on_one_cluster_at_the_same_moment_one_finds_it_busy(engine: Engine, docket: SqlDocket) -> None:
    for id_ in ("a1", "a2"):
        filed(engine, id_)
        moved(docket, id_, Move.APPROVE)
    start = Barrier(2)

    def claims(id_: str) -> bool:
        start.wait(10)
        try:
            return moved(docket, id_, Move.CLAIM).state is State.RUNNING
        except Busy:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(claims, ("a1", "a2"))) == [False, True]


def test_a_run_may_be_claimed_again_by_another_worker(engine: Engine, docket: SqlDocket) -> None:
    filed(engine)
    assert moved(docket, "abc-1", Move.APPROVE, Move.CLAIM, Move.CLAIM).state is State.RUNNING


def test_a_step_and_what_it_prints_are_read_back(engine: Engine, docket: SqlDocket) -> None:
    filed(engine)
    docket.change("abc-1", lambda _now, _at_us: Edit(heard=(1, "half\n")))
    ended = StepRun(0, Progress.FAILED, 3, "boot-1", 2, "all of it\n", 5, 9)
    changed = docket.change("abc-1", lambda _now, _at_us: Edit(step=ended))
    assert changed.steps == (ended, StepRun(1, said="half\n"))


def test_a_move_to_the_end_says_when(engine: Engine, docket: SqlDocket) -> None:
    filed(engine)
    assert moved(docket, "abc-1", Move.DENY).ended_us is not None
    filed(engine, "abc-2")
    assert moved(docket, "abc-2", Move.APPROVE).ended_us is None


def test_a_pending_request_is_due_at_its_reminders_and_its_end_and_an_ended_one_never(
    engine: Engine, docket: SqlDocket
) -> None:
    filed(engine)
    first_us = NOON_US + round(60 * MINUTE_US * REMIND_AT[0])
    assert docket.due(first_us - 1) == []
    assert [one.id for one in docket.due(first_us)] == ["abc-1"]
    docket.change("abc-1", lambda _now, _at_us: Edit(fields={"reminded": 2}))
    assert docket.due(NOON_US + 60 * MINUTE_US - 1) == []
    assert [one.id for one in docket.due(NOON_US + 60 * MINUTE_US)] == ["abc-1"]
    moved(docket, "abc-1", Move.APPROVE)
    assert [one.id for one in docket.due(1 << 60)] == ["abc-1"]
    moved(docket, "abc-1", Move.CLAIM)
    assert docket.due(1 << 62) == []


def test_what_is_due_first_comes_first(engine: Engine, docket: SqlDocket) -> None:
    for number, minutes in enumerate((30, 10, 20)):
        filed(engine, f"r{number}", approve_by_us=NOON_US + minutes * MINUTE_US)
    assert [one.id for one in docket.due(1 << 60)] == ["r1", "r2", "r0"]
    assert [one.id for one in docket.due(1 << 60, limit=1)] == ["r1"]


def test_the_newest_are_found_first_by_state_and_by_person(engine: Engine, docket: SqlDocket) -> None:
    for number, who in enumerate((ALICE, BOB, ALICE)):
        filed(engine, f"r{number}", person=who.person, created_us=NOON_US + number)
    moved(docket, "r0", Move.DENY)
    assert [one.id for one in docket.find([State.PENDING])] == ["r2", "r1"]
    assert [one.id for one in docket.find(list(State), person=ALICE.person)] == ["r2", "r0"]
    assert [one.id for one in docket.find(list(State), limit=1)] == ["r2"]
    assert docket.find([State.RUNNING]) == []


def test_in_line_are_those_that_run_wait_to_run_or_keep_their_cluster(engine: Engine, docket: SqlDocket) -> None:
    moves = {"r0": (), "r1": (Move.APPROVE,), "r2": (Move.APPROVE, Move.CLAIM), "r3": (Move.DENY,)}
    for id_, made in moves.items():
        filed(engine, id_, cluster=f"c-{id_}")
        moved(docket, id_, *made)
    assert sorted(docket.line(), key=lambda one: one.id) == [
        InLine("r1", "c-r1", State.APPROVED, 5, 5),
        InLine("r2", "c-r2", State.RUNNING, 5, 5),
    ]


def test_a_break_glass_that_nobody_reviewed_is_found_and_is_the_only_one(engine: Engine, docket: SqlDocket) -> None:
    """Whatever two bots read before: the second finds the first in the database itself."""
    assert docket.unreviewed() == ""
    for number in (1, 2):
        filed(engine, f"r{number}", created_us=NOON_US + number)
    broken = Edit(fields={"by_glass": True})
    docket.change("r1", lambda _now, _at_us: broken)
    assert docket.unreviewed() == "r1"
    with pytest.raises(Unreviewed):
        docket.change("r2", lambda _now, _at_us: broken)
    second = docket.get("r2")
    assert second is not None
    assert not second.by_glass
    docket.change("r1", lambda _now, _at_us: Edit(fields={"reviewed_by": "bob"}))
    docket.change("r2", lambda _now, _at_us: broken)
    assert docket.unreviewed() == "r2"


def test_the_clock_of_a_change_never_goes_back_behind_the_ledger(engine: Engine) -> None:
    filed(engine)
    ledger = SqlLedger(engine, now_us)
    last_us = ledger.page()[-1].at_us
    seen: list[int] = []

    def edit(_now: Request, at_us: int) -> None:
        seen.append(at_us)

    SqlDocket(engine, lambda: 0).change("abc-1", edit)
    assert seen[0] >= last_us


def test_every_state_and_verdict_fits_its_column(engine: Engine, docket: SqlDocket) -> None:
    """On PostgreSQL a word that is too long is an error."""
    for number, state in enumerate(State):
        filed(engine, f"r{number}", cluster=f"c{number}", state=state)
        assert [one.id for one in docket.find([state])] == [f"r{number}"]
    new = filed(engine, "v")
    for number, verdict in enumerate(Verdict):
        cast = vote(new, verdict=verdict, number=number)
        docket.change("v", lambda _now, _at_us, cast=cast: Edit(vote=cast))  # type: ignore[misc]  # bound in the loop
    for progress in Progress:
        docket.change("v", lambda _now, _at_us, progress=progress: Edit(step=StepRun(0, progress)))  # type: ignore[misc]  # bound in the loop
    assert MOVES.keys() == set(State)
