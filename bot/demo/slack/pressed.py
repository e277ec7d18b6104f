"""A press or a choice as block_actions describes it."""

from __future__ import annotations

from typing import Any

from bot.demo.slack import modals
from bot.demo.slack.people import Object
from bot.demo.slack.workspace import View, elements_of


class NoSuchElement(Exception):
    """The person sees no such button."""


def action(blocks: list[Object], action_id: str, value: Any, ts: str) -> Object:
    """The one entry of `actions`. Raise `NoSuchElement` if there is nothing to press, or no such option."""
    for block in blocks:
        for element in elements_of(block):
            if element.get("action_id") == action_id and _is_meant(element, value):
                entry = {
                    "type": element["type"],
                    "action_id": action_id,
                    "block_id": block["block_id"],
                    "action_ts": ts,
                }
                return entry | _chosen(element, value)
    raise NoSuchElement(f"nothing to press: {action_id!r}")


def keep(view: View, entry: Object) -> None:
    """The state of the view after this choice."""
    kept = view.values.get(entry["block_id"], {})
    if entry["action_id"] in kept:
        key, _ = modals.FILLED[entry["type"]]
        kept[entry["action_id"]] = {"type": entry["type"], key: entry.get(key)}


def _is_meant(element: Object, value: Any) -> bool:
    """Several buttons of different blocks may share an action_id; their value tells them apart."""
    return element["type"] != "button" or value in (None, element.get("value"))


def _chosen(element: Object, value: Any) -> Object:
    match element["type"]:
        case "button":
            return {"text": element["text"]} | {
                key: element[key] for key in ("value", "style", "url") if key in element
            }
        case "overflow":
            return {"selected_option": option(element, value)}
        case kind if kind in modals.FILLED:
            return {modals.FILLED[kind][0]: filled(element, value)}
        case kind:
            raise NoSuchElement(f"nobody can press a {kind}")


def filled(element: Object, value: Any) -> Any:
    """What is kept for *value*, which may be a plain word for an option."""
    key, _ = modals.FILLED.get(element["type"], ("", ""))
    if key == "selected_options":
        return [option(element, one) for one in value or []]
    if key == "selected_option":
        return option(element, value) if value not in (None, "") else None
    return value


def option(element: Object, value: Any) -> Object:
    """The option of *element* with *value*. Raise `NoSuchElement` if it has none such."""
    wanted = value.get("value") if isinstance(value, dict) else value
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    for group in groups:
        for one in group["options"]:
            if one["value"] == wanted:
                return dict(one)
    raise NoSuchElement(f"no such option: {wanted!r}")
