"""What Slack allows for how long and how often: triggers, response_urls, acks, retries. On a clock moved by hand."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import aiohttp
import pytest

from bot.demo.slack.clock import HandClock
from tests.demo.slack.running import SECTION, Person, app_of, call, connected, running_slack, until

MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [SECTION]}


@pytest.fixture
def clock():
    return HandClock(float(int(time.time())))  # Bolt compares a request's time with the real one


@pytest.fixture
def slack(clock):
    with running_slack(clock=clock) as running:
        yield running


def _trigger(slack, view=None):
    return slack.on_loop(lambda: slack.workspace.new_trigger("U0ALICE", view))


async def _open(slack, trigger, method="views.open", **more):
    return await call(slack, method, trigger_id=trigger, view=MODAL | more)


async def test_a_trigger_works_once_and_for_three_seconds(slack, clock):
    used, late = _trigger(slack), _trigger(slack)
    clock.advance(3)
    assert (await _open(slack, used))["ok"]
    clock.advance(0.1)
    assert (await _open(slack, used))["error"] == "exchanged_trigger_id"
    assert (await _open(slack, late))["error"] == "expired_trigger_id"
    assert (await _open(slack, "1.2.3"))["error"] == "invalid_trigger_id"


async def test_three_modals_are_the_most(slack):
    view = (await _open(slack, _trigger(slack)))["view"]
    for _ in range(2):
        view = (await _open(slack, _trigger(slack, view["id"]), "views.push"))["view"]
    assert (await _open(slack, _trigger(slack, view["id"]), "views.push"))["error"] == "push_limit_reached"


async def test_a_view_that_changed_meanwhile_is_not_overwritten(slack):
    view = (await _open(slack, _trigger(slack)))["view"]
    args = {"view_id": view["id"], "view": MODAL, "hash": view["hash"]}
    assert (await call(slack, "views.update", **args))["ok"]
    assert (await call(slack, "views.update", **args))["error"] == "hash_conflict"


async def test_a_view_over_250_kilobytes_is_too_large(slack):
    big = {"type": "section", "fields": [{"type": "plain_text", "text": "x" * 2000}] * 10}
    assert (await _open(slack, _trigger(slack), blocks=[big] * 13))["error"] == "view_too_large"


async def test_an_external_id_is_taken_once(slack):
    assert (await _open(slack, _trigger(slack), external_id="e"))["ok"]
    assert (await _open(slack, _trigger(slack), external_id="e"))["error"] == "duplicate_external_id"


async def _answer(url, **body):
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as got:
        return got.status, await got.text()


async def test_a_response_url_takes_five_answers(slack):
    url = slack.on_loop(lambda: slack.response_urls.new("U0ALICE", "C0OPS"))
    assert [(await _answer(url, text=str(n)))[0] for n in range(6)] == [200] * 5 + [404]


async def test_a_response_url_lasts_half_an_hour(slack, clock):
    url = slack.on_loop(lambda: slack.response_urls.new("U0ALICE", "C0OPS"))
    clock.advance(1800)
    assert (await _answer(url, text="x"))[0] == 200
    clock.advance(1)
    status, text = await _answer(url, text="x")
    assert (status, "expired_url" in text) == (404, True)


@pytest.mark.parametrize(("body", "why"), [({}, "no_text"), ({"blocks": [{"type": "x"}]}, "invalid_blocks")])
async def test_a_response_url_refuses_what_is_no_message(slack, body, why):
    url = slack.on_loop(lambda: slack.response_urls.new("U0ALICE", "C0OPS"))
    assert await _answer(url, **body) == (400, why)


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_an_ack_after_three_seconds_is_too_late(slack, clock, transport):
    app, go_on = app_of(slack), asyncio.Event()

    @app.command("/pve-cluster")
    async def typed(ack):
        await go_on.wait()
        await ack()

    async with connected(slack, app, transport):
        asked = asyncio.create_task(asyncio.to_thread(Person(slack).types, "status"))
        await until(lambda: clock.sleepers == 1)
        clock.advance(3)
        assert (await asked)["ack"]["error"] == "operation_timeout"
        go_on.set()


def _waits_again(heard, count, clock):
    return len(heard) == count and clock.sleepers > 0


async def test_an_event_is_sent_again_at_once_after_a_minute_and_after_five(slack, clock):
    app, heard = app_of(slack), []
    clock.at -= 100  # so that the last one is within the five minutes of Bolt's check

    @app.middleware
    async def deaf(request):
        heard.append((clock.now(), request.headers.get("x-slack-retry-num", ["0"])[0]))
        raise RuntimeError("not taken")

    begun = clock.now()
    async with connected(slack, app, "http"):
        opening = asyncio.create_task(asyncio.to_thread(Person(slack).opens_home))
        for count, seconds in ((2, 60), (3, 300)):
            await until(partial(_waits_again, heard, count, clock))
            clock.advance(seconds)
        await until(lambda: len(heard) == 4)
        await opening
    assert heard == [(begun, "0"), (begun, "1"), (begun + 60, "2"), (begun + 360, "3")]
