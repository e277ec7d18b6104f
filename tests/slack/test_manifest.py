"""The manifest that `pve-cluster-bot manifest` prints can be pasted into Slack, and asks for what the bot uses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest

import bot.slack
from bot.demo.slack.methods.registry import METHODS
from bot.slack.manifest import BOT_SCOPES, SCOPES, manifest

URL = "https://bot.example.com/"
CALLED = re.compile(r'client\.(\w+)|"([a-z]+(?:\.[a-zA-Z]+)+)"')


@pytest.fixture(params=[None, URL], ids=["socket", "http"])
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    return cast(dict[str, Any], manifest(request.param))


def test_every_word_fits_where_slack_shows_it(made: dict[str, Any]) -> None:
    about, features = made["display_information"], made["features"]
    (slash,) = features["slash_commands"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4000
    assert re.fullmatch("#[0-9a-f]{6}", about["background_color"])
    assert len(features["bot_user"]["display_name"]) <= 80
    assert re.fullmatch(r"/[^\s]{1,31}", slash["command"])
    assert len(slash["description"]) <= 2000
    assert len(slash["usage_hint"]) <= 1000


def test_over_socket_mode_no_address_is_named() -> None:
    made = cast(dict[str, Any], manifest(None))
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in str(made)


def test_over_http_every_address_is_the_bots() -> None:
    made = cast(dict[str, Any], manifest(URL))
    events = "https://bot.example.com/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == events
    assert made["settings"]["interactivity"]["request_url"] == events
    assert [slash["url"] for slash in made["features"]["slash_commands"]] == [events]


def test_names_in_a_command_reach_the_bot_as_they_were_typed(made: dict[str, Any]) -> None:
    assert [slash["should_escape"] for slash in made["features"]["slash_commands"]] == [False]


def test_the_home_that_is_published_is_switched_on_and_heard_of(made: dict[str, Any]) -> None:
    assert made["features"]["app_home"]["home_tab_enabled"] is True
    assert made["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened"]


def test_the_scopes_are_those_of_the_methods_and_no_more(made: dict[str, Any]) -> None:
    assert made["oauth_config"]["scopes"] == {"bot": list(BOT_SCOPES)}
    # A private channel's conversations.* need groups:read, a command commands, a first message to a person im:write.
    beside = {"commands", "groups:read", "im:write"}
    assert set(BOT_SCOPES) == {scope for scope in SCOPES.values() if scope} | beside
    assert not [scope for scope in BOT_SCOPES if scope.endswith(":history")]


def test_every_method_that_the_code_calls_is_in_the_list_and_no_other() -> None:
    assert called() - {"apps.connections.open"} == set(SCOPES)


def called() -> set[str]:
    """The Web API methods that bot/slack names, as `client.users_info(` or as `"users.info"`."""
    known = {name.replace(".", "_"): name for name in METHODS}
    files = [file for file in Path(str(bot.slack.__file__)).parent.glob("*.py") if file.stem != "manifest"]
    words = {attribute or quoted.replace(".", "_") for file in files for attribute, quoted in _words(file)}
    uploads = {"files.getUploadURLExternal", "files.completeUploadExternal"} if "files_upload_v2" in words else set()
    return {known[word] for word in words & known.keys()} | uploads


def _words(file: Path) -> list[tuple[str, str]]:
    return CALLED.findall(file.read_text())
