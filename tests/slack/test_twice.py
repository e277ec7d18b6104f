"""Presses that come twice, late, at once, forged or after a restart change nothing twice."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import Any

import aiohttp
import pytest

from bot.act import Deed
from bot.demo.slack.delivery import Delivery
from bot.demo.slack.http_transport import encoded, signed
from bot.event import Kind
from bot.request import Move, State
from tests.slack.office import Office, Seen
from tests.slack.running import delivered

VOTE = "Your vote is counted"


def press(card: Seen, action: str = "approve", user: str = "U0CAROL", **more: Any) -> dict[str, Any]:
    """A press as Slack sends it; *more* is of its action."""
    value = next(one["value"] for block in card["blocks"] if block["type"] == "actions" for one in block["elements"])
    pressed = {"type": "button", "action_id": action, "block_id": "b", "action_ts": "1.2", "value": value, **more}
    return {
        "type": "block_actions",
        "team": {"id": "T0LOCAL"},
        "user": {"id": user, "team_id": "T0LOCAL"},
        "api_app_id": "A0PVEBOT",
        "trigger_id": "1.2.3",
        "container": {"type": "message", "message_ts": card["ts"], "channel_id": card["channel"]},
        "channel": {"id": card["channel"]},
        "actions": [pressed],
    }


def accepted(office: Office) -> int:
    return len(office.events(Kind.VOTE_RECORDED))


async def test_a_double_click_is_one_vote_and_two_sentences(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        await asyncio.gather(*(office.clicks("U0CAROL", "approve", office.card()) for _ in range(2)))
        await office.settle()
    assert (office.request().state, accepted(office)) == (State.APPROVED, 1)
    told = office.whispers("U0CAROL")
    assert sorted(VOTE in one for one in told) == [False, True]
    assert sum("Too late: this request is approved" in one for one in told) == 1


async def test_two_people_at_once_are_one_vote_where_one_is_enough(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks(user="U0BOB")
        card = office.card()
        await asyncio.gather(*(office.clicks(user, "approve", card) for user in ("U0ALICE", "U0CAROL")))
        await office.settle()
    assert (office.request().state, accepted(office)) == (State.APPROVED, 1)
    told = office.whispers("U0ALICE") + office.whispers("U0CAROL")
    assert sum(VOTE in one for one in told) == 1
    assert sum("Too late" in one for one in told) == 1


@pytest.mark.parametrize("action", ["approve", "deny", "cancel"])
async def test_a_press_delivered_twice_is_pressed_once(office: Office, action: str, transport: str) -> None:
    user = "U0ALICE" if action == "cancel" else "U0CAROL"
    async with office.open(transport):
        await office.asks()
        office.fault("duplicate_delivery")
        await office.told(user, action)
        await office.settle()
    acts = [one for one in office.events(Kind.COMMAND_RECEIVED) if one["detail"]["line"].startswith(action)]
    assert len(acts) == 1
    assert office.events(Kind.VOTE_REFUSED) == []
    assert len([one for one in office.whispers(user) if "req1" in one]) <= 2


async def test_a_lost_acknowledgement_loses_no_vote(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        office.fault("lost_ack", times=1)
        seen = await office.clicks("U0CAROL", "approve")
        assert seen["ack"]["error"] == "operation_timeout"
        await office.settle()
    assert office.request().state is State.APPROVED


async def test_one_signed_press_replayed_100_times_is_one_vote(office: Office) -> None:
    async with office.open("http"):
        await office.asks()
        payload = press(office.card())
        for _ in range(100):
            ack = await delivered(office.slack, "interactive", payload)
            assert ack.error is None
        await office.settle()
    assert (office.request().state, accepted(office)) == (State.APPROVED, 1)
    assert office.events(Kind.VOTE_REFUSED) == []


async def test_the_very_bytes_of_a_signed_press_replayed_within_5_minutes_are_one_vote(office: Office) -> None:
    async with office.open("http"):
        await office.asks()
        body, kind = encoded(Delivery("interactive", press(office.card())))
        transport: Any = office.slack._post.transport
        headers = signed(body, office.slack.signing_secret, int(office.slack.clock.now()) - 290) | {
            "Content-Type": kind
        }
        async with aiohttp.ClientSession() as web:
            for _ in range(100):
                async with web.post(transport.url, data=body, headers=headers) as answer:
                    assert answer.status == 200
        await office.settle()
    assert (office.request().state, accepted(office)) == (State.APPROVED, 1)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("approve", "Too late: this request is denied"),
        ("deny", "Too late: this request is denied"),
        ("cancel", "Too late: this request is denied"),
        ("stop", "Too late: this request is denied"),
        ("did", "Too late: this request is denied"),
        ("break_glass", "Break-glass is not configured"),
        ("review", "There is nothing to review here"),
    ],
)
async def test_a_late_press_on_an_old_card_says_what_the_request_is_now(
    office: Office, action: str, said: str, transport: str
) -> None:
    user = "U0ALICE" if action == "cancel" else "U0CAROL"
    async with office.open(transport):
        await office.asks()
        old = office.card()
        await office.told("U0BOB", "deny")
        before = office.request()
        await delivered(office.slack, "interactive", press(old, action, user))
        await office.settle()
    assert said in office.whispers(user)[-1]
    assert office.request() == before


async def test_a_press_recorded_before_a_restart_is_decided_after_it(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        await office.clicks("U0CAROL", "approve")
    again = Office(office.slack, office.engine, office.pool)
    await again.settle()
    assert again.request().state is State.APPROVED


async def test_a_card_of_before_a_restart_can_be_pressed_after_it(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
    again = Office(office.slack, office.engine, office.pool)
    async with again.open(transport):
        assert VOTE in await again.told("U0CAROL", "approve")


FORGED = {
    "of another request": "req9 {hash}",
    "with another hash": "req1 " + "0" * 64,
    "with half a hash": "req1 {hash:.32}",
    "garbage": "\x00\ud800';DROP TABLE request;--",
    "empty": "",
    "nothing": None,
    "a number": 7,
    "huge": "x" * 100_000,
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_value_is_refused_clearly_recorded_and_changes_nothing(office: Office, name: str) -> None:
    value = FORGED[name]
    async with office.open():
        await office.asks()
        before = office.request()
        forged = value.format(hash=before.plan_hash) if isinstance(value, str) and "{" in value else value
        for deed in Deed:
            ack = await delivered(office.slack, "interactive", press(office.card(), deed, value=forged))
            assert ack.error is None
        await office.settle()
    assert office.request() == before
    said = office.whispers("U0CAROL")
    assert all("There is no request" in one or "is not this plan" in one for one in said)
    assert max(map(len, said)) < 500
    assert len(said) == len(office.events(Kind.VOTE_REFUSED)) == len(Deed)


@pytest.mark.parametrize("action", ["again", "form/approve", "form/explain"])
@pytest.mark.parametrize("name", ["of another request", "garbage", "nothing", "huge"])
async def test_a_forged_value_opens_no_form_and_asks_for_nothing(office: Office, name: str, action: str) -> None:
    async with office.open():
        await office.asks()
        payload = press(office.card(), action, value=FORGED[name])
        url = office.slack.on_loop(lambda: office.slack.response_urls.new("U0CAROL", "C0OPS"))
        ack = await delivered(office.slack, "interactive", payload | {"response_url": url})
        assert ack.error is None
        await asyncio.to_thread(
            office.slack.run, office.slack.workspace.changes.until(lambda: bool(office.whispered("U0CAROL")), 10)
        )
        await office.settle()
    assert office.views("U0CAROL") == []
    assert "There is no such request" in office.whispers("U0CAROL")[-1]
    assert office.docket.get("req2") is None


METADATA = ["", "{}", "[]", "null", "7", '{"request_id": 7}', "x" * 3000, '{"request_id": "req1", "evil": "x"}']


@pytest.mark.parametrize("kind", ["approve", "explain", "break_glass"])
async def test_a_form_that_says_nothing_of_what_it_is_about_says_so_itself(office: Office, kind: str) -> None:
    typed = {"reason": {"reason": {"type": "plain_text_input", "value": "x"}}}
    view = {"id": "V1", "callback_id": f"form/{kind}", "type": "modal", "hash": "h"}
    body = {"type": "view_submission", "team": {"id": "T0LOCAL"}, "user": {"id": "U0CAROL", "team_id": "T0LOCAL"}}
    async with office.open():
        await office.asks()
        for metadata, values in product(METADATA, (typed, {})):
            said = view | {"state": {"values": values}, "private_metadata": metadata}
            payload = body | {"api_app_id": "A0PVEBOT", "view": said}
            ack = await delivered(office.slack, "interactive", payload)
            assert ack.error is None
            assert ack.body is not None
            assert "There is no such request" in str(ack.body)
    assert office.request().state is State.PENDING


ALMOST = ["approved", "xapprove", "did_not_", "form/approve/x", "form/", "form/deny", "againx", "APPROVE", "\n"]


async def test_an_action_that_is_almost_one_of_ours_is_acknowledged_and_ignored(office: Office) -> None:
    async with office.open():
        await office.asks()
        before = office.request()
        for action_id in ALMOST:
            ack = await delivered(office.slack, "interactive", press(office.card(), action_id))
            assert (ack.error, ack.body) == (None, None)
        await office.settle()
    assert office.request() == before


async def test_asking_again_with_a_double_click_asks_once(office: Office) -> None:
    async with office.open():
        await office.asks()
        office.moves(Move.EXPIRE)
        await office.settle()
        for ts in ("1700000001.1", "1700000001.4"):
            await delivered(office.slack, "interactive", press(office.card(), "again", action_ts=ts))
        await office.settle()
    assert office.docket.get("req2") is not None
    assert office.docket.get("req3") is None
