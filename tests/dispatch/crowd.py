"""Everybody there is, for processes that have no Slack: whoever speaks is a full member and may approve."""

from __future__ import annotations

from collections.abc import Sequence

from bot.demand import Demand
from bot.people import Account, Standing, Who
from bot.text import Language


class Crowd:
    """As `SlackDirectory`."""

    def who(self, account: Account) -> Who:
        return Who(account, account.user, account.user, Standing.MEMBER, "en", frozenset({"ops"}))

    def who_now(self, account: Account) -> Who:
        return self.who(account)

    def of(self, demand: Demand, channel: str) -> Sequence[Who]:
        return [self.who(Account("T1", "bob"))]

    def directly(self, group: str) -> list[str]:
        return []

    def require_ours_now(self, _channel: str) -> None:
        """No channel is shared."""

    def language_of(self, user: str) -> Language:
        return "en"

    def remembered_language_of(self, user: str) -> Language:
        return self.language_of(user)
