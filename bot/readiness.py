"""Whether a command that arrived now would be recorded and answered; what /readyz says."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from bot.slack.socket import Socket
from bot.store import SqlInbox
from bot.text import Refused

TRIED_EVERY_S = 1.0  # however often somebody asks


@dataclass
class Readiness:
    """Why not, or None. *slack* is None where Slack calls us: then nothing can be said of it."""

    inbox: SqlInbox
    slack: Socket | None
    monotonic: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _tried_at: float = float("-inf")
    _database: str | None = None

    def __call__(self) -> str | None:
        return self._not_recording() or (None if self.is_connected else "Slack is not connected")

    @property
    def is_connected(self) -> bool:
        return self.slack is None or self.slack.is_alive

    def _not_recording(self) -> str | None:
        with self._lock:
            if self.monotonic() - self._tried_at >= TRIED_EVERY_S:
                self._database, self._tried_at = self._tried(), self.monotonic()
            return self._database

    def _tried(self) -> str | None:
        try:
            self.inbox.try_out()
        except Refused as refused:
            return str(refused)
        return None
