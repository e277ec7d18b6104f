"""views.*: modals on a stack of three, and the Home tab."""

from __future__ import annotations

from bot.demo.slack import modals
from bot.demo.slack.content import view_of
from bot.demo.slack.methods.call import Call, Failed, Method, invalid_arguments
from bot.demo.slack.people import Object
from bot.demo.slack.workspace import Trigger, View

TRIGGER_S = 3.0


def open_(call: Call) -> Object:
    view = _new_view(call, "modal")
    trigger = _take_trigger(call)
    return {"view": modals.shown(modals.open_(call.workspace, trigger.user, view))}


def push(call: Call) -> Object:
    view = _new_view(call, "modal")
    trigger = _take_trigger(call)
    top = modals.top(call.workspace, trigger.user)
    if trigger.view is None or top is None:
        raise Failed("not_found")
    if len(modals.stack(call.workspace, trigger.user)) >= modals.DEEPEST:
        raise Failed("push_limit_reached")
    return {"view": modals.shown(modals.push(call.workspace, top, view))}


def update(call: Call) -> Object:
    old = _named(call)
    body = view_of(call.json("view", "invalid_arguments"), "modal")
    _check_hash(call, old)
    _check_external_id(call, body, old)
    return {"view": modals.shown(modals.replace(call.workspace, old, body))}


def publish(call: Call) -> Object:
    person = call.person("user_id", "missing_profile_id")
    old = modals.home(call.workspace, person.id)
    body = view_of(call.json("view", "invalid_arguments"), "home")
    if old is None:
        return {"view": modals.shown(modals.open_(call.workspace, person.id, body))}
    _check_hash(call, old)
    return {"view": modals.shown(modals.replace(call.workspace, old, body))}


def _new_view(call: Call, kind: str) -> Object:
    body = view_of(call.json("view", "invalid_arguments"), kind)
    _check_external_id(call, body, None)
    return body


def _take_trigger(call: Call) -> Trigger:
    """A trigger_id works for three seconds, once."""
    if not call.text("trigger_id"):
        raise invalid_arguments("missing required field: trigger_id")
    trigger = call.workspace.triggers.get(call.text("trigger_id"))
    if trigger is None:
        raise Failed("invalid_trigger_id")
    if trigger.used:
        raise Failed("exchanged_trigger_id")
    if call.workspace.clock.now() - trigger.at > TRIGGER_S:
        raise Failed("expired_trigger_id")
    trigger.used = True
    return trigger


def _named(call: Call) -> View:
    if not call.text("view_id") and not call.text("external_id"):
        raise invalid_arguments("view_id or external_id is needed")
    for view in call.workspace.views.values():
        if view.id == call.text("view_id") or view.body.get("external_id") == (call.text("external_id") or view):
            return view
    raise Failed("not_found")


def _check_hash(call: Call, old: View) -> None:
    if call.text("hash") and call.text("hash") != old.hash:
        raise Failed("hash_conflict")


def _check_external_id(call: Call, body: Object, old: View | None) -> None:
    wanted = body.get("external_id")
    if wanted and any(one.body.get("external_id") == wanted for one in call.workspace.views.values() if one is not old):
        raise Failed("duplicate_external_id")


METHODS = (
    Method("views.open", open_, ("view",), (), 100),
    Method("views.push", push, ("view",), (), 100),
    Method("views.update", update, ("view",), (), 100),
    Method("views.publish", publish, ("user_id", "view"), (), 100),
)
