"""Every block the local Slack takes, with its rule, and where it may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from bot.demo.slack.kit.elements import ACCESSORY, IMAGE, IN_ACTIONS, IN_INPUT, image_of
from bot.demo.slack.kit.rules import Rule, boolean, both, list_of, nullable, number, one_of, shape, string, typed, wrong
from bot.demo.slack.kit.texts import LONGEST, plain, rich_text_elements, text, words_in

Surface = Literal["message", "modal", "home"]
TABLE_MOST_CHARACTERS = 10_000
MARKDOWN_MOST = 12_000
_ID = {"block_id": string(255)}


def _has_words(value: Any, at: str) -> Iterator[str]:
    if not value.get("text") and not value.get("fields"):
        yield wrong("text or fields is needed", at)


def _rows_are_even(value: Any, at: str) -> Iterator[str]:
    rows = [row for row in value.get("rows") or [] if isinstance(row, list)]
    if len({len(row) for row in rows}) > 1:
        yield wrong("all rows must have the same number of cells", f"{at}/rows")
    if sum(len(words) for words in words_in(rows)) > TABLE_MOST_CHARACTERS:
        yield wrong(f"must be less than {TABLE_MOST_CHARACTERS + 1} characters in all cells", f"{at}/rows")


_cell = typed(
    {
        "raw_text": shape({"text": string(TABLE_MOST_CHARACTERS)}),
        "raw_number": shape({"value": number(-(2**53), 2**53), "text": string(255)}),
        "rich_text": shape({"elements": rich_text_elements}, _ID),
    }
)
_column = nullable(shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean}))
_table = shape({"rows": list_of(list_of(_cell, 20), 100)}, {**_ID, "column_settings": list_of(_column, 20, least=0)})
_words = text(LONGEST)
_in_context = typed({"plain_text": _words, "mrkdwn": _words, "image": IMAGE})
EVERYWHERE: dict[str, Rule] = {
    "section": both(
        shape(
            {},
            {
                **_ID,
                "text": text(LONGEST),
                "fields": list_of(text(2000), 10),
                "accessory": ACCESSORY,
                "expand": boolean,
            },
        ),
        _has_words,
    ),
    "divider": shape({}, _ID),
    "header": shape({"text": plain(150)}, _ID),
    "context": shape({"elements": list_of(_in_context, 10)}, _ID),
    "actions": shape({"elements": list_of(IN_ACTIONS, 25)}, _ID),
    "image": image_of({**_ID, "title": plain(2000)}),
    "input": shape(
        {"label": plain(2000), "element": IN_INPUT},
        {**_ID, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": shape({"elements": rich_text_elements}, _ID),
}
TABLE: dict[str, Rule] = {"table": both(_table, _rows_are_even)}
BLOCKS: Mapping[Surface, dict[str, Rule]] = {
    "message": {**EVERYWHERE, **TABLE, "markdown": shape({"text": string(MARKDOWN_MOST)}, _ID)},
    "modal": {
        **EVERYWHERE,
        "alert": shape({"text": text(200)}, {**_ID, "level": one_of("default", "info", "warning", "error", "success")}),
    },
    "home": {**EVERYWHERE, **TABLE},
}
