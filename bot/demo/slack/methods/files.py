"""files.*: the upload in three steps."""

from __future__ import annotations

from typing import Any

from bot.demo.slack.methods.call import Call, Failed, Method, invalid_arguments
from bot.demo.slack.people import Channel, Object
from bot.demo.slack.workspace import Upload


def upload_url(call: Call) -> Object:
    length = call.text("length")
    if not length.isdecimal() or int(length) == 0:
        raise invalid_arguments("must be a positive number [json-pointer:/length]")
    if len(call.text("alt_txt")) > 1000:
        raise Failed("alt_txt_too_large")
    file = Upload(call.workspace.new("F"), call.text("filename"), int(length))
    call.workspace.files[file.id] = file
    return {"file_id": file.id, "upload_url": f"{call.base_url}/upload/{file.id}"}


def complete(call: Call) -> Object:
    """Share the uploaded files, with one message if a channel is named."""
    files = [_uploaded(call, one) for one in call.json("files", "invalid_arguments") or []]
    if not files:
        raise invalid_arguments("must have at least one file [json-pointer:/files]")
    channel = _channel(call)
    for file, title in files:
        file.title = title
        file.channel = channel.id if channel else None
    if channel:
        said = call.workspace.by_bot(
            channel.id, {"text": call.text("initial_comment"), "thread_ts": call.text("thread_ts") or None}
        )
        said.files = [shown(file) for file, _ in files]
    call.workspace.changes.happened()
    return {"files": [shown(file) for file, _ in files]}


def shown(file: Upload) -> Object:
    return {"id": file.id, "name": file.name, "title": file.title or file.name, "size": file.length}


def _uploaded(call: Call, asked: Any) -> tuple[Upload, str]:
    file = call.workspace.files.get(asked.get("id", "")) if isinstance(asked, dict) else None
    if file is None or file.content is None:
        raise Failed("file_not_found")
    return file, str(asked.get("title") or file.name)


def _channel(call: Call) -> Channel | None:
    wanted = call.text("channel_id") or call.text("channels")
    if not wanted:
        return None
    channel = call.workspace.channels.get(wanted)
    if channel is None:
        raise Failed("channel_not_found")
    if call.app_is_not_in(channel):
        raise Failed("not_in_channel")
    return channel


METHODS = (
    Method("files.getUploadURLExternal", upload_url, ("filename", "length"), ("files:write",), 100),
    Method("files.completeUploadExternal", complete, ("files",), ("files:write",), 100),
)
