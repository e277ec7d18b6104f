"""What the Slack edge needs to know of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.names import Secret
from bot.text import Language


@dataclass(frozen=True)
class Group:
    """People by account (`TEAM/USER`) and Slack user groups by id."""

    accounts: frozenset[str] = frozenset()
    usergroups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SlackSettings:
    """*people* names the person behind an account (`TEAM/USER`); *teams*: other workspaces that are ours too."""

    bot_token: Secret
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    base_url: str = "https://slack.com/api/"
    language: Language = "en"
    teams: frozenset[str] = frozenset()
    people: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    channels: frozenset[str] = frozenset()
