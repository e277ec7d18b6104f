"""Socket Mode comes back by itself, whatever happened to it, and ends without losing an acknowledgement."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck
from sqlalchemy import Engine

from bot.demo.slack.server import LocalSlack
from bot.slack.app import Reception, listen
from bot.slack.socket import Socket
from bot.store import SqlInbox
from bot.wiring import now_us
from tests.demo.slack.running import sim, until
from tests.slack.running import Held, app_on, over_socket, reception_on, types_at_once

# Far from what a busy machine needs for a loopback ping, and short enough for a test.
PING_S = 0.5
NEVER_S = 600.0


@pytest.fixture
def reception(engine: Engine, threads: ThreadPoolExecutor) -> Reception:
    return reception_on(SqlInbox(engine, now_us), threads)


def switch(slack: LocalSlack, name: str, *, on: bool = True, **more: int) -> None:
    sim(slack, "fault", {"name": name, "on": on, **more})


def open_socket(slack: LocalSlack, reception: Reception, **limits: float) -> AbstractAsyncContextManager[Socket]:
    app = app_on(slack)
    listen(app, reception)
    return over_socket(slack, app, **{"ping_s": PING_S, "silent_s": NEVER_S, **limits})


async def connected(one: Socket) -> None:
    await asyncio.wait_for(one.connected.wait(), 20)


async def is_answered(slack: LocalSlack) -> None:
    """A command is acknowledged, if need be after those that went into a socket that was already dead."""
    async with asyncio.timeout(30):
        while True:
            if (await types_at_once(slack, 1))[0]["ok"]:
                return
            await asyncio.sleep(0.05)


def tickets(slack: LocalSlack) -> int:
    return slack.socket_mode._counted


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
async def test_it_comes_back_after_slack_says_goodbye(
    local_slack: LocalSlack, reception: Reception, reason: str
) -> None:
    async with open_socket(local_slack, reception) as one:
        await connected(one)
        switch(local_slack, f"disconnect_{reason}")
        await until(lambda: local_slack.socket_mode.greeted >= 2, 20)
        await is_answered(local_slack)


async def test_it_comes_back_after_its_connection_was_cut(local_slack: LocalSlack, reception: Reception) -> None:
    async with open_socket(local_slack, reception) as one:
        await connected(one)
        switch(local_slack, "cut_sockets")
        await until(lambda: local_slack.socket_mode.greeted >= 2, 20)
        await is_answered(local_slack)


async def test_a_refused_reconnection_is_tried_with_a_new_address(
    local_slack: LocalSlack, reception: Reception
) -> None:
    async with open_socket(local_slack, reception) as one:
        await connected(one)
        switch(local_slack, "refuse_upgrade", times=1)
        switch(local_slack, "cut_sockets")
        await until(lambda: local_slack.socket_mode.greeted >= 2, 20)
        await is_answered(local_slack)


async def test_a_refused_first_connection_is_tried_with_a_new_address(
    local_slack: LocalSlack, reception: Reception
) -> None:
    switch(local_slack, "refuse_upgrade", times=1)
    async with open_socket(local_slack, reception, connect_s=1.0) as one:
        await connected(one)
        await is_answered(local_slack)


async def test_it_waits_for_a_slack_that_is_down_at_the_start(local_slack: LocalSlack, reception: Reception) -> None:
    switch(local_slack, "web_api_down", times=3)
    async with open_socket(local_slack, reception) as one:
        assert not one.is_alive
        await connected(one)
        assert one.is_alive
        await is_answered(local_slack)


async def test_a_silent_connection_is_replaced(local_slack: LocalSlack, reception: Reception) -> None:
    async with open_socket(local_slack, reception) as one:
        await connected(one)
        before = tickets(local_slack)
        switch(local_slack, "silent_socket")
        await until(lambda: tickets(local_slack) > before, 20)
        switch(local_slack, "silent_socket", on=False)
        await is_answered(local_slack)


async def test_a_connection_that_the_sdk_gave_up_is_replaced(local_slack: LocalSlack, reception: Reception) -> None:
    async with open_socket(local_slack, reception, silent_s=0.2) as one:
        await connected(one)
        assert one._handler is not None
        monitor = one._handler.client.current_session_monitor
        assert monitor is not None
        monitor.cancel()  # nobody in the SDK would now notice that the connection is gone
        switch(local_slack, "cut_sockets")
        await until(lambda: local_slack.socket_mode.greeted >= 2, 20)
        await is_answered(local_slack)


async def test_a_dead_connection_is_not_called_alive(local_slack: LocalSlack, reception: Reception) -> None:
    async with open_socket(local_slack, reception) as one:
        await connected(one)
        switch(local_slack, "web_api_down")
        switch(local_slack, "cut_sockets")
        await until(lambda: not one.is_alive, 20)
        switch(local_slack, "web_api_down", on=False)
        await until(lambda: one.is_alive, 20)


async def test_an_acknowledgement_may_be_larger_than_64_kb(local_slack: LocalSlack) -> None:
    app = app_on(local_slack)

    @app.command("/pve-cluster")
    async def typed(ack: AsyncAck) -> None:
        await ack(text="x", blocks=[_section(n) for n in range(40)])

    async with over_socket(local_slack, app) as one:
        await connected(one)
        (ack,) = await types_at_once(local_slack, 1)
    assert len(str(ack["body"])) > 100_000


async def test_a_proxy_is_not_asked_for_this_machine(
    local_slack: LocalSlack, reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with open_socket(local_slack, reception) as one:
        await connected(one)
        await is_answered(local_slack)


async def test_what_is_being_recorded_at_the_end_is_still_acknowledged(
    local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor
) -> None:
    held = Held(SqlInbox(engine, now_us))
    async with open_socket(local_slack, reception_on(held, threads, record_s=20.0), drain_s=20.0) as one:
        await connected(one)
        typing = asyncio.create_task(types_at_once(local_slack, 5))
        assert await asyncio.to_thread(held.reached.wait, 10)
        asyncio.get_running_loop().call_later(0.2, held.gate.set)  # while it drains: the block ends now
    assert [ack["ok"] for ack in await typing] == [True] * 5


async def test_the_end_does_not_wait_for_ever(
    local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor
) -> None:
    held = Held(SqlInbox(engine, now_us))
    async with open_socket(local_slack, reception_on(held, threads, record_s=20.0), drain_s=0.1) as one:
        await connected(one)
        typing = asyncio.create_task(types_at_once(local_slack, 1))
        assert await asyncio.to_thread(held.reached.wait, 10)
    try:
        await until(lambda: not local_slack.socket_mode.sockets)
        assert not (await typing)[0]["ok"]
    finally:
        held.gate.set()


def _section(number: int) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "plain_text", "text": str(number) + "x" * 2_900}}
