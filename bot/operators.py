"""People at the server's shell: `do` acts as the person to whom [people] maps the login."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config import Config
from bot.people import Account, Standing, Who
from bot.text import Language

TEAM = "os"


@dataclass(frozen=True)
class Operators:
    """Knows the configuration only: a Slack user group's members are not known here, so it opens nothing."""

    config: Config
    language: Language = "en"

    def who(self, account: Account) -> Who:
        name = next((name for name, one in self.config.people.items() if account.user in one.logins), None)
        if name is None:
            return Who(account, str(account), account.user, Standing.UNMAPPED, self.language)
        groups = frozenset(group for group in self.config.groups if self._is_in(name, group))
        return Who(account, name, name, Standing.OPERATOR, self.language, groups)

    def who_now(self, account: Account) -> Who:
        return self.who(account)

    def _is_in(self, name: str, group: str) -> bool:
        members = self.config.groups[group].people
        return name in members or bool(self.config.people[name].accounts & members)
