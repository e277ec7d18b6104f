"""Only full, active, internal people may use the bot, whatever kind of account asks; the others hear why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.actions import load_actions
from bot.demo.slack.people import BOT_USER, PARTNER, SLACKBOT, TEAM, Person
from bot.demo.slack.server import LocalSlack
from bot.desk import Done
from bot.help import with_help
from bot.message import Asked
from bot.people import Account, Standing
from bot.policy import Rule
from bot.slack.client import sync_client
from bot.slack.people import KEPT_US, SlackDirectory
from bot.slack.settings import Group
from bot.workflow import Workflow
from tests.clerks import reading_clerk
from tests.conftest import NOON_US
from tests.slack.running import settings_of

ALICE, BOB, CAROL = (Account(TEAM, user) for user in ("U0ALICE", "U0BOB", "U0CAROL"))
ANN = Account(TEAM, "U0ANN")
Users = Mapping[str, Any]


@dataclass(frozen=True)
class Odd(Person):
    """Somebody with flags that Slack shows only where they are true."""

    more: Users = field(default_factory=dict)

    def shown(self, *, locale: bool = False) -> dict[str, Any]:
        return super().shown(locale=locale) | dict(self.more)


@dataclass
class Door:
    """Asking for something in the local Slack, as far as the answer."""

    slack: LocalSlack
    directory: SlackDirectory
    at_us: int = NOON_US

    def asks(self, account: Account, *rules: Rule, line: str = "help") -> Done:
        clerk = reading_clerk(Workflow({}, with_help(load_actions()), rules), self.directory, lambda: self.at_us)
        return clerk.do(Asked("k", line, account, "slack", self.at_us, "C0OPS"))

    def refusal(self, account: Account, *rules: Rule) -> str:
        """What the person is told, in their own language; nothing if they are let in."""
        done = self.asks(account, *rules)
        return done.answer.refusal.to(done.who.language) if done.answer.refusal else ""

    def knows(self, **about: Any) -> None:
        ann = Odd("U0ANN", "ann", "Ann", **about)
        self.slack.on_loop(lambda: self.slack.workspace.people.update({"U0ANN": ann}))

    def configured(self, **settings: Any) -> None:
        self.directory.settings = replace(self.directory.settings, **settings)

    def calls(self, method: str) -> int:
        return self.slack.on_loop(lambda: [name for name, _ in self.slack.web_api.calls].count(method))


@pytest.fixture(name="door")
def a_door(local_slack: LocalSlack) -> Door:
    settings = settings_of(local_slack)
    door = Door(local_slack, SlackDirectory(sync_client(settings), settings, lambda: door.at_us))
    return door


GRID = {"enterprise_user": {"id": "W1", "enterprise_id": "E1", "teams": ["T0OTHER", "T0THIRD"]}}


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"is_admin": True, "more": {"is_owner": True, "is_primary_owner": True}},
        {"more": {"is_stranger": False}},
        {"more": {"enterprise_user": {"id": "W1", "enterprise_id": "E1", "teams": [TEAM, "T0OTHER"]}}},
        {"more": {"enterprise_user": None, "profile": None}},
    ],
    ids=["member", "owner", "no stranger", "of two teams", "nulls"],
)
def test_a_full_member_is_let_in(door: Door, about: dict[str, Any]) -> None:
    door.knows(**about)
    assert door.refusal(ANN) == ""
    assert door.asks(ANN).who.standing is Standing.MEMBER


GUEST = "is a guest in this workspace: only full members may use this bot"
A_BOT = "is a bot: only people may use this bot"
OUTSIDE = "belongs to another organisation: only our own members may use this bot"


@pytest.mark.parametrize(
    ("about", "standing", "why"),
    [
        ({"is_restricted": True}, Standing.GUEST, f"ann {GUEST}"),
        ({"is_restricted": True, "is_ultra_restricted": True}, Standing.GUEST, f"ann {GUEST}"),
        (
            {"more": {"is_invited_user": True}},
            Standing.INVITED,
            "ann has not joined this workspace yet: accept the invitation first",
        ),
        ({"deleted": True}, Standing.DEACTIVATED, "The account of ann is deactivated"),
        ({"deleted": True, "is_bot": True}, Standing.DEACTIVATED, "The account of ann is deactivated"),
        ({"is_bot": True}, Standing.BOT, f"ann {A_BOT}"),
        ({"more": {"is_app_user": True}}, Standing.BOT, f"ann {A_BOT}"),
        ({"more": {"is_workflow_bot": True}}, Standing.BOT, f"ann {A_BOT}"),
        ({"more": {"is_connector_bot": True}}, Standing.BOT, f"ann {A_BOT}"),
        ({"team_id": PARTNER}, Standing.EXTERNAL, f"ann {OUTSIDE}"),
        ({"team_id": PARTNER, "is_restricted": True}, Standing.EXTERNAL, f"ann {OUTSIDE}"),
        ({"more": {"is_stranger": True}}, Standing.EXTERNAL, f"ann {OUTSIDE}"),
        ({"team_id": "T0OTHER", "more": GRID}, Standing.EXTERNAL, f"ann {OUTSIDE}"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_nobody_else_is_let_in_and_each_hears_why(
    door: Door, about: dict[str, Any], standing: Standing, why: str
) -> None:
    door.knows(**about)
    assert door.refusal(ANN) == why
    assert door.asks(ANN).who.standing is standing


def test_the_people_of_the_local_workspace_are_what_they_are(door: Door) -> None:
    users = ("U0ALICE", "U0DAVE", "U0SAM", "U0ERIN", "U0FRANK", "U0CIBOT", BOT_USER, SLACKBOT)
    found = [door.directory.who(Account(TEAM, user)).standing for user in users]
    guests = [Standing.GUEST] * 2
    bots = [Standing.BOT] * 3
    assert found == [Standing.MEMBER, *guests, Standing.EXTERNAL, Standing.DEACTIVATED, *bots]


def test_an_account_that_says_it_is_of_a_foreign_team_is_foreign(door: Door) -> None:
    """Over Slack Connect the payload names the person's own workspace."""
    assert door.asks(Account(PARTNER, "U0ALICE")).who.standing is Standing.EXTERNAL


def test_another_team_of_the_enterprise_is_ours_if_it_is_configured(door: Door) -> None:
    door.knows(team_id="T0OTHER", more=GRID)
    door.configured(teams=frozenset({"T0THIRD"}))
    assert door.refusal(ANN) == ""
    assert door.refusal(Account("T0THIRD", "U0ANN")) == ""


def test_two_accounts_mapped_to_one_person_are_one_person(door: Door) -> None:
    door.configured(people={str(ALICE): "Alice Martin", str(CAROL): "Alice Martin"})
    persons = [door.directory.who(account).person for account in (ALICE, CAROL, BOB)]
    assert persons == ["Alice Martin", "Alice Martin", f"{TEAM}/U0BOB"]


def test_one_user_seen_through_two_teams_of_a_grid_is_one_person(door: Door) -> None:
    """Else who asks as a member of one team approves as a member of the other."""
    door.knows(team_id="T0OTHER", more=GRID)
    door.configured(teams=frozenset({"T0THIRD"}))
    seen = {door.directory.who(Account(team, ANN.user)).person for team in (ANN.team, "T0THIRD", "T0OTHER")}
    assert len(seen) == 1


def test_a_person_mapped_by_one_team_is_mapped_by_all(door: Door) -> None:
    door.knows(team_id="T0OTHER", more=GRID)
    door.configured(teams=frozenset({"T0THIRD"}), people={f"T0THIRD/{ANN.user}": "Ann Other"})
    assert {door.directory.who(Account(team, ANN.user)).person for team in (ANN.team, "T0THIRD")} == {"Ann Other"}


OPS = Rule(groups=frozenset({"ops"}))
FOR_OPS = "“help” is for members of: ops. Ask one of them, or the owner of the bot's configuration"


@pytest.mark.parametrize(
    "group", [Group(usergroups=frozenset({"S0PVEOPS"})), Group(frozenset({str(ALICE)}))], ids=["of Slack", "plain"]
)
def test_a_rule_lets_in_the_members_of_its_group_and_tells_the_others(door: Door, group: Group) -> None:
    door.configured(groups={"ops": group})
    assert [door.refusal(one, OPS) for one in (ALICE, CAROL)] == ["", FOR_OPS]


def test_a_guest_in_a_user_group_is_still_a_guest(door: Door) -> None:
    door.configured(groups={"ops": Group(usergroups=frozenset({"S0READERS"}))})
    assert door.refusal(Account(TEAM, "U0DAVE"), OPS) == f"dave {GUEST}"
    assert door.directory.who(Account(TEAM, "U0DAVE")).groups == frozenset()


def unpaid(door: Door) -> None:
    door.slack.workspace.paid = False


def gone(door: Door) -> None:
    door.slack.workspace.groups.clear()


@pytest.mark.parametrize(("fails", "reason"), [(unpaid, "plan_upgrade_required"), (gone, "no_such_subteam")])
def test_a_user_group_that_slack_does_not_open_refuses_only_what_needs_it(
    door: Door, fails: Callable[[Door], None], reason: str
) -> None:
    plain = Group(frozenset({str(ALICE)}))
    door.configured(groups={"ops": Group(usergroups=frozenset({"S0PVEOPS"})), "plain": plain})
    door.slack.on_loop(lambda: fails(door))
    assert door.refusal(ALICE) == door.refusal(ALICE, Rule(groups=frozenset({"plain"}))) == ""
    assert door.refusal(ALICE, OPS) == (
        f"“help” is for members of ops, and Slack does not say who they are ({reason}). "
        "Try again in a minute, or name the people in [groups] of the configuration"
    )


def test_somebody_named_beside_a_user_group_does_not_need_it(door: Door) -> None:
    door.configured(groups={"ops": Group(frozenset({str(ALICE)}), frozenset({"S0PVEOPS"}))})
    door.slack.on_loop(lambda: unpaid(door))
    assert door.refusal(ALICE, OPS) == ""


def test_slack_is_asked_once_a_minute(door: Door) -> None:
    door.configured(groups={"ops": Group(usergroups=frozenset({"S0PVEOPS"}))})
    asked = ("users.info", "auth.test", "usergroups.users.list")
    for after_us, times in ((0, 1), (KEPT_US - 1, 1), (KEPT_US, 2)):
        door.at_us = NOON_US + after_us
        door.asks(ALICE)
        assert [door.calls(method) for method in asked] == [times] * 3


def test_somebody_deactivated_is_out_within_a_minute(door: Door) -> None:
    door.knows()
    assert door.refusal(ANN) == ""
    door.knows(deleted=True)
    door.at_us += KEPT_US
    assert door.refusal(ANN) == "The account of ann is deactivated"


SILENT = "Slack does not say who you are (users.info: {}), so nothing was done. Try again in a minute"


@pytest.mark.parametrize(
    ("fault", "reason"), [("web_api_down", "HTTP 503"), ("cut_before_answer", "RemoteDisconnected")]
)
def test_a_slack_that_does_not_answer_refuses_and_is_asked_again(door: Door, fault: str, reason: str) -> None:
    door.slack.on_loop(lambda: door.slack.faults.switch(fault, on=True))
    assert door.refusal(ALICE) == SILENT.format(reason)
    door.slack.on_loop(lambda: door.slack.faults.switch(fault, on=False))
    assert door.refusal(ALICE) == ""


def test_somebody_whom_slack_does_not_know_is_refused(door: Door) -> None:
    assert door.refusal(Account(TEAM, "U0NOBODY")) == SILENT.format("user_not_found")


def test_the_person_s_own_language_is_used_and_else_the_configured_one(door: Door) -> None:
    door.configured(language="fr")
    door.knows(locale="de-DE", is_restricted=True)
    assert door.directory.who(ALICE).language == "en"
    assert door.directory.who(BOB).language == "fr"
    assert door.directory.language_of(ALICE.user) == "en"
    assert door.directory.language_of("U0NOBODY") == "fr"
    assert door.refusal(ANN).startswith("ann est un invité de cet espace de travail")
