"""The table of a request's life, and everything that must know each of its states."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.docket import Edit, events
from bot.people import Who
from bot.request import BUSY, KINDS, MOVES, OPEN, Illegal, Move, Moved, Progress, State, StepRun, Verdict, Vote, after
from bot.words import MARKS, NAMES
from tests.asking import BOB, CAROL, NOON_US, request

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "requests.md"
ILLEGAL = [(state, move) for state in State for move in Move if move not in MOVES[state]]
LEGAL = [(state, move, to) for state, moves in MOVES.items() for move, to in moves.items()]


@pytest.mark.parametrize(("state", "move", "to"), LEGAL)
def test_a_move_of_the_table_leads_where_it_says(state: State, move: Move, to: State) -> None:
    assert after(state, move) is to


@pytest.mark.parametrize(("state", "move"), ILLEGAL)
def test_every_other_move_is_illegal_and_makes_no_event(state: State, move: Move) -> None:
    with pytest.raises(Illegal, match=move):
        after(state, move)
    with pytest.raises(Illegal):
        events(request(state=state), Edit(moved=Moved(move)))


def test_the_table_is_the_one_of_the_design() -> None:
    assert {(str(state), str(to)) for state, _, to in LEGAL} == {
        *(("pending", to) for to in ("approved", "denied", "cancelled", "expired", "superseded")),
        *(("approved", to) for to in ("running", "denied", "cancelled", "expired", "superseded")),
        *(("running", to) for to in ("running", "succeeded", "failed", "aborted", "indeterminate")),
        ("indeterminate", "reconciled"),
    }


def test_every_state_is_reached_from_pending_but_that_in_which_nobody_was_asked() -> None:
    reached, waiting = {State.PENDING}, [State.PENDING]
    while waiting:
        new = set(MOVES[waiting.pop()].values()) - reached
        reached |= new
        waiting += new
    assert reached == set(State) - {State.REFUSED}


def test_from_every_open_state_an_end_is_reached() -> None:
    for state in OPEN:
        assert _ends(state, frozenset())


def _ends(state: State, passed: frozenset[State]) -> bool:
    return state not in OPEN or any(_ends(to, passed | {state}) for to in MOVES[state].values() if to not in passed)


def test_nothing_leaves_an_end() -> None:
    ends = {state for state in State if state not in OPEN}
    assert ends == {State(name) for name in ENDS}
    assert not any(MOVES[state] for state in ends)


ENDS = ("succeeded", "failed", "aborted", "denied", "cancelled", "expired", "superseded", "reconciled", "refused")


def test_nothing_runs_but_from_approved() -> None:
    assert {state for state, move, to in LEGAL if to is State.RUNNING and state is not State.RUNNING} == {
        State.APPROVED
    }


def test_a_cluster_is_locked_while_a_run_is_live_or_its_outcome_unknown() -> None:
    assert {State.RUNNING, State.INDETERMINATE} == BUSY


@pytest.mark.parametrize("told", [NAMES, MARKS, KINDS], ids=["word", "mark", "audit kind"])
def test_each_state_has_one_of_its_own(told: dict[State, object]) -> None:
    assert set(told) == set(State)
    assert len({str(value) for value in told.values()}) == len(State)


@pytest.mark.parametrize("state", State)
def test_the_words_of_a_state_are_its_own_in_each_language(state: State) -> None:
    for language in ("en", "fr"):
        others = {NAMES[other].to(language) for other in State if other is not state}
        assert NAMES[state].to(language) not in others


@pytest.mark.parametrize(("state", "move", "to"), LEGAL)
def test_a_move_is_told_to_the_ledger_by_the_kind_of_the_state_it_leads_to(state: State, move: Move, to: State) -> None:
    (event,) = events(request(state=state), Edit(moved=Moved(move)))
    assert (event.kind, event.outcome, event.request_id) == (KINDS[to], to, "abc-1")


def test_the_output_of_a_step_is_in_the_ledger_by_its_digest_alone() -> None:
    ended = StepRun(0, Progress.DONE, 1, "boot", 0, "root password: sesame", NOON_US).ended_at(NOON_US + 5)
    (event,) = events(request(state=State.RUNNING), Edit(step=ended))
    assert "sesame" not in str(event)
    assert event.detail["took_us"] == 5


def said(person: Who, verdict: Verdict) -> Vote:
    return Vote(verdict, person.account, person.person, person.name, "", NOON_US, "button")


def test_what_was_said_about_running_and_about_the_outcome_is_told_apart() -> None:
    approval, did = said(BOB, Verdict.APPROVE), said(BOB, Verdict.DID)
    asked = request(votes=(approval, did))
    assert asked.said(Verdict.APPROVE) == asked.last_said(Verdict.APPROVE) == (approval,)
    assert asked.said(Verdict.DID) == asked.last_said(Verdict.DID) == (did,)


def test_who_has_said_the_contrary_since_says_so_no_more() -> None:
    asked = request(votes=(said(BOB, Verdict.DID), said(CAROL, Verdict.DID), said(BOB, Verdict.DID_NOT)))
    assert [vote.person for vote in asked.last_said(Verdict.DID)] == ["carol"]
    assert [vote.person for vote in asked.last_said(Verdict.DID_NOT)] == ["bob"]


def test_the_page_shows_the_table_as_it_is() -> None:
    assert _draw("--check", str(PAGE)).returncode == 0, "run scripts/draw-requests"


@pytest.mark.parametrize("line", ["    approved --> denied : stop\n", "    running : 🔄 running\n"])
def test_a_page_that_lacks_a_line_is_found_and_drawn_anew(line: str, tmp_path: Path) -> None:
    page, whole = tmp_path / "requests.md", PAGE.read_text(encoding="utf-8")
    page.write_text(whole.replace(line, ""), encoding="utf-8")
    assert _draw("--check", str(page)).returncode == 1
    assert _draw(str(page)).returncode == 0
    assert page.read_text(encoding="utf-8") == whole


def _draw(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "draw-requests"), *words], check=False, capture_output=True
    )


def test_each_move_is_explained_on_the_page() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    explained = {word for row in rows for word in row.split("|")[1].replace(",", " ").split()}
    assert explained - {"move"} == set(Move)
