"""conversations.*: channels, who is in them, direct messages."""

from __future__ import annotations

from bot.demo.slack.methods.call import Call, Failed, Method
from bot.demo.slack.people import BOT_USER, Channel, Object

_KINDS = {"public_channel", "private_channel", "mpim", "im"}


def info(call: Call) -> Object:
    channel = call.channel()
    call.need_scope(_read_scope(channel))
    members = {"num_members": len(channel.members)} if call.flag("include_num_members") else {}
    return {"channel": channel.shown() | members}


def members(call: Call) -> Object:
    channel = call.channel()
    call.need_scope(_read_scope(channel))
    part, more = call.page(sorted(channel.members))
    return {"members": part} | more


def list_(call: Call) -> Object:
    kinds = set((call.text("types") or "public_channel").replace(" ", "").split(","))
    if not kinds <= _KINDS:
        raise Failed("invalid_types")
    for kind in sorted(kinds):
        call.need_scope(_SCOPE_OF_KIND[kind])
    chosen = [one for one in call.workspace.channels.values() if _kind(one) in kinds and _is_visible(one)]
    if call.flag("exclude_archived"):
        chosen = [one for one in chosen if not one.is_archived]
    part, more = call.page(chosen)
    return {"channels": [one.shown() for one in part]} | more


def open_(call: Call) -> Object:
    """Only direct messages with one person: the bot has no mpim:write."""
    users = [one for one in call.text("users").replace(" ", "").split(",") if one]
    if call.text("channel"):
        return {"channel": {"id": call.channel().id}}
    if not users:
        raise Failed("users_list_not_supplied")
    call.need_scope("im:write" if len(users) == 1 else "mpim:write")
    if len(users) > 1:
        raise Failed("method_not_supported_for_channel_type")
    return _direct(call, users[0])


def _direct(call: Call, user: str) -> Object:
    person = call.workspace.people.get(user)
    if person is None:
        raise Failed("user_not_found")
    if person.deleted:
        raise Failed("user_disabled")
    channel = call.workspace.direct(user)
    return {"channel": channel.shown() if call.flag("return_im") else {"id": channel.id}}


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _is_visible(channel: Channel) -> bool:
    return not channel.is_private or BOT_USER in channel.members


def _read_scope(channel: Channel) -> str:
    return _SCOPE_OF_KIND[_kind(channel)]


_SCOPE_OF_KIND = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "mpim": "mpim:read",
    "im": "im:read",
}
METHODS = (
    Method("conversations.info", info, ("channel",), (), 50),
    Method("conversations.members", members, ("channel",), (), 100),
    Method("conversations.list", list_, (), (), 20),
    Method("conversations.open", open_, (), (), 50),
)
