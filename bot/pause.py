"""Waiting that ends when the bot does: a run is then left to its node, where whoever starts next finds it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


class Leaving(Exception):
    """The bot ends; what was waited for is not known."""


@dataclass(frozen=True)
class Pause:
    _ending: threading.Event = field(default_factory=threading.Event)

    def sleep(self, seconds: float) -> None:
        """Raise `Leaving` if the bot ends meanwhile."""
        if self._ending.wait(seconds):
            raise Leaving

    def end(self) -> None:
        self._ending.set()
