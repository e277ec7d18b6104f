"""Attempts to run requests: whatever goes wrong, the next one comes later, and no other request suffers from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bot.pause import Leaving
from bot.units import SECOND_US

log = structlog.get_logger()


@dataclass
class Attempts:
    """*run* brings one request to its end, or says False: then it rests for *rest_s* seconds.

    After a mistake in the bot it rests twice as long each time, up to *rest_most_s*.
    """

    run: Callable[[str], bool]
    now_us: Callable[[], int]
    rest_s: float = 5.0
    rest_most_s: float = 300.0
    _until: dict[str, int] = field(default_factory=dict, init=False)
    _mistakes: dict[str, int] = field(default_factory=dict, init=False)

    def make(self, id_: str) -> None:
        """Once. Raise nothing."""
        try:
            is_done = self.run(id_)
        except Leaving:
            log.info("a run is left to its node", request=id_)
        except Exception:
            log.exception("a run stumbled", request=id_)
            self._mistakes[id_] = self._mistakes.get(id_, 0) + 1
            self._rest(id_, self.rest_s * 2 ** min(self._mistakes[id_], 16))
        else:
            self._mistakes.pop(id_, None)
            self._until.pop(id_, None)
            if not is_done:
                self._rest(id_, self.rest_s)

    def resting(self) -> set[str]:
        now_us = self.now_us()
        return {id_ for id_, until_us in list(self._until.items()) if until_us > now_us}

    def _rest(self, id_: str, seconds: float) -> None:
        self._until[id_] = self.now_us() + round(min(seconds, self.rest_most_s) * SECOND_US)
