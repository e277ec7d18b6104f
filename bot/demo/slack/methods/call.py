"""One call of a Web API method: its arguments, what it may do, how it fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.demo.slack.people import Channel, Object, Person
from bot.demo.slack.workspace import Workspace

SCOPES = frozenset(
    {
        "commands",
        "chat:write",
        "users:read",
        "usergroups:read",
        "im:write",
        "files:write",
        "channels:read",
        "groups:read",
    }
)


class Failed(Exception):
    """The method answers `ok: false`. *more*: what else the answer says."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass(frozen=True)
class App:
    """The installed app as Slack knows it: its tokens, its secret, its scopes."""

    bot_token: str
    app_token: str
    signing_secret: str
    scopes: frozenset[str] = SCOPES
    command: str = "/pve-cluster"


@dataclass
class Call:
    """*args*: as they came over the wire, JSON in forms decoded. *base_url*: where this Slack is."""

    args: Mapping[str, Any]
    workspace: Workspace
    app: App
    base_url: str
    new_ticket: Callable[[], str] = field(default=lambda: "")

    def text(self, name: str) -> str:
        value = self.args.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "1"}

    def json(self, name: str, error: str) -> Any:
        """The JSON in argument *name*, None without it. Raise `Failed` with *error* if it is none."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Failed(error) from None

    def need_scope(self, *any_of: str) -> None:
        """Raise `Failed` unless the app has one of the scopes."""
        if not self.app.scopes & set(any_of):
            raise Failed("missing_scope", needed=",".join(any_of), provided=",".join(sorted(self.app.scopes)))

    def channel(self) -> Channel:
        found = self.workspace.channels.get(self.text("channel"))
        if found is None or (found.is_private and self.app_is_not_in(found)):
            raise Failed("channel_not_found")
        return found

    def app_is_not_in(self, channel: Channel) -> bool:
        return "U0PVEBOT" not in channel.members

    def person(self, name: str = "user", error: str = "user_not_found") -> Person:
        if self.text(name) not in self.workspace.people:
            raise Failed(error)
        return self.workspace.people[self.text(name)]

    def page(self, items: list[Any]) -> tuple[list[Any], Object]:
        """The part of *items* that cursor and limit ask for, and how to get the next."""
        start, limit = self._cursor(), self._limit()
        more = str(start + limit) if start + limit < len(items) else ""
        return items[start : start + limit], {"response_metadata": {"next_cursor": more}}

    def _cursor(self) -> int:
        if not self.text("cursor"):
            return 0
        if not self.text("cursor").isdecimal():
            raise Failed("invalid_cursor")
        return int(self.text("cursor"))

    def _limit(self) -> int:
        given = self.text("limit") or "100"
        if not given.isdecimal() or not 1 <= int(given) <= 1000:
            raise Failed("invalid_limit")
        return int(given)


@dataclass(frozen=True)
class Method:
    """*per_minute*: its tier. *scopes*: all of them are needed; what depends on arguments, *run* asks for."""

    name: str
    run: Callable[[Call], Object]
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    per_minute: int | None = None
    token: str = "bot"


def invalid_arguments(*messages: str) -> Failed:
    return Failed("invalid_arguments", response_metadata={"messages": [f"[ERROR] {one}" for one in messages]})
