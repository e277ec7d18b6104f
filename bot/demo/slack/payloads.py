"""The payloads Slack sends: a command, a click, a submitted or closed view, an event."""

from __future__ import annotations

from bot.demo.slack import modals
from bot.demo.slack.people import APP, BOT_USER, TEAM, TEAM_DOMAIN, Channel, Object, Person
from bot.demo.slack.workspace import Message, View, Workspace

VERIFICATION_TOKEN = "local-deprecated-token"
PARTNER_DOMAIN = "partner"


def slash(person: Person, channel: Channel, words: tuple[str, str], response_url: str, trigger: str) -> Object:
    """*words*: the command and its text. The team is the person's own."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": person.team_id,
        "team_domain": _domain(person),
        "channel_id": channel.id,
        "channel_name": "privategroup" if channel.is_private else channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": words[0],
        "text": words[1],
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger,
    }


def _interaction(kind: str, person: Person) -> Object:
    return {
        "type": kind,
        "team": {"id": TEAM, "domain": TEAM_DOMAIN},
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": APP,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def click_in_message(person: Person, channel: Channel, message: Message, action: Object) -> Object:
    container: Object = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    payload = _interaction("block_actions", person) | {
        "container": container,
        "channel": {"id": channel.id, "name": "privategroup" if channel.is_private else channel.name},
        "state": {"values": {}},
        "actions": [action],
    }
    # Slack keeps no ephemeral message, so it cannot send one along.
    return payload if message.ephemeral_to else payload | {"message": message.shown()}


def click_in_view(person: Person, view: View, action: Object) -> Object:
    return _interaction("block_actions", person) | {
        "container": {"type": "view", "view_id": view.id},
        "view": modals.shown(view),
        "actions": [action],
    }


def submission(person: Person, view: View) -> Object:
    return _interaction("view_submission", person) | {"view": modals.shown(view), "response_urls": []}


def closed(person: Person, view: View, *, cleared: bool) -> Object:
    return _interaction("view_closed", person) | {"view": modals.shown(view), "is_cleared": cleared}


def home_opened(person: Person, workspace: Workspace) -> Object:
    now = workspace.clock.now()
    event: Object = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": workspace.direct(person.id).id,
        "tab": "home",
        "event_ts": workspace.new_ts(),
    }
    view = modals.home(workspace, person.id)
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM,
        "api_app_id": APP,
        "event": event | ({"view": modals.shown(view)} if view else {}),
        "type": "event_callback",
        "event_id": workspace.new("Ev"),
        "event_time": int(now),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": "",
    }


def _domain(person: Person) -> str:
    return TEAM_DOMAIN if person.team_id == TEAM else PARTNER_DOMAIN
