"""Blocks that Slack takes, and blocks that it refuses, each for one reason."""

from __future__ import annotations

import pytest

from bot.demo.slack.kit.lint import mistakes
from tests.demo.slack.running import BUTTON, SECTION


def words(text="x", kind="mrkdwn"):
    return {"type": kind, "text": text}


def plain(text="x"):
    return words(text, "plain_text")


def section(**more):
    return {"type": "section", "text": words()} | more


def table(rows, **more):
    return {"type": "table", "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows]} | more


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def option(value="a"):
    return {"text": plain(), "value": value}


def select(**more):
    return {"type": "static_select", "action_id": "s", "options": [option()]} | more


def entry(element, **more):
    return {"type": "input", "label": plain(), "element": element} | more


TEXT_INPUT = {"type": "plain_text_input", "action_id": "t"}
RICH = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "a", "style": {"bold": True}}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "pvecm status"}]},
    ],
}
TAKEN = [
    ("message", SECTION),
    ("message", section(fields=[words()] * 10)),
    ("message", {"type": "header", "text": plain("x" * 150)}),
    ("message", {"type": "divider"}),
    (
        "message",
        {"type": "context", "elements": [words(), {"type": "image", "image_url": "http://x", "alt_text": "x"}]},
    ),
    ("message", actions(BUTTON, select())),
    ("message", table([["a", "b"], ["c", "d"]], column_settings=[{"align": "right"}, None])),
    ("message", {"type": "table", "rows": [[{"type": "rich_text", "elements": RICH["elements"]}]]}),
    ("message", {"type": "table", "rows": [[{"type": "raw_number", "value": 4, "text": "4"}]]}),
    ("message", {"type": "markdown", "text": "# x"}),
    ("message", {"type": "image", "image_url": "http://x", "alt_text": "x"}),
    ("message", entry(TEXT_INPUT)),
    ("message", RICH),
    ("modal", entry(TEXT_INPUT | {"max_length": 3000})),
    ("modal", {"type": "alert", "text": words("x" * 200), "level": "warning"}),
    ("home", table([["a"]])),
    ("message", section(accessory={"type": "overflow", "action_id": "o", "options": [option()] * 5})),
]
REFUSED = [
    ("message", [SECTION] * 51, "no more than 50 items"),
    ("modal", [SECTION] * 101, "no more than 100 items"),
    ("message", [{"type": "nonsense"}], "unsupported type: nonsense"),
    ("message", [{"text": "x"}], "missing required field: type"),
    ("message", ["x"], "missing required field: type"),
    ("message", "x", "must be an array"),
    ("message", [section(text=words("x" * 3001))], "less than 3001"),
    ("message", [section(text=words(""))], "at least 1"),
    ("message", [{"type": "section"}], "text or fields"),
    ("message", [section(fields=[words()] * 11)], "no more than 10"),
    ("message", [section(fields=[words("x" * 2001)])], "less than 2001"),
    ("message", [section(colour="red")], "invalid additional property: colour"),
    ("message", [{"type": "header", "text": plain("x" * 151)}], "less than 151"),
    ("message", [{"type": "header", "text": words()}], "unsupported type: mrkdwn"),
    ("message", [{"type": "context", "elements": [words()] * 11}], "no more than 10"),
    ("message", [actions(*[BUTTON | {"action_id": str(n)} for n in range(26)])], "no more than 25"),
    ("message", [actions(BUTTON | {"text": plain("x" * 76)})], "less than 76"),
    ("message", [actions(BUTTON | {"value": "x" * 2001})], "less than 2001"),
    ("message", [actions(BUTTON | {"style": "green"})], "one of primary, danger"),
    ("message", [actions(BUTTON | {"action_id": "x" * 256})], "less than 256"),
    ("message", [actions(BUTTON, BUTTON)], "action_id already exists: go"),
    ("message", [section(block_id="b"), section(block_id="b")], "block_id already exists: b"),
    ("message", [actions(select(options=[option("x" * 151)]))], "less than 151"),
    ("message", [actions(select(options=[option()] * 101))], "no more than 100"),
    ("message", [actions({"type": "static_select"})], "either options or option_groups"),
    ("message", [{"type": "image", "image_url": "http://x"}], "missing required field: alt_text"),
    ("message", [{"type": "image", "alt_text": "x"}], "either image_url or slack_file"),
    ("message", [{"type": "markdown", "text": "x" * 6001}] * 2, "less than 12001"),
    ("message", [table([["a"]]), table([["a"]])], "only_one_table_allowed"),
    ("message", [table([["a", "b"], ["c"]])], "same number of cells"),
    ("message", [table([["a"]] * 101)], "no more than 100"),
    ("message", [table([["a"] * 21])], "no more than 20"),
    ("message", [table([[""]])], "at least 1"),
    ("message", [table([["x" * 5001], ["x" * 5000]])], "less than 10001"),
    ("message", [{"type": "alert", "text": words()}], "unsupported type: alert"),
    ("modal", [table([["a"]])], "unsupported type: table"),
    ("modal", [{"type": "markdown", "text": "x"}], "unsupported type: markdown"),
    ("home", [{"type": "markdown", "text": "x"}], "unsupported type: markdown"),
    ("modal", [entry(BUTTON)], "unsupported type: button"),
    ("modal", [entry(TEXT_INPUT | {"max_length": 3001})], "from 1 to 3000"),
    ("modal", [entry(TEXT_INPUT, label=plain("x" * 2001))], "less than 2001"),
    ("modal", [entry(TEXT_INPUT | {"placeholder": plain("x" * 151)})], "less than 151"),
    ("modal", [entry({"type": "datepicker", "action_id": "d", "initial_date": "1.1.26"})], "YYYY-MM-DD"),
    ("modal", [{"type": "alert", "text": words("x" * 201)}], "less than 201"),
]


@pytest.mark.parametrize(("surface", "block"), TAKEN)
def test_a_good_block_is_taken(surface, block):
    assert mistakes([block], surface) == []


@pytest.mark.parametrize(("surface", "blocks", "why"), REFUSED)
def test_a_bad_block_is_refused_for_its_one_reason(surface, blocks, why):
    found = mistakes(blocks, surface)
    assert found
    assert all(why in one for one in found)


def test_the_place_of_a_mistake_is_named():
    assert mistakes([SECTION, section(text=words(""))], "message") == [
        "must be at least 1 characters long [json-pointer:/blocks/1/text/text]"
    ]
