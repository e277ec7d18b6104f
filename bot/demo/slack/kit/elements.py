"""What can be pressed, chosen or filled in, and the small objects around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.demo.slack.kit.rules import Rule, boolean, list_of, number, one_of, shape, string, typed, wrong
from bot.demo.slack.kit.texts import LONGEST, plain, text

MOST_OPTIONS = 100
_ID = {"action_id": string(255)}
_URL = string(LONGEST)
confirm = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
_common = {**_ID, "confirm": confirm, "focus_on_load": boolean}
_select = {**_common, "placeholder": plain(150)}
_dispatch = shape({"trigger_actions_on": list_of(one_of("on_enter_pressed", "on_character_entered"), 2)})


def _option(labels: Rule) -> Rule:
    return shape({"text": labels, "value": string(150)}, {"description": text(75), "url": _URL})


_in_menu = _option(plain(75))
_in_list = _option(text(75))  # checkboxes and radio buttons may use mrkdwn


def _menu(initial: dict[str, Rule]) -> Rule:
    """Either options or groups of them, never both."""
    options = list_of(_in_menu, MOST_OPTIONS)
    groups = list_of(shape({"label": plain(75), "options": options}), MOST_OPTIONS)
    fields = shape({}, {**_select, **initial, "options": options, "option_groups": groups})

    def check(value: Any, at: str) -> Iterator[str]:
        yield from fields(value, at)
        if ("options" in value) == ("option_groups" in value):
            yield wrong("either options or option_groups is needed", at)

    return check


def _pattern(pattern: str, what: str) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield wrong(f"must be {what}", at)

    return check


_date = _pattern(r"\d{4}-\d\d-\d\d", "YYYY-MM-DD")
_time = _pattern(r"\d\d:\d\d", "HH:mm")
_input = {**_ID, "placeholder": plain(150), "focus_on_load": boolean, "dispatch_action_config": _dispatch}
button = shape(
    {"text": plain(75)},
    {
        **_ID,
        "value": string(2000, least=0),
        "url": _URL,
        "style": one_of("primary", "danger"),
        "confirm": confirm,
        "accessibility_label": string(75),
    },
)
_ticks = {**_common, "initial_options": list_of(_in_list, 10)}
_pick = {"initial_user": string(255), "initial_channel": string(255), "initial_conversation": string(255)}
_several = {"max_selected_items": number(1, 100)}
PRESSED: dict[str, Rule] = {
    "button": button,
    "static_select": _menu({"initial_option": _in_menu}),
    "multi_static_select": _menu({"initial_options": list_of(_in_menu, MOST_OPTIONS), **_several}),
    "overflow": shape({"options": list_of(_in_menu, 5)}, {**_ID, "confirm": confirm}),
    "checkboxes": shape({"options": list_of(_in_list, 10)}, _ticks),
    "radio_buttons": shape({"options": list_of(_in_list, 10)}, {**_common, "initial_option": _in_list}),
    "datepicker": shape({}, {**_select, "initial_date": _date}),
    "timepicker": shape({}, {**_select, "initial_time": _time, "timezone": string(60)}),
    "datetimepicker": shape({}, {**_common, "initial_date_time": number(0, 9_999_999_999)}),
    "users_select": shape({}, {**_select, "initial_user": _pick["initial_user"]}),
    "multi_users_select": shape({}, {**_select, **_several, "initial_users": list_of(string(255), 100)}),
    "channels_select": shape(
        {}, {**_select, "initial_channel": _pick["initial_channel"], "response_url_enabled": boolean}
    ),
    "conversations_select": shape(
        {},
        {
            **_select,
            "initial_conversation": _pick["initial_conversation"],
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
        },
    ),
}
_MENUS_FOR_INPUT = {name: rule for name, rule in PRESSED.items() if name not in {"button", "overflow"}}
FILLED_IN: dict[str, Rule] = {
    **_MENUS_FOR_INPUT,
    "plain_text_input": shape(
        {},
        {
            **_input,
            "initial_value": string(LONGEST, least=0),
            "multiline": boolean,
            "min_length": number(0, LONGEST),
            "max_length": number(1, LONGEST),
        },
    ),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {**_input, "initial_value": string(255), "min_value": string(255), "max_value": string(255)},
    ),
    "email_text_input": shape({}, {**_input, "initial_value": string(LONGEST)}),
    "url_text_input": shape({}, {**_input, "initial_value": string(LONGEST)}),
}
image = {"alt_text": string(2000)}
_image_fields = {"image_url": _URL, "slack_file": shape({}, {"id": string(255), "url": _URL})}


def image_of(more: dict[str, Rule]) -> Rule:
    """An image, by its public address or as a file of Slack."""
    fields = shape(image, {**_image_fields, **more})

    def check(value: Any, at: str) -> Iterator[str]:
        yield from fields(value, at)
        if ("image_url" in value) == ("slack_file" in value):
            yield wrong("either image_url or slack_file is needed", at)

    return check


IMAGE = image_of({})
ACCESSORY = typed({**PRESSED, "image": IMAGE})
IN_ACTIONS = typed(PRESSED)
IN_INPUT = typed(FILLED_IN)
