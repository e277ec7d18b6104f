"""The views a person has open: at most three modals, one on the other, and one Home tab."""

from __future__ import annotations

from bot.demo.slack.people import APP, BOT, TEAM, Object
from bot.demo.slack.workspace import View, Workspace, elements_of

DEEPEST = 3


def stack(workspace: Workspace, user: str) -> list[View]:
    """The modals of *user*, the one in front last."""
    return [one for one in workspace.views.values() if one.user == user and one.type == "modal"]


def top(workspace: Workspace, user: str) -> View | None:
    return next(reversed(stack(workspace, user)), None)


def home(workspace: Workspace, user: str) -> View | None:
    return next((one for one in workspace.views.values() if one.user == user and one.type == "home"), None)


def open_(workspace: Workspace, user: str, body: Object) -> View:
    """A view on its own: a modal closes those that were open."""
    if body["type"] == "modal":
        clear(workspace, user)
    return _add(workspace, user, body, None)


def push(workspace: Workspace, under: View, body: Object) -> View:
    return _add(workspace, under.user, body, under)


def replace(workspace: Workspace, view: View, body: Object) -> View:
    """What was filled in stays where block_id and action_id stay."""
    kept = view.values
    view.body, view.hash = _named(workspace, body), _hash(workspace)
    view.values = _initial(view.body)
    for block_id, actions in view.values.items():
        actions.update({name: kept[block_id][name] for name in actions if name in kept.get(block_id, {})})
    workspace.changes.happened()
    return view


def close(workspace: Workspace, view: View) -> None:
    workspace.views.pop(view.id, None)
    workspace.changes.happened()


def clear(workspace: Workspace, user: str) -> None:
    for view in stack(workspace, user):
        close(workspace, view)


def shown(view: View) -> Object:
    """The view object of the Web API and the payloads."""
    modal: Object = {
        "title": None,
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        "submit_disabled": False,
    }
    return {
        "id": view.id,
        "team_id": TEAM,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        **(modal if view.type == "modal" else {}),
        **view.body,
        "state": {"values": view.values},
        "hash": view.hash,
        "previous_view_id": view.previous,
        "root_view_id": view.root,
        "app_id": APP,
        "app_installed_team_id": TEAM,
        "bot_id": BOT,
    }


def _add(workspace: Workspace, user: str, body: Object, under: View | None) -> View:
    view = View(workspace.new("V"), user, _named(workspace, body), _hash(workspace))
    view.values = _initial(view.body)
    view.previous, view.root = (under.id, under.root) if under else (None, view.id)
    workspace.views[view.id] = view
    workspace.changes.happened()
    return view


def _hash(workspace: Workspace) -> str:
    return f"{int(workspace.clock.now())}.{workspace.new('h')}"


def _named(workspace: Workspace, body: Object) -> Object:
    return body | {"blocks": workspace.with_ids(body["blocks"])}


def _initial(body: Object) -> Object:
    """What the person sees filled in when the view opens."""
    values: Object = {}
    for block in body["blocks"]:
        for element in elements_of(block):
            if element["type"] in FILLED:
                values.setdefault(block["block_id"], {})[element["action_id"]] = initial(element)
    return values


def initial(element: Object) -> Object:
    """The state of an element that nobody touched."""
    key, from_ = FILLED[element["type"]]
    return {"type": element["type"], key: element.get(from_, [] if key.endswith("s") else None)}


FILLED = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
