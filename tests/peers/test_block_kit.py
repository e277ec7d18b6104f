"""Our messages, built again from the classes of PyPI's slackblocks and blockkit, which know Slack's limits too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import blockkit
import pytest
import slackblocks
from blockkit.core import FieldValidationError, RawText, Table
from hypothesis import given, settings

from bot.action import Report
from tests.slack.reports import REPORTS, blocks_of, brought

pytestmark = pytest.mark.peer
Object = dict[str, Any]


def by_slackblocks(block: Object) -> Any:
    """The same block as slackblocks sends it. Raise if it takes a part of it for wrong."""
    return slackblocks.Message("C1", "x", [_OF_SLACKBLOCKS[block["type"]](block)]).to_dict()["blocks"][0]


def by_blockkit(block: Object) -> Any:
    """The same block as blockkit sends it. Raise if it takes a part of it for wrong."""
    message: Any = blockkit.Message("x", [_OF_BLOCKKIT[block["type"]](block)]).build()
    return message["blocks"][0]


def _rich_of_slackblocks(block: Object) -> Any:
    kinds = {
        "rich_text_section": slackblocks.RichTextSection,
        "rich_text_preformatted": slackblocks.RichTextCodeBlock,
    }
    texts = {
        "text": lambda one: slackblocks.RichText(one["text"], **one.get("style", {})),
    }
    return slackblocks.RichTextBlock(
        [kinds[part["type"]]([texts[one["type"]](one) for one in part["elements"]]) for part in block["elements"]]
    )


def _rich_of_blockkit(block: Object) -> Any:
    kinds = {
        "rich_text_section": blockkit.RichTextSection,
        "rich_text_preformatted": blockkit.RichTextPreformatted,
    }

    def text(one: Object) -> Any:
        style = blockkit.RichStyle(**one["style"]) if "style" in one else None
        return {"text": blockkit.RichTextEl}[one["type"]](one["text"], style)

    return blockkit.RichText(
        [kinds[part["type"]]([text(one) for one in part["elements"]]) for part in block["elements"]]
    )


def _plain(one: Object) -> Any:
    assert one["type"] == "plain_text"
    return slackblocks.PlainText(one["text"], emoji=one["emoji"])


def _text(one: Object) -> Any:
    return blockkit.Text(one["text"], emoji=one["emoji"], type=one["type"])


_OF_SLACKBLOCKS: dict[str, Callable[[Object], Any]] = {
    "header": lambda block: slackblocks.HeaderBlock(_plain(block["text"])),
    "context": lambda block: slackblocks.ContextBlock([_plain(one) for one in block["elements"]]),
    "rich_text": _rich_of_slackblocks,
    "table": lambda block: slackblocks.TableBlock(
        [[slackblocks.RawText(cell["text"]) for cell in row] for row in block["rows"]]
    ),
}
_OF_BLOCKKIT: dict[str, Callable[[Object], Any]] = {
    "header": lambda block: blockkit.Header(_text(block["text"])),
    "context": lambda block: blockkit.Context([_text(one) for one in block["elements"]]),
    "rich_text": _rich_of_blockkit,
    "table": lambda block: Table([[RawText(cell["text"]) for cell in row] for row in block["rows"]]),
}


def without_defaults(value: Any) -> Any:
    """Neither ids, which Slack gives where we give none, nor flags that are off."""
    if isinstance(value, dict):
        kept = {key: without_defaults(one) for key, one in value.items() if key != "block_id" and one is not False}
        return {key: one for key, one in kept.items() if one not in (None, {})}
    return [without_defaults(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("peer", [by_slackblocks, by_blockkit])
@settings(max_examples=40, deadline=None)
@given(report=REPORTS)
def test_others_take_every_block_that_any_report_becomes(peer: Callable[[Object], Any], report: Report) -> None:
    for letter in brought(report):
        for block in blocks_of(letter):
            assert without_defaults(peer(block)) == without_defaults(block)


def _header(length: int) -> Object:
    return {"type": "header", "text": {"type": "plain_text", "text": "x" * length, "emoji": False}}


def _table(rows: int, columns: int, cell: str = "x") -> Object:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": cell}] * columns] * rows}


def refused_by(block: Object) -> set[str]:
    found = set()
    for peer in (by_slackblocks, by_blockkit):
        try:
            peer(block)
        except (slackblocks.InvalidUsageError, FieldValidationError):
            found.add(peer.__name__)
    return found


@pytest.mark.parametrize(
    ("block", "peers"),
    [
        (_header(151), {"by_slackblocks", "by_blockkit"}),
        (_table(101, 1), {"by_slackblocks", "by_blockkit"}),
        (_table(1, 21), {"by_slackblocks"}),
        (_table(1, 1, ""), {"by_blockkit"}),
    ],
    ids=["header", "rows", "columns", "empty cell"],
)
def test_others_refuse_what_we_take_care_not_to_send(block: Object, peers: set[str]) -> None:
    """Which of them knows which limit; a limit that neither knows would be ours alone."""
    assert refused_by(block) == peers


def test_the_longest_that_others_take_is_the_longest_that_slack_takes() -> None:
    for block in (_header(150), _table(100, 20)):
        assert by_slackblocks(block)["type"] == by_blockkit(block)["type"] == block["type"]
