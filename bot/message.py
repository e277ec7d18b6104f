"""What comes in and what goes out: a command line as it arrived, a message as it will be sent. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.action import Json
from bot.people import Account


@dataclass(frozen=True)
class Asked:
    """A command line as it arrived. *key* is the same for a redelivery. *reply_url*: Slack's response_url, or ""."""

    key: str
    line: str
    account: Account
    via: Literal["slack", "cli"]
    at_us: int
    channel: str | None = None
    reply_url: str = ""
    id: int = 0


@dataclass(frozen=True)
class Letter:
    """A message to send. *to* is `CHANNEL`, `CHANNEL/USER` for an ephemeral one, or `RESPONSE_URL CHANNEL/USER`."""

    way: Literal["response", "message", "ephemeral"]
    to: str
    payload: Mapping[str, Json]
    due_us: int
    id: int = 0
    attempts: int = 0
