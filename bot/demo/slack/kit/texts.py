"""Text objects and rich text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.demo.slack.kit.rules import Rule, boolean, list_of, number, one_of, shape, string, typed

LONGEST = 3000


def plain(most: int) -> Rule:
    return typed({"plain_text": shape({"text": string(most)}, {"emoji": boolean})})


def text(most: int) -> Rule:
    mrkdwn = shape({"text": string(most)}, {"verbatim": boolean})
    return typed({"plain_text": shape({"text": string(most)}, {"emoji": boolean}), "mrkdwn": mrkdwn})


_style = shape(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
    ),
)
_id = string(255)
_inline = typed(
    {
        "text": shape({"text": string(LONGEST)}, {"style": _style}),
        "link": shape({"url": string(LONGEST)}, {"text": string(LONGEST), "style": _style, "unsafe": boolean}),
        "user": shape({"user_id": _id}, {"style": _style}),
        "usergroup": shape({"usergroup_id": _id}, {"style": _style}),
        "channel": shape({"channel_id": _id}, {"style": _style}),
        "emoji": shape({"name": string(255)}, {"unicode": string(255), "style": _style}),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, {"style": _style}),
        "color": shape({"value": string(7)}, {"style": _style}),
        "date": shape(
            {"timestamp": number(0, 2**53), "format": string(255)}, {"url": string(LONGEST), "fallback": string(255)}
        ),
    }
)
_inlines = list_of(_inline, 10_000, least=0)
_section = shape({"elements": _inlines})
_part = typed(
    {
        "rich_text_section": _section,
        "rich_text_list": shape(
            {"style": one_of("bullet", "ordered"), "elements": list_of(typed({"rich_text_section": _section}), 1000)},
            {"indent": number(0, 8), "offset": number(0, 10_000), "border": one_of(0, 1)},
        ),
        "rich_text_preformatted": shape({"elements": _inlines}, {"border": one_of(0, 1), "language": string(60)}),
        "rich_text_quote": shape({"elements": _inlines}, {"border": one_of(0, 1)}),
    }
)
rich_text_elements = list_of(_part, 1000)


def words_in(value: Any) -> Iterator[str]:
    """Every piece of text inside a table cell or a rich text."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        yield from words_in(value.get("elements"))
    elif isinstance(value, list):
        for one in value:
            yield from words_in(one)
