"""Looks at what was done for a while afterwards, and tells once when it no longer holds: a removed node that came back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot.action import Report
from bot.docket import BOT, Docket, Edit, happened
from bot.event import Kind
from bot.message import Letter
from bot.request import Request, State
from bot.text import Refused
from bot.units import SECOND_US
from bot.workflow import Workflow

log = structlog.get_logger()
EVERY_S = 300.0
MOST = 500  # of the newest
ENDED = (State.SUCCEEDED, State.FAILED, State.RECONCILED)  # what failed may be done all the same: what is seen tells


@dataclass(frozen=True)
class Watch:
    """*tell*: the messages that bring what was seen."""

    docket: Docket
    workflow: Workflow
    tell: Callable[[Request, Report], tuple[Letter, ...]]
    now_us: Callable[[], int]

    def look(self) -> None:
        """At everything that is still watched. What cannot be seen now is looked at next time."""
        for request in self.docket.find(ENDED, limit=MOST):
            if self._is_watched(request):
                try:
                    self._look_at(request)
                except Refused as reason:
                    log.info("what was done cannot be watched", request=request.id, why=str(reason))

    def _is_watched(self, request: Request) -> bool:
        left_us = (request.ended_us or 0) + self.workflow.watch_s(request.plan) * SECOND_US - self.now_us()
        return left_us > 0 and not self._is_told(request)

    def _look_at(self, request: Request) -> None:
        seen = self.workflow.watched(request.plan)
        if seen is not None:
            self.docket.change(request.id, partial(self._told, seen))

    def _told(self, seen: Report, request: Request, _at_us: int) -> Edit | None:
        """Once: another bot may have seen it as well."""
        if self._is_told(request):
            return None
        event = happened(request, Kind.RUN_UNDONE, BOT, str(seen.level), seen=seen.headline.to("en"))
        return Edit(events=(event,), letters=self.tell(request, seen))

    def _is_told(self, request: Request) -> bool:
        return any(told.kind == Kind.RUN_UNDONE for told in self.docket.story(request.id))
