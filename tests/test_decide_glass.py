"""The one decision behind every door: glass that is broken, and reviewed."""

from dataclasses import replace
from typing import Any

import pytest

from bot.act import Deed
from bot.decide import Glass
from bot.people import Who
from bot.request import State
from tests.asking import ALICE, BOB, CAROL, NOON_US, plan, request
from tests.deciding import GLASS, TWO, decided, refusal


def test_break_glass_is_off_unless_it_is_configured() -> None:
    assert refusal(Deed.BREAK_GLASS, ALICE, reason="fire") == "Break-glass is not configured"


def test_break_glass_approves_ones_own_request_at_once_and_without_cooling_down() -> None:
    asked = request(demand=replace(TWO, cooldown_s=600, hours=("Sun 00:00-01:00 UTC",)))
    said = decided(Deed.BREAK_GLASS, ALICE, asked, glass=GLASS, reason="fire")
    assert said.vote is not None
    assert said.moved is not None
    assert said.moved.fields["by_glass"] is True
    assert said.moved.fields["not_before_us"] == NOON_US
    assert said.moved.why is not None
    assert "fire" in said.moved.why.to("en")


@pytest.mark.parametrize(
    ("person", "glass", "entered", "why"),
    [
        (BOB, GLASS, {"reason": "fire"}, "on their own request"),
        (ALICE, Glass("net"), {"reason": "fire"}, "members of net"),
        (ALICE, Glass("ops", "old-1"), {"reason": "fire"}, "old-1"),
        (ALICE, GLASS, {"reason": " "}, "needs a reason"),
        (ALICE, GLASS, {"reason": "fire", "plan_hash": ""}, "not this plan"),
    ],
)
def test_break_glass_has_its_own_conditions(person: Who, glass: Glass, entered: dict[str, Any], why: str) -> None:
    assert why in refusal(Deed.BREAK_GLASS, person, glass=glass, **entered)


def test_who_breaks_the_glass_types_the_word_that_another_would_have_to_type() -> None:
    asked = request(made=plan(confirm="pve-prod"))
    assert "pve-prod" in refusal(Deed.BREAK_GLASS, ALICE, asked, glass=GLASS, reason="fire")
    assert decided(Deed.BREAK_GLASS, ALICE, asked, glass=GLASS, reason="fire", typed="pve-prod ").moved is not None


def test_a_break_glass_is_reviewed_once_by_another_and_after_its_end() -> None:
    ended = request(state=State.SUCCEEDED, by_glass=True)
    assert decided(Deed.REVIEW, BOB, ended).fields == {"reviewed_by": "bob"}
    assert "Already" in refusal(Deed.REVIEW, CAROL, replace(ended, reviewed_by="bob"))
    refusal(Deed.REVIEW, ALICE, ended)
    refusal(Deed.REVIEW, BOB, replace(ended, by_glass=False))
    refusal(Deed.REVIEW, BOB, replace(ended, state=State.RUNNING))
