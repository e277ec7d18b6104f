"""What can be made to go wrong, and what the bot and the person meet then."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.demo.slack.running import Person, app_of, call, connected, running_slack, sim, until


def switch(slack, name, *, on=True, **more):
    return sim(slack, "fault", {"name": name, "on": on, **more})


def echo(slack):
    app, heard = app_of(slack), []

    @app.command("/pve-cluster")
    async def typed(ack, command, respond):
        heard.append(command["trigger_id"])
        await ack()
        await respond("heard")

    return app, heard


async def test_a_lost_ack_looks_like_a_timeout_though_the_bot_did_it(local_slack):
    app, heard = echo(local_slack)
    switch(local_slack, "lost_ack", times=1)
    async with connected(local_slack, app):
        seen = await asyncio.to_thread(Person(local_slack).types, "x")
        assert seen["ack"]["error"] == "operation_timeout"
        assert (await asyncio.to_thread(Person(local_slack).types, "x"))["ack"]["ok"]
    assert len(heard) == 2


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_duplicate_delivery_is_the_same_command_twice(local_slack, transport):
    app, heard = echo(local_slack)
    switch(local_slack, "duplicate_delivery")
    async with connected(local_slack, app, transport):
        await asyncio.to_thread(Person(local_slack).types, "x")
        await until(lambda: len(heard) == 2)
    assert len(set(heard)) == 1


async def test_an_answer_that_is_cut_off_was_posted_all_the_same(local_slack):
    switch(local_slack, "cut_before_answer", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await call(local_slack, "chat.postMessage", channel="C0OPS", text="x")
    assert [one["text"] for one in sim(local_slack, "state")["messages"]] == ["x"]


async def test_a_rate_limit_says_when_to_come_back(local_slack):
    switch(local_slack, "rate_limited", times=1)
    limited = await call(local_slack, "chat.postMessage", channel="C0OPS", text="x")
    assert (limited["status"], limited["error"], limited["retry_after"]) == (429, "ratelimited", "1")
    assert (await call(local_slack, "chat.postMessage", channel="C0OPS", text="x"))["ok"]


async def test_a_web_api_that_is_down_answers_503(local_slack):
    switch(local_slack, "web_api_down")
    async with aiohttp.ClientSession() as session, session.post(f"{local_slack.url}/api/auth.test") as got:
        assert got.status == 503


async def _ticket(slack):
    return (await call(slack, "apps.connections.open", token=slack.app_token))["url"]


async def test_a_ticket_is_good_for_one_attempt_also_a_refused_one(local_slack):
    switch(local_slack, "refuse_upgrade", times=1)
    url = await _ticket(local_slack)
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)
        async with session.ws_connect(await _ticket(local_slack)) as socket:
            assert (await socket.receive_json())["type"] == "hello"


async def test_an_eleventh_connection_is_one_too_many(local_slack):
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(await _ticket(local_slack)) for _ in range(11)]
        hellos = [await socket.receive_json() for socket in sockets]
        assert [one.get("num_connections") for one in hellos] == [*range(1, 11), None]
        assert (hellos[-1]["type"], hellos[-1]["reason"]) == ("disconnect", "too_many_websockets")
        for socket in sockets:
            await socket.close()


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
async def test_a_disconnect_says_why(local_slack, reason):
    async with aiohttp.ClientSession() as session, session.ws_connect(await _ticket(local_slack)) as socket:
        await socket.receive_json()
        await asyncio.to_thread(switch, local_slack, f"disconnect_{reason}")
        assert (await socket.receive_json())["reason"] == reason


async def test_a_silent_socket_answers_no_ping_and_brings_nothing(local_slack):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(await _ticket(local_slack), autoping=False) as socket,
    ):
        await socket.receive_json()
        await asyncio.to_thread(switch, local_slack, "silent_socket")
        await socket.ping(b"there?")
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.3)
        await asyncio.to_thread(switch, local_slack, "silent_socket", on=False)
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.PONG


async def test_a_bot_comes_back_after_its_socket_was_cut(local_slack):
    app, _ = echo(local_slack)
    async with connected(local_slack, app):
        await asyncio.to_thread(switch, local_slack, "cut_sockets")
        await until(lambda: local_slack.socket_mode.greeted == 2, 30)
        assert (await asyncio.to_thread(Person(local_slack).types, "x"))["ack"]["ok"]


def test_an_unknown_fault_is_not_understood(local_slack):
    assert switch(local_slack, "nonsense")["status"] == 400


def test_closing_leaves_no_thread_and_no_listener():
    with running_slack() as slack:
        thread = slack._thread
    assert not thread.is_alive()
    assert slack._socket.fileno() == -1
