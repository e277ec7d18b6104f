"""Whether another organisation reads a channel: what is approved is never shown there, nor what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

KEPT_US = 60 * 1_000_000
FLAGS = ("is_ext_shared", "is_pending_ext_shared")
DIRECT = ("U", "W", "D")  # a person, or the direct messages with one


@dataclass
class Sharing:
    """What Slack said is believed for a minute where something is only drawn anew; anything new asks again."""

    client: AsyncWebClient
    now_us: Callable[[], int]
    _ours_us: dict[str, int] = field(default_factory=dict)

    async def is_shared(self, channel: str, *, now: bool) -> bool:
        """Raise what the client raises if Slack does not say. *now*: as it is at this moment."""
        if channel.startswith(DIRECT):
            return False
        if not now and self.now_us() - self._ours_us.get(channel, -KEPT_US) < KEPT_US:
            return False
        found = await self.client.api_call("conversations.info", data={"channel": channel})
        if any(found["channel"].get(flag) for flag in FLAGS):
            return True
        self._ours_us[channel] = self.now_us()
        return False
