"""Every envelope that Slack sends is acknowledged in time, whoever is busy and whatever went wrong."""

from __future__ import annotations

import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from sqlalchemy import Engine

from bot.demo.slack.server import LocalSlack
from bot.slack.app import Reception, listen
from bot.store import SqlInbox
from bot.wiring import now_us
from tests.demo.slack.running import Person, sim
from tests.slack.running import (
    FIELDS,
    SLASH,
    Alice,
    Broken,
    Held,
    app_on,
    attached,
    delivered,
    desk_on,
    over_http,
    receiving,
    reception_on,
    types_at_once,
)

BUTTON = {"type": "button", "action_id": "x", "block_id": "b", "action_ts": "1.2", "value": "1"}
VIEW = {"id": "V1", "callback_id": "x", "type": "modal", "hash": "h"}
FROM = {"team": {"id": "T0LOCAL"}, "user": {"id": "U0ALICE", "team_id": "T0LOCAL"}, "api_app_id": "A0PVEBOT"}
EVENT = {"team_id": "T0LOCAL", "api_app_id": "A0PVEBOT", "type": "event_callback", "event_id": "Ev1"}
UNEXPECTED: dict[str, tuple[str, dict[str, Any]]] = {
    "a button": ("interactive", FROM | {"type": "block_actions", "actions": [BUTTON]}),
    "a submitted view": ("interactive", FROM | {"type": "view_submission", "view": VIEW}),
    "a closed view": ("interactive", FROM | {"type": "view_closed", "view": VIEW}),
    "a shortcut": ("interactive", FROM | {"type": "shortcut", "callback_id": "x"}),
    "a message shortcut": ("interactive", FROM | {"type": "message_action", "callback_id": "x", "message": {}}),
    "a menu": ("interactive", FROM | {"type": "block_suggestion", "action_id": "x", "block_id": "b", "value": "p"}),
    "a dialog": ("interactive", FROM | {"type": "dialog_submission", "callback_id": "x", "submission": {}}),
    "something new": ("interactive", FROM | {"type": "thought_transfer"}),
    "an event": ("events_api", EVENT | {"event": {"type": "app_mention", "user": "U0ALICE"}}),
    "a message": ("events_api", EVENT | {"event": {"type": "message", "subtype": "channel_join"}}),
    "a function": ("events_api", EVENT | {"event": {"type": "function_executed", "function": {"callback_id": "x"}}}),
}


@pytest.fixture
def reception(engine: Engine, threads: ThreadPoolExecutor) -> Reception:
    return reception_on(SqlInbox(engine, now_us), threads)


async def test_the_101st_command_is_acknowledged_while_100_are_under_way(
    local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor, transport: str
) -> None:
    gate = threading.Event()
    with ThreadPoolExecutor(16) as workers:
        desk = desk_on(engine, workers, lambda _event: None, Alice(gate))
        async with receiving(local_slack, reception_on(desk.inbox, threads, wake=desk.wake), transport):
            assert all(ack["ok"] for ack in await types_at_once(local_slack, 100))
            (last,) = await types_at_once(local_slack, 1)
            gate.set()
    assert last["ok"]
    assert last["ms"] < 1000


@pytest.mark.parametrize("name", UNEXPECTED)
async def test_what_nobody_expects_is_acknowledged_with_nothing(
    local_slack: LocalSlack, reception: Reception, transport: str, name: str
) -> None:
    kind, payload = UNEXPECTED[name]
    async with receiving(local_slack, reception, transport):
        ack = await delivered(local_slack, kind, payload)
    assert ack.error is None
    assert ack.body in (None, {"options": []})


async def test_another_command_is_told_which_one_there_is(
    local_slack: LocalSlack, reception: Reception, transport: str
) -> None:
    async with receiving(local_slack, reception, transport):
        ack = await delivered(local_slack, "slash_commands", SLASH | {"command": "/pve"})
    assert ack.body == {"text": "I only know /pve-cluster"}


async def test_a_listener_that_fails_before_it_acknowledges_is_acknowledged(
    local_slack: LocalSlack, reception: Reception, transport: str
) -> None:
    app = app_on(local_slack, transport)

    @app.action("x")
    async def fails() -> None:
        raise ValueError("no")

    listen(app, reception)
    async with attached(local_slack, app, transport):
        ack = await delivered(local_slack, *UNEXPECTED["a button"])
    assert (ack.error, ack.body) == (None, None)


async def test_a_command_that_could_not_be_read_says_that_nothing_was_done(
    local_slack: LocalSlack, reception: Reception, transport: str
) -> None:
    async with receiving(local_slack, reception, transport):
        ack = await delivered(local_slack, "slash_commands", {**FIELDS, "command": "/pve-cluster"})
    assert ack.body is not None
    assert "nothing was done" in ack.body["text"]


async def test_a_mistake_in_the_bot_while_recording_says_that_nothing_was_done(
    local_slack: LocalSlack, threads: ThreadPoolExecutor, transport: str
) -> None:
    async with receiving(local_slack, reception_on(Broken(), threads), transport):
        seen = await asyncio.to_thread(Person(local_slack).types, "help")
    assert "mistake in the bot, so nothing was done" in seen["messages"][0]["text"]


async def test_a_home_that_cannot_be_published_fails_quietly_and_its_event_is_acknowledged(
    local_slack: LocalSlack, reception: Reception, transport: str
) -> None:
    unhandled: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, about: unhandled.append(about))
    opened = EVENT | {"event": {"type": "app_home_opened", "user": "U0ALICE", "tab": "home"}}
    sim(local_slack, "fault", {"name": "web_api_down", "on": True})
    async with receiving(local_slack, reception, "http"):
        ack = await delivered(local_slack, "events_api", opened)
    gc.collect()
    await asyncio.sleep(0)
    assert ack.error is None
    assert unhandled == []


async def test_the_home_is_published_to_who_opened_it(
    local_slack: LocalSlack, reception: Reception, transport: str
) -> None:
    async with receiving(local_slack, reception, transport):
        seen = await asyncio.to_thread(Person(local_slack).opens_home)
    assert "/pve-cluster status" in str(seen["view"])


async def test_a_command_is_acknowledged_though_the_web_api_is_down(
    local_slack: LocalSlack, reception: Reception, transport: str
) -> None:
    async with receiving(local_slack, reception, transport):
        sim(local_slack, "fault", {"name": "web_api_down", "on": True})
        seen = await asyncio.to_thread(Person(local_slack).types, "help", wait_s=0)
    assert seen["ack"]["ok"]
    assert seen["messages"] == []


async def test_health_is_answered_while_a_command_is_being_recorded(
    local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor
) -> None:
    held = Held(SqlInbox(engine, now_us))
    app = app_on(local_slack, "http")
    listen(app, reception_on(held, threads, record_s=20.0))
    async with over_http(local_slack, app) as url, aiohttp.ClientSession() as web:
        typing = asyncio.create_task(types_at_once(local_slack, 1))
        assert await asyncio.to_thread(held.reached.wait, 10)
        async with web.get(f"{url}/healthz") as answer:
            assert answer.status == 200
        assert not typing.done()
        held.gate.set()
        await typing


async def test_an_app_takes_nothing_from_the_environment(
    local_slack: LocalSlack, monkeypatch: pytest.MonkeyPatch, reception: Reception
) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "BOT_TOKEN", "SIGNING_SECRET", "VERIFICATION_TOKEN"):
        monkeypatch.setenv(f"SLACK_{name}", "theirs")
    app: AsyncApp = app_on(local_slack, "http")
    listen(app, reception)
    assert app.oauth_flow is None
    async with over_http(local_slack, app) as url, aiohttp.ClientSession() as web:
        assert (await delivered(local_slack, "slash_commands", SLASH)).error is None
        async with web.post(f"{url}/slack/events", data={"ssl_check": "1", "token": "theirs"}) as answer:
            assert answer.status == 200
