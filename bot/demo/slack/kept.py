"""What the local Slack keeps in a file: messages and files, so that a later demo in the same directory has them still."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bot.demo.slack.workspace import Message, Upload, Workspace


def write(path: Path, workspace: Workspace) -> None:
    """All or nothing, also when the process is killed."""
    kept = {
        "messages": [asdict(one) for one in workspace.messages],
        "files": [_file(one) for one in workspace.files.values() if one.content is not None],
        "counted": workspace.counted,
    }
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(kept))
    new.replace(path)


def read(path: Path, workspace: Workspace) -> None:
    """Put what was kept into a new *workspace*; nothing, where nothing was."""
    if not path.exists():
        return
    kept: dict[str, Any] = json.loads(path.read_text())
    workspace.messages += [Message(**one) for one in kept["messages"]]
    workspace.files |= {one["id"]: _upload(one) for one in kept["files"]}
    workspace.counted = Counter(kept["counted"])
    for person in workspace.people:
        if f"D0{person[2:]}" in {one.channel for one in workspace.messages}:
            workspace.direct(person)


def _file(upload: Upload) -> dict[str, Any]:
    return asdict(replace(upload, content=None)) | {"content": b64encode(upload.content or b"").decode()}


def _upload(kept: dict[str, Any]) -> Upload:
    return Upload(**(kept | {"content": b64decode(kept["content"])}))
