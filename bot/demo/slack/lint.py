"""Block Kit as Slack takes it: what is wrong with a list of blocks."""

from __future__ import annotations

from typing import Any, Literal

Surface = Literal["message", "modal", "home"]


def mistakes(blocks: Any, surface: Surface, at: str = "/blocks") -> list[str]:
    return [] if isinstance(blocks, list) else [f"must be an array [json-pointer:{at}]"]
