"""12 kinds of user in 4 kinds of channel: who may decide does, everybody else hears why, and it is recorded.

Where another organisation reads nobody may; who could elsewhere hears of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.demand import Slot
from bot.demo.slack.people import BOT_USER, PARTNER, TEAM, Person
from bot.event import Kind
from bot.policy import Rule
from bot.request import State
from bot.slack.settings import Group
from tests.slack.office import OPS, Office
from tests.slack.running import delivered
from tests.slack.test_twice import press

ANN = "U0ANN"


@dataclass(frozen=True)
class Odd(Person):
    """Somebody with flags that Slack shows only where they are true."""

    more: dict[str, Any] = field(default_factory=dict)

    def shown(self, *, locale: bool = False) -> dict[str, Any]:
        return super().shown(locale=locale) | self.more


GRID = {"enterprise_user": {"id": "W1", "enterprise_id": "E1", "teams": ["T0OTHER"]}}
# What Slack says of them; the team that the press names; what they hear, "" if they may.
KINDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "member": ({}, TEAM, ""),
    "admin": ({"is_admin": True}, TEAM, ""),
    "guest": ({"is_restricted": True}, TEAM, "is a guest"),
    "single-channel guest": ({"is_restricted": True, "is_ultra_restricted": True}, TEAM, "is a guest"),
    "invited": ({"more": {"is_invited_user": True}}, TEAM, "has not joined"),
    "deactivated": ({"deleted": True}, TEAM, "is deactivated"),
    "bot": ({"is_bot": True}, TEAM, "is a bot"),
    "app": ({"more": {"is_app_user": True}}, TEAM, "is a bot"),
    "workflow": ({"more": {"is_workflow_bot": True}}, TEAM, "is a bot"),
    "partner": ({"team_id": PARTNER}, PARTNER, "belongs to another organisation"),
    "partner in a press of ours": ({"team_id": PARTNER}, TEAM, "belongs to another organisation"),
    "member in a press of theirs": ({}, PARTNER, "belongs to another organisation"),
    "stranger": ({"more": {"is_stranger": True}}, TEAM, "belongs to another organisation"),
    "other team of a grid": ({"team_id": "T0OTHER", "more": GRID}, "T0OTHER", "belongs to another organisation"),
}
CHANNELS = {"public": OPS, "private": "C0SECRET", "direct": f"D{ANN[1:]}", "shared": "C0PARTNER"}


@pytest.mark.parametrize("where", CHANNELS)
async def test_who_may_approve_there_does_and_the_others_hear_why_and_it_is_recorded(
    office: Office, where: str
) -> None:
    async with office.open():
        await office.asks()
        card = office.card() | {"channel": CHANNELS[where]}
        for number, (kind, (about, team, their_own)) in enumerate(KINDS.items()):
            why = their_own or ("is shared with another organisation" if where == "shared" else "")
            told, events, is_open = await _pressed(office, f"U0ANN{number}", about, team, card)
            assert (kind, is_open) == (kind, bool(why))
            if why:
                assert why in events[-1]["detail"]["why"], kind
                assert (events[-1]["actor"], events[-1]["request_id"]) == (
                    f"{team}/U0ANN{number}",
                    events[0]["request_id"],
                )
                assert why in told, kind
            else:
                assert "Your vote is counted" in told, kind
                await _again(office)


async def _pressed(
    office: Office, user: str, about: dict[str, Any], team: str, card: dict[str, Any]
) -> tuple[str, list[dict[str, Any]], bool]:
    person = Odd(user, "ann", "Ann", **about)
    url = office.slack.on_loop(lambda: _arrive(office, person, card["channel"]))
    id_ = office.docket.find({State.PENDING})[0].id
    payload = press(card, user=user, value=f"{id_} {office.request(id_).plan_hash}", action_ts=user)
    payload["user"] = {"id": user, "team_id": team}
    await delivered(office.slack, "interactive", payload | {"response_url": url})
    await office.settle()
    told = [one["text"] for one in office.state()["messages"] if one.get("ephemeral_to") == user]
    return told[-1], office.events(Kind.VOTE_REFUSED), office.request(id_).state is State.PENDING


def _arrive(office: Office, person: Person, channel: str) -> str:
    office.slack.workspace.people[person.id] = person
    return office.slack.response_urls.new(person.id, channel)


async def _again(office: Office) -> None:
    await office.asks(user="U0BOB")


async def test_a_vote_is_never_judged_by_what_slack_said_before(office: Office) -> None:
    async with office.open():
        await office.asks()
        assert "Your requests: 0" in await office.types("requests mine", "U0CAROL")  # so that Slack was just asked
        office.knows("U0CAROL", deleted=True)
        assert "is deactivated" in await office.told("U0CAROL", "approve")
        office.knows("U0CAROL", deleted=False)
        assert "Your vote is counted" in await office.told("U0CAROL", "approve")


async def test_a_slack_that_does_not_say_who_votes_counts_no_vote(office: Office) -> None:
    async with office.open():
        await office.asks()
        await office.clicks("U0CAROL", "approve")
        office.fault("web_api_down")
        await office.settle()
        office.fault("web_api_down", on=False)
    assert office.request().state is State.PENDING
    assert "users.info" in office.events(Kind.VOTE_REFUSED)[-1]["detail"]["why"]


def nobody_else(office: Office) -> None:
    office.channel(OPS, members=frozenset({"U0ALICE", BOT_USER, "U0DAVE", "U0FRANK", "U0CIBOT"}))


def shared(office: Office) -> None:
    office.channel(OPS, is_ext_shared=True)


@pytest.mark.parametrize(
    ("change", "why"),
    [(nobody_else, "Missing: any full member but the requester"), (shared, "is shared with another organisation")],
)
async def test_what_nobody_could_approve_or_see_is_refused_at_once(
    office: Office, change: Callable[[Office], None], why: str
) -> None:
    change(office)
    async with office.open():
        assert why in await office.types("gear turn")
    assert office.docket.get("req1") is None
    assert why in office.events(Kind.REQUEST_REFUSED)[-1]["detail"]["said"]
    assert office.messages() == [one for one in office.messages() if one.get("ephemeral_to")]


async def test_who_is_missing_is_named_by_group(
    office: Office,
) -> None:
    rules = (Rule(approvals=(Slot("ops", 2),)),)
    crowded = Office(office.slack, office.engine, office.pool, rules=rules)
    async with crowded.open():
        assert "Missing: ops" in await crowded.types("gear turn", "U0ALICE")
        assert "waits for approval" in await crowded.types("gear turn", "U0CAROL")
    assert "2 of: ops" in crowded.card()["text"]


async def test_somebody_whom_slack_does_not_know_any_more_is_in_nobody_s_way(office: Office) -> None:
    rules = (Rule(approvals=(Slot("mixed"),)),)
    mixed = Office(office.slack, office.engine, office.pool, rules=rules)
    group = Group(frozenset({"T0LOCAL/U0GONE", "T0LOCAL/U0BOB"}))
    mixed.directory.settings = replace(mixed.settings, groups={"mixed": group})
    async with mixed.open():
        assert "waits for approval" in await mixed.types("gear turn")


async def test_of_a_crowded_channel_no_more_are_asked_for_than_are_needed(office: Office) -> None:
    crowd = {f"U0C{n:03}": Person(f"U0C{n:03}", f"c{n}", f"C {n}") for n in range(150)}
    office.slack.on_loop(lambda: office.slack.workspace.people.update(crowd))
    office.channel(OPS, members=frozenset(crowd) | {"U0ALICE", BOT_USER})
    async with office.open():
        assert "waits for approval" in await office.types("gear turn")
    calls = office.slack.on_loop(lambda: [name for name, _ in office.slack.web_api.calls])
    assert calls.count("users.info") < 25
