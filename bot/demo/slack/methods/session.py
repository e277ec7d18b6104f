"""auth.test, apps.connections.open, blocks.validate: who the app is, and how it connects."""

from __future__ import annotations

from bot.demo.slack.kit.lint import mistakes
from bot.demo.slack.methods.call import Call, Failed, Method, invalid_arguments
from bot.demo.slack.people import BOT, BOT_USER, TEAM, TEAM_DOMAIN, Object


def who_am_i(_call: Call) -> Object:
    return {
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": "Local",
        "user": "pve-cluster-bot",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> Object:
    return {"url": call.new_ticket()}


def validate_blocks(call: Call) -> Object:
    """blocks.validate, which needs no scope: what is wrong with blocks, without posting them."""
    blocks = call.json("blocks", "invalid_blocks_format")
    if blocks is None:
        raise invalid_arguments("missing required field: blocks")
    found = mistakes(blocks, "message")
    if found:
        raise Failed("invalid_blocks", response_metadata={"messages": [f"[ERROR] {one}" for one in found]})
    return {}


METHODS = (
    Method("auth.test", who_am_i),
    Method("apps.connections.open", open_connection, per_minute=50, token="app"),
    Method("blocks.validate", validate_blocks),
)
