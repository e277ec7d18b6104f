"""Where one card of a request hangs. A port: the database keeps it, the Slack edge draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Card:
    """*place*: a channel, or a person to whom it goes directly. *channel*, *ts*: of its message, "" before there is one.

    *drawn*: the version of the request that it shows; 0: not all of it was sent yet; negative: it is to be put up anew.
    """

    request_id: str
    place: str
    channel: str = ""
    ts: str = ""
    drawn: int = 0
    attempts: int = 0

    @property
    def is_anew(self) -> bool:
        """One hangs, or was deleted, and a new message is to take its place."""
        return self.drawn < 0 and self.ts != ""


class Cards(Protocol):
    def due(self, limit: int, *, now_us: int) -> list[Card]: ...
    def drawn(self, drawn: Card, *, now_us: int, again_us: int | None) -> None: ...
    def later(self, drawn: Card, *, due_us: int | None) -> None: ...
    def put_up(self, request_id: str, place: str, *, now_us: int) -> None: ...
    def hung(self, request_id: str, channel: str) -> str: ...
