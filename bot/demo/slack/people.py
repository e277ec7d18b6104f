"""Who and what is in the local workspace when it opens: people of every standing, groups, channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Object: TypeAlias = dict[str, Any]  # what JSON gives
TEAM = "T0LOCAL"
TEAM_DOMAIN = "local"
PARTNER = "T0PARTNER"
APP = "A0PVEBOT"
BOT_USER = "U0PVEBOT"
BOT = "B0PVEBOT"
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class Person:
    """One account. *about*: what makes it special, for the page's list."""

    id: str
    name: str
    real_name: str
    about: str = ""
    team_id: str = TEAM
    locale: str = "en-US"
    tz: str = "Europe/London"
    tz_offset: int = 0
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_admin: bool = False

    def shown(self, *, locale: bool = False) -> Object:
        """The user object of users.info; a deactivated one has no time zone and no guest flags, as in Slack."""
        common: Object = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": {"real_name": self.real_name, "display_name": self.name, "team": self.team_id},
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1_700_000_000,
        }
        return common if self.deleted else {**common, **self._active(), **({"locale": self.locale} if locale else {})}

    def _active(self) -> Object:
        return {
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            **({"is_stranger": False} if self.team_id != TEAM else {}),
        }


@dataclass(frozen=True)
class Group:
    """A user group: `@handle`."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...]


@dataclass(frozen=True)
class Channel:
    """A conversation. *user*: whose direct messages with the bot these are."""

    id: str
    name: str
    members: frozenset[str]
    is_private: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    user: str | None = None

    @property
    def is_im(self) -> bool:
        return self.user is not None

    def shown(self) -> Object:
        """The conversation object of conversations.info."""
        if self.is_im:
            return {"id": self.id, "is_im": True, "user": self.user, "created": 1_700_000_000, "is_archived": False}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_general": self.name == "general",
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_member": BOT_USER in self.members,
            "context_team_id": TEAM,
            "created": 1_700_000_000,
        }


PEOPLE = (
    Person("U0ALICE", "alice", "Alice Martin", is_admin=True),
    Person("U0BOB", "bob", "Bob Dupont", about="reads French", locale="fr-FR", tz="Europe/Paris", tz_offset=3600),
    Person("U0CAROL", "carol", "Carol Weber", locale="en-GB", tz="Europe/Berlin", tz_offset=3600),
    Person("U0DAVE", "dave", "Dave Guest", about="guest", is_restricted=True),
    Person("U0SAM", "sam", "Sam Single", about="single-channel guest", is_restricted=True, is_ultra_restricted=True),
    Person("U0ERIN", "erin", "Erin Partner", about="another organisation", team_id=PARTNER),
    Person("U0FRANK", "frank", "Frank Former", about="deactivated", deleted=True),
    Person("U0CIBOT", "ci-bot", "CI", about="bot", is_bot=True),
    Person(BOT_USER, "pve-cluster-bot", "pve-cluster-bot", about="this bot", is_bot=True),
    Person(SLACKBOT, "slackbot", "Slackbot"),  # is_bot is false for it, in Slack too
)
GROUPS = (
    Group("S0PVEOPS", "pve-ops", "PVE operators", ("U0ALICE", "U0BOB")),
    Group("S0READERS", "pve-readers", "PVE readers", ("U0CAROL", "U0DAVE", "U0FRANK")),
)
_STAFF = frozenset({"U0ALICE", "U0BOB", "U0CAROL"})
CHANNELS = (
    Channel("C0OPS", "ops", _STAFF | {BOT_USER, "U0DAVE", "U0SAM", "U0CIBOT"}),
    Channel("C0NEW", "pve-new", _STAFF | {BOT_USER}),
    Channel("C0GENERAL", "general", _STAFF | {BOT_USER}),
    Channel("C0RANDOM", "random", _STAFF),  # the bot was not invited
    Channel("C0PARTNER", "with-partner", _STAFF | {BOT_USER, "U0ERIN"}, is_ext_shared=True),
    Channel("C0SECRET", "secret", frozenset({"U0ALICE", "U0BOB", BOT_USER}), is_private=True),
    Channel("C0OLD", "old", _STAFF | {BOT_USER}, is_archived=True),
)
