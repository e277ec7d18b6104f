"""The Slack app's manifest, and the scopes that go with what the bot asks of Slack. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.action import Json
from bot.command_line import SLASH

# Every Web API method that the bot calls, and the scope it needs (docs.slack.dev/reference/methods).
SCOPES: Mapping[str, str | None] = {
    "auth.test": None,
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "conversations.info": "channels:read",
    "conversations.members": "channels:read",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
    "views.open": None,
    "views.publish": None,
}
# A private channel's conversations.* need groups:read; a first message to a person opens the conversation with them.
BESIDE = frozenset({"commands", "groups:read", "im:write"})
BOT_SCOPES = tuple(sorted({scope for scope in SCOPES.values() if scope} | BESIDE))


def manifest(url: str | None) -> dict[str, Json]:
    """With *url*, the address at which Slack reaches the bot, over HTTP; without, over Socket Mode."""
    events = f"{url.rstrip('/')}/slack/events" if url else None
    return {
        "display_information": {
            "name": "pve-cluster-bot",
            "description": "Operates Proxmox VE clusters",
            "long_description": ABOUT,
            "background_color": "#2c2d30",
        },
        "features": _features({"url": events} if events else {}),
        "oauth_config": {"scopes": {"bot": list(BOT_SCOPES)}},
        "settings": _settings({"request_url": events} if events else {}, over_socket=url is None),
    }


def _features(address: dict[str, Json]) -> dict[str, Json]:
    slash: dict[str, Json] = {
        "command": SLASH,
        "description": "Look at a Proxmox VE cluster, ask for changes",
        "usage_hint": "status | nodes | expected | qdevice | links | certs | corosync | requests | help",
        "should_escape": False,
        **address,
    }
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": True,
        },
        "bot_user": {"display_name": "pve-cluster-bot", "always_online": True},
        "slash_commands": [slash],
    }


def _settings(request: dict[str, Json], *, over_socket: bool) -> dict[str, Json]:
    return {
        "event_subscriptions": {"bot_events": ["app_home_opened"], **request},
        "interactivity": {"is_enabled": True, **request},
        "org_deploy_enabled": False,
        "socket_mode_enabled": over_socket,
        "token_rotation_enabled": False,
    }


ABOUT = (
    "Looks at the nodes of Proxmox VE clusters over SSH and answers in Slack: quorum and what it would survive, links, "
    "QDevice, certificates, corosync. It says what it saw and calls unknown what it did not see. What changes a "
    "cluster is approved by a second person first and runs once. Every command is recorded in a hash-chained ledger."
)
