"""A card says what its state is about, and has the buttons of that state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.demand import Demand, Slot
from bot.docket import InLine
from bot.people import Account
from bot.plan import hash_of
from bot.request import Progress, Request, State, StepRun, Verdict, Vote
from bot.slack.forms import is_whole
from bot.slack.request_card import draw
from bot.slack.request_rows import moment
from bot.text import Language
from bot.words import MARKS, NAMES
from tests.asking import NOON_US, PVE01, plan, request
from tests.slack.any_request import LANGUAGES, said


def buttons(asked: Request, language: Language = "en", *, glass: bool = False) -> list[str]:
    blocks: Any = draw(asked, NOON_US, language, has_glass=glass).blocks
    return [one["action_id"] for block in blocks if block["type"] == "actions" for one in block["elements"]]


BUTTONS = {
    State.PENDING: ["approve", "deny", "cancel", "form/plan"],
    State.APPROVED: ["stop", "cancel"],
    State.RUNNING: ["stop"],
    State.INDETERMINATE: ["did", "did_not"],
    State.DENIED: ["form/explain"],
    State.EXPIRED: ["again"],
    State.SUPERSEDED: ["again"],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", State)
def test_each_state_has_its_own_word_mark_and_buttons(state: State, language: Language) -> None:
    drawn = draw(request(state=state), NOON_US, language)
    assert f"{MARKS[state]} " in drawn.text
    assert NAMES[state].to(language) in drawn.text
    assert buttons(request(state=state), language) == BUTTONS.get(state, [])


def test_no_two_states_look_alike() -> None:
    assert len({(MARKS[state], NAMES[state].to(language)) for state in State for language in LANGUAGES}) == 2 * len(
        State
    )


def test_glass_is_broken_and_reviewed_only_where_it_may_be() -> None:
    assert buttons(request(), glass=True)[-1] == "form/break_glass"
    broken = request(state=State.SUCCEEDED, by_glass=True)
    assert buttons(broken) == ["review"]
    assert buttons(replace(broken, reviewed_by="bob")) == []
    assert buttons(request(state=State.RUNNING, by_glass=True)) == ["stop"]


def test_a_plan_that_no_form_can_show_has_no_button_that_approves_it_and_says_so() -> None:
    asked = request(made=plan(steps=3_000))
    assert not is_whole(asked)
    assert buttons(asked, glass=True) == ["deny", "cancel"]
    for language, words in (("en", "nobody can approve it"), ("fr", "personne ne peut l'approuver")):
        drawn = draw(asked, NOON_US, language)  # type: ignore[arg-type]
        assert words in said(drawn.blocks)
        assert drawn.plan_file


def test_who_has_voted_and_who_is_still_needed_are_named() -> None:
    vote = Vote(
        Verdict.APPROVE, Account("T1", "UBOB"), "bob", "bob", "0" * 64, NOON_US, "button", groups=frozenset({"ops"})
    )
    drawn = draw(request(demand=Demand((Slot("ops", 2), Slot("net"))), votes=(vote,)), NOON_US, "en")
    assert "Needs: 2 of: ops and net" in drawn.text
    assert f"Approved by: bob · {moment(NOON_US)}" in drawn.text
    assert "Still needed: ops and net" in drawn.text


def test_of_a_long_output_the_end_is_shown_and_how_much_was_before_it() -> None:
    step = StepRun(0, Progress.STARTED, said="a" * 10_000 + "the end")
    drawn = draw(request(state=State.RUNNING, steps=(step,)), NOON_US, "en")
    assert "the end" in said(drawn.blocks)
    assert "… 8007 characters before this:" in said(drawn.blocks)


def test_a_card_of_one_request_is_the_same_whenever_it_is_drawn() -> None:
    asked = request(made=plan(steps=2))
    assert hash_of(str(draw(asked, NOON_US, "en"))) == hash_of(str(draw(asked, NOON_US, "en")))
    assert asked.plan.steps[0].on == PVE01


@pytest.mark.parametrize("progress", [Progress.UNKNOWN, Progress.STARTED])
def test_of_unknown_outcome_the_place_to_look_is_named_and_that_the_cluster_is_locked(progress: Progress) -> None:
    lost = request(
        state=State.INDETERMINATE, steps=(StepRun(0, Progress.DONE), StepRun(1, progress)), made=plan(steps=2)
    )
    text = draw(lost, NOON_US, "en").text
    assert "Look at: on pve01: `systemctl status pve-cluster-bot-abc-1-1`" in text
    assert "/var/lib/pve-cluster-bot the files abc-1-1.result" in text
    assert "docs/run-once.md" in text
    assert "takes no other change until people have said here" in text
    assert "abc-1-0" not in text


def test_what_waits_names_what_it_waits_for() -> None:
    asked = request(state=State.APPROVED, execute_by_us=NOON_US)
    running, lost = (
        InLine("r7", "pve-prod", state, NOON_US, NOON_US) for state in (State.RUNNING, State.INDETERMINATE)
    )
    assert "Waits for: request r7, running" in draw(asked, NOON_US, "en", ahead=running).text
    assert "people must settle it first (/pve-cluster requests r7)" in draw(asked, NOON_US, "en", ahead=lost).text
    assert "Waits for" not in draw(asked, NOON_US, "en").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_long_plan_findings_quorum_and_undo_stay_on_the_card_and_only_commands_leave(language: Language) -> None:
    long = request(made=plan(steps=40))
    drawn = draw(long, NOON_US, language)
    shown = said(drawn.blocks)
    assert drawn.plan_file
    assert "four are away" in shown
    assert {"en": "Votes present", "fr": "Voix présentes"}[language] in shown
    assert long.plan.undo.to(language) in shown
    assert "40. step 39" in shown
    assert "pvecm expected" not in shown


def test_findings_and_quorum_stand_before_commands_and_guards() -> None:
    text = draw(request(), NOON_US, "en").text
    assert (
        text.index("four are away") < text.index("Votes present") < text.index("To undo") < text.index("pvecm expected")
    )


def test_what_is_needed_is_said_once_while_nobody_has_voted() -> None:
    text = draw(request(demand=Demand((Slot("ops", 2),))), NOON_US, "en").text
    assert text.count("2 of: ops") == 1


def test_the_last_minute_is_no_minute_of_nothing() -> None:
    late = NOON_US + 59 * 60_000_000 + 1_000_000
    assert "less than 1 min left" in draw(request(), late, "en").text
    assert "1 min left" in draw(request(), NOON_US + 59 * 60_000_000, "en").text


def test_breaking_glass_is_not_breaking_the_ice_in_french() -> None:
    assert "Bris de glace…" in str(draw(request(), NOON_US, "fr", has_glass=True).blocks)
