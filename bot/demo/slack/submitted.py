"""A modal that is submitted: what was filled in, and what the bot's response_action does."""

from __future__ import annotations

from typing import Any

from bot.demo.slack import modals
from bot.demo.slack.content import view_of
from bot.demo.slack.methods.call import Failed
from bot.demo.slack.people import Object
from bot.demo.slack.pressed import filled
from bot.demo.slack.workspace import View, Workspace

REQUIRED = "Please complete this required field."


def fill(view: View, values: Object) -> dict[str, str]:
    """Keep *values* in the view, by block_id and action_id, or by block_id alone; return what Slack itself objects to."""
    errors: dict[str, str] = {}
    for block in view.body["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        name = block["block_id"]
        key, _ = modals.FILLED[element["type"]]
        given = values.get(name, {})
        given = given if isinstance(given, dict) else {element["action_id"]: given}
        if element["action_id"] in given:
            value = filled(element, _plain(given[element["action_id"]], key))
            view.values[name][element["action_id"]] = {"type": element["type"], key: value}
        wrong = _objection(block, view.values[name][element["action_id"]][key])
        errors |= {name: wrong} if wrong else {}
    return errors


def respond(workspace: Workspace, view: View, body: Object) -> dict[str, str]:
    """Do what the ack says; return the errors to show. Raise `Failed` if Slack would not take it."""
    match body.get("response_action"):
        case None:
            modals.close(workspace, view)
        case "clear":
            modals.clear(workspace, view.user)
        case "errors":
            return _errors(view, body.get("errors"))
        case "update":
            modals.replace(workspace, view, view_of(body.get("view"), "modal"))
        case "push":
            _push(workspace, view, view_of(body.get("view"), "modal"))
        case _:
            raise Failed("invalid_response_action")
    return {}


def _push(workspace: Workspace, view: View, body: Object) -> None:
    if len(modals.stack(workspace, view.user)) >= modals.DEEPEST:
        raise Failed("push_limit_reached")
    modals.push(workspace, view, body)


def _errors(view: View, errors: Any) -> dict[str, str]:
    """Each error belongs to an input block of the view."""
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise Failed("invalid_response_action")
    return {str(name): str(text) for name, text in errors.items()}


def _plain(given: Any, key: str) -> Any:
    """A state as Slack writes it, or just its value."""
    return given.get(key) if isinstance(given, dict) and "type" in given else given


def _objection(block: Object, value: Any) -> str:
    if value in (None, "", []):
        return "" if block.get("optional") else REQUIRED
    element = block["element"]
    if isinstance(value, str) and len(value) > element.get("max_length", 3000):
        return f"Please enter at most {element.get('max_length', 3000)} characters."
    if isinstance(value, str) and len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    return ""
