"""What Slack sends to the bot, and what comes back; over HTTP or sockets alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from bot.demo.slack.people import Object

ACK_S = 3.0
TIMEOUT = "operation_timeout"
NOT_DELIVERED = "dispatch_failed"


@dataclass(frozen=True)
class Delivery:
    """One thing to deliver. *retry*, *reason*: only events are sent again."""

    kind: Literal["slash_commands", "interactive", "events_api"]
    payload: Object
    retry: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Ack:
    """How the bot took it: *body* is what it answered, *error* why the person sees a failure instead."""

    body: Object | None = None
    error: str | None = None
    took_s: float = 0.0
    no_retry: bool = False


class Transport(Protocol):
    async def deliver(self, delivery: Delivery) -> Ack:
        """Send it and wait at most three seconds for the ack; a failure is an `Ack` too."""

    async def close(self) -> None: ...
