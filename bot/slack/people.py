"""Who a Slack account is, as Slack says now: standing, language, groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.demand import ANYONE, REQUESTER, Demand
from bot.people import Account, Standing, Who
from bot.slack.settings import Group, SlackSettings
from bot.slack.shared import DIRECT, FLAGS
from bot.slack.trouble import trouble
from bot.text import Language, Refused, Text

KEPT_US = 60 * 1_000_000  # usergroups.users.list allows 20 a minute
Object = dict[str, Any]
SLACKBOT = "USLACKBOT"  # whose is_bot is false
BOTS = ("is_bot", "is_app_user", "is_workflow_bot", "is_connector_bot")
UNKNOWN = {"user_not_found", "user_not_visible"}
ENOUGH = 15  # people of a channel beyond those needed: not each of its thousands is asked for
GUESTS = ("is_restricted", "is_ultra_restricted")


class Silent(Refused):
    """Slack did not answer, or did not say."""

    def __init__(self, method: str, reason: str) -> None:
        super().__init__(SLACK_IS_SILENT.fill(method=method, reason=reason))
        self.reason = reason


@dataclass
class SlackDirectory:
    """Called from worker threads. What Slack said is believed for a minute."""

    client: WebClient
    settings: SlackSettings
    now_us: Callable[[], int]
    _known: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def who(self, account: Account) -> Who:
        """Raise `Refused` if Slack does not say."""
        user = self._user(account.user)
        name = (
            (user.get("profile") or {}).get("display_name") or user.get("real_name") or user.get("name") or account.user
        )
        own_teams = self._own_teams()
        standing = standing_of(user, account, own_teams)
        person = self._person(user, account, own_teams)
        groups, unknown = self._groups(account) if standing is Standing.MEMBER else (frozenset[str](), {})
        return Who(account, person, name, standing, self._language(user), groups, unknown)

    def _person(self, user: Object, account: Account, own_teams: frozenset[str]) -> str:
        """One for all the ways in which Slack may name this user: on a grid, the same one comes under several teams."""
        whole = user.get("enterprise_user") or {}
        own = f"{user.get('team_id') or account.team}/{user.get('id') or account.user}"
        first = f"{whole['enterprise_id']}/{whole['id']}" if whole.get("id") else own
        names = [str(account), own, first, *(f"{team}/{account.user}" for team in sorted(own_teams))]
        return next((self.settings.people[name] for name in names if name in self.settings.people), first)

    def who_now(self, account: Account) -> Who:
        """As Slack says at this moment, nothing remembered: for whoever votes. Raise `Refused` if it does not say."""
        return SlackDirectory(self.client, self.settings, self.now_us).who(account)

    def of(self, demand: Demand, channel: str) -> list[Who]:
        """Everybody who might fill a slot. Raise `Refused` if it cannot be known, or if *channel* is shared."""
        self._require_ours(channel)
        team = str(self._kept("auth.test", "", self.client.auth_test)["team_id"])
        named = sorted({account for slot in demand.slots for account in self._who_fill(slot.group)})
        found = list(self._members_of(_account(one, team) for one in named))
        if any(slot.group == ANYONE for slot in demand.slots):
            seats = sum(slot.count for slot in demand.slots)
            others = self._members_of(Account(team, user) for user in self._in_channel(channel))
            found += islice(others, seats + ENOUGH)
        return found

    def directly(self, group: str) -> list[str]:
        """Where to reach the members of *group*; empty if Slack does not say."""
        try:
            return [name.rpartition("/")[2] for name in self._who_fill(group)]
        except Silent:
            return []

    def _members_of(self, accounts: Iterable[Account]) -> Iterator[Who]:
        """Those of them who are full members; whom Slack does not know is none."""
        for account in accounts:
            try:
                who = self.who(account)
            except Silent as silent:
                if silent.reason not in UNKNOWN:
                    raise
                continue
            if who.is_member:
                yield who

    def _who_fill(self, group: str) -> list[str]:
        """The accounts named for it as `TEAM/USER`, or as the user alone; nobody is named for ANYONE."""
        if group == REQUESTER:
            return [*self.settings.people]  # also of who asked at the server's shell
        known = self.settings.groups.get(group, Group())
        return [*known.accounts, *(user for id_ in known.usergroups for user in self._members(id_))]

    def _in_channel(self, channel: str) -> list[str]:
        ask = lambda: self.client.conversations_members(channel=channel, limit=200)["members"]  # noqa: E731 - one use
        return list(self._kept("conversations.members", channel, ask))

    def require_ours_now(self, channel: str) -> None:
        """As Slack says at this moment: for a vote. Raise `Refused` if *channel* is shared, or if Slack does not say."""
        if not channel.startswith(DIRECT):
            SlackDirectory(self.client, self.settings, self.now_us)._require_ours(channel)

    def _require_ours(self, channel: str) -> None:
        """What is approved is never shown where another organisation reads."""
        ask = lambda: self.client.conversations_info(channel=channel)["channel"]  # noqa: E731 - one use
        if any(self._kept("conversations.info", channel, ask).get(flag) for flag in FLAGS):
            raise Refused(SHARED_CHANNEL.fill(channel=channel))

    def language_of(self, user: str) -> Language:
        """What they read, as far as Slack says."""
        try:
            return self._language(self._user(user))
        except Refused:
            return self.settings.language

    def remembered_language_of(self, user: str) -> Language:
        """What they read, as far as Slack has ever said: it is not asked."""
        with self._lock:
            _, known = self._known.get(("users.info", user), (0, None))
        return self._language(known or {})

    def _user(self, user: str) -> Object:
        ask = lambda: self.client.users_info(user=user, include_locale=True)["user"]  # noqa: E731 - one use, one line
        return dict(self._kept("users.info", user, ask))

    def _own_teams(self) -> frozenset[str]:
        own = self._kept("auth.test", "", self.client.auth_test)
        return self.settings.teams | {str(own["team_id"]), *filter(None, [own.get("enterprise_id")])}

    def _groups(self, account: Account) -> tuple[frozenset[str], dict[str, str]]:
        """Those that the account is in, and those of which Slack does not say so: they must not hide the others."""
        found: set[str] = set()
        unknown: dict[str, str] = {}
        for name, group in self.settings.groups.items():
            try:
                found |= {name} if self._is_in(account, group) else set()
            except Silent as silent:
                unknown[name] = silent.reason
        return frozenset(found), unknown

    def _is_in(self, account: Account, group: Group) -> bool:
        return str(account) in group.accounts or any(account.user in self._members(id_) for id_ in group.usergroups)

    def _members(self, usergroup: str) -> list[str]:
        ask = lambda: self.client.usergroups_users_list(usergroup=usergroup)["users"]  # noqa: E731 - one use, one line
        return list(self._kept("usergroups.users.list", usergroup, ask))

    def _language(self, user: Object) -> Language:
        by_locale: dict[str, Language] = {"fr": "fr", "en": "en"}
        return by_locale.get(str(user.get("locale") or "")[:2], self.settings.language)

    def _kept(self, method: str, of: str, ask: Callable[[], Any]) -> Any:
        with self._lock:
            at_us, value = self._known.get((method, of), (0, None))
        if value is not None and self.now_us() - at_us < KEPT_US:
            return value
        try:
            value = ask()
        except (SlackApiError, SlackClientError, OSError) as error:
            raise Silent(method, trouble(error).reason) from error
        with self._lock:
            self._known[method, of] = (self.now_us(), value)
        return value


def _account(name: str, own_team: str) -> Account:
    team, slash, user = name.rpartition("/")
    return Account(team if slash else own_team, user)


def standing_of(user: Object, account: Account, own_teams: frozenset[str]) -> Standing:
    """The first reason that speaks against the account; Slack's flags are read one by one, absent ones are false."""
    if user.get("deleted"):
        return Standing.DEACTIVATED
    if account.user == SLACKBOT or any(user.get(flag) for flag in BOTS):
        return Standing.BOT
    teams = {user.get("team_id"), *(user.get("enterprise_user") or {}).get("teams", [])}
    if user.get("is_stranger") or not teams & own_teams or account.team not in own_teams:
        return Standing.EXTERNAL
    if any(user.get(flag) for flag in GUESTS):
        return Standing.GUEST
    if user.get("is_invited_user"):
        return Standing.INVITED
    return Standing.MEMBER


SLACK_IS_SILENT = Text(
    en="Slack does not say who you are ({method}: {reason}), so nothing was done. Try again in a minute",
    fr="Slack ne dit pas qui vous êtes ({method} : {reason}), donc rien n'est fait. Réessayez dans une minute",
)
SHARED_CHANNEL = Text(
    en="The channel {channel} is shared with another organisation: approvals are never shown there",
    fr="Le canal {channel} est partagé avec une autre organisation : les approbations n'y sont jamais affichées",
)
