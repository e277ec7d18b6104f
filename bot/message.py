"""What comes in and what goes out: a command or a click as it arrived, a message as it will be sent. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.act import Act
from bot.action import Json
from bot.people import Account


@dataclass(frozen=True)
class Asked:
    """A command line as it arrived. *key* is the same for a redelivery. *reply_url*: Slack's response_url, or "".

    *act*: what was clicked instead; *line* then says it in words, for the record.
    """

    key: str
    line: str
    account: Account
    via: Literal["slack", "cli"]
    at_us: int
    channel: str | None = None
    reply_url: str = ""
    id: int = 0
    act: Act | None = None


@dataclass(frozen=True)
class Letter:
    """A message to send. *to* is `CHANNEL`, `CHANNEL/USER` for an ephemeral one, `RESPONSE_URL CHANNEL/USER`,
    or `CHANNEL#REQUEST/USER` for a reply in the thread of that request's card there, or else to that person directly.
    """

    way: Literal["response", "message", "ephemeral"]
    to: str
    payload: Mapping[str, Json]
    due_us: int
    id: int = 0
    attempts: int = 0
