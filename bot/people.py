"""Who somebody is: accounts, the person behind them, and what lets them use the bot. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.text import Language


class Standing(StrEnum):
    """What an account is in the workspace; only a full member may use the bot."""

    MEMBER = "member"
    GUEST = "guest"
    INVITED = "invited"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    EXTERNAL = "external"
    OPERATOR = "operator"  # a person at the server's shell (`do`), mapped by [people]
    UNMAPPED = "unmapped"  # a login at the server's shell that [people] does not know: may only read


@dataclass(frozen=True)
class Account:
    """One Slack account, or one OS login (*team* is then `os`). A name is never an identifier."""

    team: str
    user: str
    enterprise: str = ""

    def __str__(self) -> str:
        return f"{self.team}/{self.user}"


@dataclass(frozen=True)
class Who:
    """An account as it was found just now. *person* is the same for all accounts of one human.

    *unknown_groups*: those of which nobody said now who is in them, and why.
    """

    account: Account
    person: str
    name: str
    standing: Standing
    language: Language
    groups: frozenset[str] = frozenset()
    unknown_groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_member(self) -> bool:
        return self.standing is Standing.MEMBER
