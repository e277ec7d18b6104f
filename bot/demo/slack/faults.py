"""What can go wrong with Slack, switched on by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

# These last until they are switched off, or for the number of times asked for.
LASTING = (
    "lost_ack",  # the bot's ack arrives, and is forgotten: the person sees operation_timeout
    "duplicate_delivery",  # each command, click and event is sent twice
    "cut_before_answer",  # the Web API and response_url do it, then drop the connection without an answer
    "rate_limited",  # every Web API method and response_url: 429, Retry-After
    "silent_socket",  # the sockets stay open; nothing comes, no ping is answered
    "refuse_upgrade",  # a WebSocket is refused; its ticket is spent
    "web_api_down",  # 503 from the Web API and response_url
    "slow",  # the Web API answers two seconds later
)
# These happen once, when they are switched on.
MOMENTARY = ("disconnect_warning", "disconnect_refresh_requested", "disconnect_link_disabled", "cut_sockets")
SLOW_S = 2.0
RETRY_AFTER_S = 1


@dataclass
class Faults:
    """*left*: how many more times each fault strikes; -1 without end."""

    left: dict[str, int] = field(default_factory=dict)
    on_switch: list[Callable[[str, bool], None]] = field(default_factory=list)

    def switch(self, name: str, *, on: bool, times: int = -1) -> None:
        """Raise `ValueError` if there is no fault *name*."""
        if name not in LASTING + MOMENTARY:
            raise ValueError(f"no fault {name!r}: {', '.join(LASTING + MOMENTARY)}")
        if name in LASTING:
            self.left[name] = times if on else 0
        for tell in self.on_switch:
            tell(name, on)

    def is_on(self, name: str) -> bool:
        return self.left.get(name, 0) != 0

    def strikes(self, name: str) -> bool:
        """Whether it happens now; counts down."""
        if not self.is_on(name):
            return False
        if self.left[name] > 0:
            self.left[name] -= 1
        return True

    def shown(self) -> dict[str, bool]:
        return {name: self.is_on(name) for name in LASTING + MOMENTARY}
