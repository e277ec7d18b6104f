"""Whether what the bot sends is a message or a view that Slack would take."""

from __future__ import annotations

from typing import Any

from bot.demo.slack.kit.blocks import Surface
from bot.demo.slack.kit.lint import mistakes
from bot.demo.slack.methods.call import Call, Failed, invalid_arguments
from bot.demo.slack.people import Object
from bot.demo.slack.workspace import size

TRUNCATED_AT = 40_000
UPDATE_MOST = 4_000
VIEW_MOST_BYTES = 250_000
METADATA_MOST_BYTES = 16_000


def message_of(call: Call) -> Object:
    """The text, blocks and metadata of *call*, checked. Raise `Failed` if Slack would not take them."""
    body: Object = {"text": call.text("text")[:TRUNCATED_AT], "thread_ts": call.text("thread_ts") or None}
    body["blocks"] = _blocks(call)
    body["metadata"] = _metadata(call.json("metadata", "invalid_metadata_format"))
    if not body["text"] and not body["blocks"]:
        raise Failed("no_text")
    return body


def _blocks(call: Call) -> list[Object]:
    blocks = call.json("blocks", "invalid_blocks_format") or []
    check_blocks(blocks, "message")
    return list(blocks)


def check_blocks(blocks: Any, surface: Surface) -> None:
    """Raise `Failed` with Slack's kind of messages if *blocks* break a rule."""
    if not isinstance(blocks, list):
        raise Failed("invalid_blocks_format")
    found = [f"[ERROR] {one}" for one in mistakes(blocks, surface)]
    if found:
        raise Failed("invalid_blocks", errors=found, response_metadata={"messages": found})


def _metadata(metadata: Any) -> Object | None:
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise Failed("invalid_metadata_format")
    if not str(metadata.get("event_type", "")).replace("_", "").isalnum():
        raise Failed("invalid_metadata_format")
    if size(metadata) > METADATA_MOST_BYTES:
        raise Failed("metadata_too_large")
    return metadata


def view_of(view: Any, kind: str) -> Object:
    """*view*, checked, all its blocks named. Raise `Failed` if Slack would not take it."""
    if not isinstance(view, dict) or view.get("type") != kind:
        raise invalid_arguments(f"a view of type {kind} is needed [json-pointer:/view/type]")
    if size(view) > VIEW_MOST_BYTES:
        raise Failed("view_too_large")
    found = [
        *_frame(view, kind),
        *mistakes(view.get("blocks"), "modal" if kind == "modal" else "home", at="/view/blocks"),
    ]
    if found:
        raise invalid_arguments(*found)
    return view


def _frame(view: Object, kind: str) -> list[str]:
    """What is wrong around the blocks: titles, buttons, the fields that travel."""
    found = [
        f"must be at most {most} characters [json-pointer:/view/{name}]"
        for name, most in _LONGEST
        if _length(view, name) > most
    ]
    found += [f"unknown field [json-pointer:/view/{name}]" for name in sorted(set(view) - _FIELDS[kind])]
    if kind == "modal":
        found += [] if _is_plain(view.get("title")) else ["plain_text is needed [json-pointer:/view/title]"]
        found += [
            f"plain_text is needed [json-pointer:/view/{name}]"
            for name in ("submit", "close")
            if view.get(name) is not None and not _is_plain(view[name])
        ]
        blocks = view.get("blocks") if isinstance(view.get("blocks"), list) else []
        if not view.get("submit") and any(isinstance(one, dict) and one.get("type") == "input" for one in blocks or []):
            found.append("submit is needed with an input block [json-pointer:/view/submit]")
    return found


def _is_plain(text: Any) -> bool:
    return isinstance(text, dict) and text.get("type") == "plain_text" and bool(text.get("text"))


def _length(view: Object, name: str) -> int:
    value = view.get(name)
    return len(str(value.get("text", ""))) if isinstance(value, dict) else len(str(value or ""))


_LONGEST = (
    ("title", 24),
    ("submit", 24),
    ("close", 24),
    ("callback_id", 255),
    ("external_id", 255),
    ("private_metadata", 3000),
)
_BOTH = {"type", "blocks", "callback_id", "external_id", "private_metadata"}
_FIELDS = {
    "home": _BOTH,
    "modal": _BOTH | {"title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"},
}
