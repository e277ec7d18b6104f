"""Two people at the same moment, and moves that cannot be, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from bot.act import Act, Deed
from bot.docket import Edit
from bot.people import Account, Who
from bot.request import MOVES, Illegal, Move, Moved, State, Verdict
from bot.store.ledger import SqlLedger
from bot.text import Refused
from tests.model.clock import Clock
from tests.model.fakes import account
from tests.model.replay import Replay


@dataclass
class Interrupted:
    """People who are asked about while something else happens, once."""

    people: Callable[[Account], Who]
    meanwhile: Callable[[], object]
    asked: list[Account] = field(default_factory=list)

    def who_now(self, account: Account) -> Who:
        self.asked.append(account)
        if len(self.asked) == 1:
            self.meanwhile()
        return self.people(account)


@pytest.fixture
def replay(clock: Clock) -> Iterator[Replay]:
    replay = Replay(clock.engine, clock.now_us, clock.set, "once")
    yield replay
    replay.close()


def approval(replay: Replay) -> Act:
    return Act(Deed.APPROVE, "once", "button", replay.request.plan_hash)


def test_two_votes_at_the_same_moment_are_both_counted(replay: Replay) -> None:
    act = approval(replay)
    other = Interrupted(replay.people.who_now, lambda: replay.judge.hear(act, account("a")))
    replace(replay.judge, people=other).hear(act, account("b"))
    assert replay.request.state is State.APPROVED
    assert {vote.person for vote in replay.request.said(Verdict.APPROVE)} == {"a", "b"}


def test_who_left_while_another_voted_is_not_counted(replay: Replay) -> None:
    act = approval(replay)

    def voted_and_left() -> None:
        replay.judge.hear(act, account("m"))
        replay.people.gone = True

    late = Interrupted(replay.people.who_now, voted_and_left)
    replace(replay.judge, people=late).hear(act, account("b"))
    assert replay.request.state is State.PENDING


def test_a_denial_needs_to_know_nobody_but_who_denies(replay: Replay) -> None:
    replay.judge.hear(approval(replay), account("m"))
    asked = Interrupted(replay.people.who_now, lambda: None)
    replace(replay.judge, people=asked).hear(Act(Deed.DENY, "once", "button"), account("b"))
    assert asked.asked == [account("b")]
    assert replay.request.state is State.DENIED


def test_a_double_click_is_one_vote_and_one_clear_sentence(replay: Replay) -> None:
    replay.judge.hear(approval(replay), account("a"))
    before = replay.request
    with pytest.raises(Refused, match="counts once"):
        replay.judge.hear(approval(replay), account("a"))
    assert replay.request == before


@pytest.mark.parametrize("move", [move for move in Move if move not in MOVES[State.PENDING]])
def test_a_move_that_cannot_be_changes_nothing_and_leaves_no_event(replay: Replay, move: Move) -> None:
    ledger = SqlLedger(replay.engine, replay.now_us)
    before, events = replay.request, len(ledger.page())
    with pytest.raises(Illegal):
        replay.docket.change("once", lambda _now, _at_us: Edit(moved=Moved(move), fields={"owner": "me"}))
    assert replay.request == before
    assert len(ledger.page()) == events
