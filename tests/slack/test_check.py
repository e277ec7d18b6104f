"""`check --slack`: each thing that would keep the bot from working is a line that names it, and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.action import Level
from bot.demo.slack.people import Channel
from bot.demo.slack.server import LocalSlack
from bot.names import Secret
from bot.slack.check import check
from bot.slack.client import sync_client
from bot.slack.manifest import BOT_SCOPES
from bot.slack.settings import Group
from tests.demo.slack.running import running_slack
from tests.slack.running import settings_of

Line = tuple[str, str]
TOKEN_FIX = "Copy the Bot User OAuth Token (xoxb-…) of the installed app to where slack.bot_token points"
SCOPES_FIX = "Put the manifest of this version into the app's settings and reinstall it: pve-cluster-bot manifest"
SOCKET_FIX = "Make an app-level token (xapp-…) with connections:write, and enable Socket Mode in the app's settings"
CHANNEL_FIX = "Use the id from the channel's details (C…), and invite the bot if the channel is private"
GROUP_FIX = "Use the group's id (S…); without a paid Slack plan list the people in the configuration instead"
NETWORK_FIX = "Let this machine reach it over HTTPS (firewall, HTTPS_PROXY), then check again"


def lines(slack: LocalSlack, **settings: Any) -> tuple[list[str], list[Line]]:
    """What is well, and what is not with what to do about it."""
    asked = replace(settings_of(slack), **{"app_token": Secret(slack.app_token), **settings})
    found = check(sync_client(asked), asked)
    well = [one.text.to("en") for one in found if one.level is Level.GOOD]
    return well, [(one.text.to("en"), one.fix.to("en") if one.fix else "") for one in found if one.level is Level.BAD]


def wrong(slack: LocalSlack, **settings: Any) -> list[Line]:
    return lines(slack, **settings)[1]


def channels(*ids: str) -> dict[str, Any]:
    return {"channels": frozenset(ids)}


def test_a_workspace_that_is_set_up_has_nothing_wrong(local_slack: LocalSlack) -> None:
    groups = {"ops": Group(usergroups=frozenset({"S0PVEOPS"}))}
    assert lines(local_slack, **channels("C0OPS", "C0SECRET"), groups=groups) == (
        [
            "Slack knows the bot as pve-cluster-bot in Local",
            "All scopes of the manifest are granted",
            "#ops: the bot is in it",
            "#secret: the bot is in it",
            "User group S0PVEOPS: 2 people",
            "Socket Mode can be opened",
        ],
        [],
    )


def test_a_wrong_bot_token_is_told_and_the_app_token_looked_at_all_the_same(local_slack: LocalSlack) -> None:
    assert lines(local_slack, bot_token=Secret("xoxb-wrong"), **channels("C0OPS")) == (
        ["Socket Mode can be opened"],
        [("Slack does not take the bot token: invalid_auth", TOKEN_FIX)],
    )


def test_the_app_token_in_place_of_the_bot_token_is_told(local_slack: LocalSlack) -> None:
    (line,) = wrong(local_slack, bot_token=Secret(local_slack.app_token))
    assert line == ("Slack does not take the bot token: not_allowed_token_type", TOKEN_FIX)


@pytest.mark.parametrize("scope", BOT_SCOPES)
def test_a_scope_that_is_missing_is_named(scope: str) -> None:
    with running_slack(scopes=frozenset(BOT_SCOPES) - {scope}, tiers=False) as slack:
        first, *more = wrong(slack, **channels("C0OPS"), groups={"ops": Group(usergroups=frozenset({"S0PVEOPS"}))})
    assert first == (f"Scopes missing: {scope}", SCOPES_FIX)
    assert {fix for _, fix in more} <= {SCOPES_FIX}


def test_several_scopes_that_are_missing_are_named_together() -> None:
    with running_slack(scopes=frozenset({"commands", "chat:write"}), tiers=False) as slack:
        (line,) = wrong(slack)
    assert line == (
        "Scopes missing: channels:read, files:write, groups:read, im:write, usergroups:read, users:read",
        SCOPES_FIX,
    )


PENDING = {"is_pending_ext_shared": True}


class Pending(Channel):
    """Another organisation is invited, and has not come yet."""

    def shown(self) -> dict[str, Any]:
        return super().shown() | PENDING


SHARED_FIX = "Choose a channel of your own: what is said of a cluster is not for others"


@pytest.mark.parametrize(
    ("channel", "line"),
    [
        ("C0NOWHERE", ("Channel C0NOWHERE: channel_not_found", CHANNEL_FIX)),
        ("C0RANDOM", ("The bot is not in #random", "Type /invite @pve-cluster-bot there")),
        ("C0PARTNER", ("#with-partner is shared with another organisation", SHARED_FIX)),
        ("C0INVITED", ("#invited is shared with another organisation", SHARED_FIX)),
        ("C0OUTSIDE", ("#outside is shared with another organisation", SHARED_FIX)),
        ("C0OLD", ("#old is archived", "Unarchive it, or name another channel in the configuration")),
    ],
)
def test_a_channel_where_the_bot_cannot_work_is_told(odd_slack: LocalSlack, channel: str, line: Line) -> None:
    assert wrong(odd_slack, **channels("C0OPS", channel)) == [line]


@pytest.fixture
def odd_slack(local_slack: LocalSlack) -> LocalSlack:
    """With a channel to which others are invited, and a shared one that the bot is not in."""
    bot = frozenset({"U0PVEBOT"})
    odd = (Pending("C0INVITED", "invited", bot), Channel("C0OUTSIDE", "outside", frozenset(), is_ext_shared=True))
    local_slack.on_loop(lambda: local_slack.workspace.channels.update({one.id: one for one in odd}))
    return local_slack


@pytest.mark.parametrize(("token", "reason"), [("xapp-wrong", "invalid_auth"), ("", "not_allowed_token_type")])
def test_a_wrong_app_token_is_told(local_slack: LocalSlack, token: str, reason: str) -> None:
    (line,) = wrong(local_slack, app_token=Secret(token or local_slack.bot_token))
    assert line == (f"Socket Mode cannot be opened: {reason}", SOCKET_FIX)


def test_over_http_there_is_no_app_token_to_check(local_slack: LocalSlack) -> None:
    assert "Socket Mode can be opened" not in lines(local_slack, app_token=None)[0]


@pytest.mark.parametrize(("paid", "group"), [(False, "S0PVEOPS"), (True, "S0NONE")])
def test_a_user_group_that_slack_does_not_open_is_told(local_slack: LocalSlack, *, paid: bool, group: str) -> None:
    local_slack.workspace.paid = paid
    reason = "no_such_subteam" if paid else "plan_upgrade_required"
    groups = {"ops": Group(usergroups=frozenset({group})), "also": Group(usergroups=frozenset({group}))}
    assert wrong(local_slack, groups=groups) == [(f"User group {group}: {reason}", GROUP_FIX)]


def test_a_slack_that_is_down_is_no_reason_to_change_a_token(local_slack: LocalSlack) -> None:
    local_slack.on_loop(lambda: local_slack.faults.switch("web_api_down", on=True))
    line = (f"Slack does not answer at {local_slack.url}/api/: HTTP 503", NETWORK_FIX)
    assert wrong(local_slack) == [line, line]


def test_a_network_without_slack_is_told(local_slack: LocalSlack) -> None:
    found = wrong(local_slack, base_url="http://127.0.0.1:9/api/")
    assert found == [("Slack does not answer at http://127.0.0.1:9/api/: URLError", NETWORK_FIX)] * 2


def test_no_line_holds_a_token(local_slack: LocalSlack) -> None:
    said = str(lines(local_slack, bot_token=Secret("xoxb-very-secret"), app_token=Secret("xapp-very-secret")))
    assert "secret" not in said
