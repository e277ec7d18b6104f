"""What a call of Slack that failed says, whichever form slack_sdk gives it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

WORD = re.compile(r"[a-z][a-z0-9_]*")  # the synchronous client gives a proxy's whole page as the error


@dataclass(frozen=True)
class Trouble:
    """*reason*: Slack's own word for it, else what kind of failure it was. *status*: of HTTP, 0 without an answer."""

    reason: str
    status: int = 0
    retry_after_s: float | None = None


def trouble(error: Exception) -> Trouble:
    """An answer that is no JSON, as of a proxy, has the clients raise without Slack's own response."""
    if not isinstance(error, SlackApiError):
        return Trouble(type(error).__name__)
    raw: object = error.response
    fields = raw if isinstance(raw, Mapping) else vars(raw)
    status = int(getattr(raw, "status", 0) or fields.get("status") or fields.get("status_code") or 0)
    data = fields.get("data")
    said = str(data.get("error")) if isinstance(data, Mapping) else ""
    headers = getattr(raw, "headers", None) or fields.get("headers") or {}
    return Trouble(said if WORD.fullmatch(said) else f"HTTP {status}", status, seconds(headers.get("Retry-After")))


def seconds(header: object) -> float | None:
    """Of a Retry-After; None if there is none that can be read."""
    return float(header) if isinstance(header, str) and header.isdecimal() else None
