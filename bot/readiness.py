"""Whether a command that arrived now would be recorded and answered; what /readyz says."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from bot.slack.socket import Socket
from bot.store import SqlInbox, behind_us
from bot.text import Refused, Text
from bot.units import SECOND_US

TRIED_EVERY_S = 1.0  # however often somebody asks
CLOCK_OFF_US = SECOND_US  # of a clock behind the ledger: less is what hosts differ by


@dataclass
class Readiness:
    """Why not, or None. *slack* is None where Slack calls us: then nothing can be said of it."""

    inbox: SqlInbox
    slack: Socket | None
    monotonic: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _tried_at: float = float("-inf")
    _database: str | None = None
    _clock: str | None = None

    def __call__(self) -> str | None:
        return self._not_recording() or (None if self.is_connected else "Slack is not connected")

    @property
    def is_connected(self) -> bool:
        return self.slack is None or self.slack.is_alive

    def remark(self) -> str | None:
        """What is amiss all the same while commands are recorded and answered: the clock. As it was last tried."""
        with self._lock:
            return self._clock

    def _not_recording(self) -> str | None:
        with self._lock:
            if self.monotonic() - self._tried_at >= TRIED_EVERY_S:
                self._database, self._clock = self._tried()
                self._tried_at = self.monotonic()
            return self._database

    def _tried(self) -> tuple[str | None, str | None]:
        try:
            self.inbox.try_out()
            late_us = behind_us(self.inbox.engine, self.inbox.now_us)
        except Refused as refused:
            return str(refused), None
        return None, CLOCK_BEHIND.fill(seconds=late_us // SECOND_US).to("en") if late_us >= CLOCK_OFF_US else None


CLOCK_BEHIND = Text(
    en="The machine's clock is {seconds} s behind the last event of the ledger",
    fr="L'horloge de la machine retarde de {seconds} s sur le dernier événement du registre",
)
