"""The table of an action says which cells are empty, too many or wrong."""

from __future__ import annotations

from types import ModuleType

import pytest

from bot.action import Finding, Level, Report
from bot.text import Text
from bot.workflow import Answer
from tests.lab.matrix import Refusal, constants, gaps, names_of

GUESTS = Text(en="{node} has guests", fr="{node} a des machines")
ONLINE = Text(en="{node} is online", fr="{node} est en ligne")
REFUSALS = {"GUESTS": GUESTS, "ONLINE": ONLINE}
CASE = Refusal("remove pve03")


def module(**values: object) -> ModuleType:
    made = ModuleType("refusals")
    vars(made).update(values)
    return made


def test_every_text_of_a_module_is_a_refusal_and_nothing_else_is() -> None:
    assert constants(module(GUESTS=GUESTS, LIMIT=3), module(ONLINE=ONLINE)) == REFUSALS


def test_two_refusals_with_the_same_words_cannot_be_told_apart() -> None:
    with pytest.raises(ValueError, match="same words"):
        constants(module(GUESTS=GUESTS, AGAIN=GUESTS))


def test_empty_superfluous_and_double_cells_are_named() -> None:
    assert gaps(REFUSALS, {"GUESTS": CASE}, {"ONLINE": CASE}) == []
    assert gaps(REFUSALS, {"GUESTS": CASE, "GONE": CASE}, {"GUESTS": CASE}) == [
        "ONLINE has no case",
        "GONE is no refusal",
        "GUESTS has two cases",
    ]


def test_a_finding_is_known_by_its_template_whatever_fills_it() -> None:
    stranger = Text(en="{node} burns", fr="{node} brûle").fill(node="pve03")
    found = (
        Finding(Level.BAD, GUESTS.fill(node="is online"), blocks=True),
        Finding(Level.BAD, stranger, blocks=True),
        Finding(Level.BAD, ONLINE.fill(node="pve03")),
    )
    report = Report(Level.BAD, Text(en="No", fr="Non"), findings=found)
    assert names_of(Answer("remove pve03", report=report), REFUSALS) == {"GUESTS", "pve03 burns"}
