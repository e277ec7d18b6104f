"""chat.*: messages that the bot posts, changes and removes."""

from __future__ import annotations

from bot.demo.slack.content import TRUNCATED_AT, UPDATE_MOST, message_of
from bot.demo.slack.methods.call import Call, Failed, Method
from bot.demo.slack.people import BOT, TEAM_DOMAIN, Channel, Object
from bot.demo.slack.workspace import Message


def post(call: Call) -> Object:
    channel = _open_channel(call)
    _check_thread(call, channel)
    said = call.workspace.by_bot(channel.id, message_of(call))
    return {"channel": channel.id, "ts": said.ts, "message": said.shown()}


def post_ephemeral(call: Call) -> Object:
    channel = _open_channel(call)
    if call.text("user") not in channel.members:
        raise Failed("user_not_in_channel")
    if len(call.text("text")) > TRUNCATED_AT:
        raise Failed("msg_too_long")
    said = call.workspace.by_bot(channel.id, message_of(call), ephemeral_to=call.text("user"))
    return {"message_ts": said.ts}


def update(call: Call) -> Object:
    message = _own_message(call, "cant_update_message")
    if call.workspace.channels[message.channel].is_archived:
        raise Failed("is_inactive")
    if len(call.text("text")) > UPDATE_MOST:
        raise Failed("msg_too_long")
    body = message_of(call)
    call.workspace.change(message, body)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": message.shown()}


def delete(call: Call) -> Object:
    message = _own_message(call, "cant_delete_message")
    call.workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(call: Call) -> Object:
    channel = call.channel()
    ts = call.text("message_ts")
    if call.workspace.find(channel.id, ts) is None:
        raise Failed("message_not_found")
    return {
        "channel": channel.id,
        "permalink": f"https://{TEAM_DOMAIN}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}",
    }


def _open_channel(call: Call) -> Channel:
    """Where to post: a channel by id, or a person's direct messages by user id."""
    person = call.workspace.people.get(call.text("channel"))
    if person is not None and not person.deleted:
        return call.workspace.direct(person.id)
    channel = call.channel()
    if channel.is_archived:
        raise Failed("is_archived")
    if call.app_is_not_in(channel):
        raise Failed("not_in_channel")
    return channel


def _check_thread(call: Call, channel: Channel) -> None:
    thread = call.text("thread_ts")
    parent = call.workspace.find(channel.id, thread) if thread else None
    if parent is not None and parent.ephemeral_to:
        raise Failed("cannot_reply_to_message")


def _own_message(call: Call, not_ours: str) -> Message:
    channel = call.channel()
    message = call.workspace.find(channel.id, call.text("ts"))
    if message is None or message.ephemeral_to:  # an ephemeral one can only be changed through its response_url
        raise Failed("message_not_found")
    if message.bot_id != BOT:
        raise Failed(not_ours)
    return message


_WRITE = ("chat:write",)
METHODS = (
    Method("chat.postMessage", post, ("channel",), _WRITE),
    Method("chat.postEphemeral", post_ephemeral, ("channel", "user"), _WRITE, 100),
    Method("chat.update", update, ("channel", "ts"), _WRITE, 50),
    Method("chat.delete", delete, ("channel", "ts"), _WRITE, 50),
    Method("chat.getPermalink", permalink, ("channel", "message_ts")),
)
