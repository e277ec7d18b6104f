"""Every answer reaches its reader: late when Slack says so, twice rather than never, and past what is in its way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import Engine
from structlog.testing import capture_logs

from bot.demo.slack.clock import HandClock
from bot.message import Letter
from bot.slack.delivery import ATTEMPTS_MAX
from bot.store import NotRecorded, SqlOutbox
from bot.store.not_recorded import BUSY
from bot.store.outbox import LENT_US
from tests.conftest import NOON_US
from tests.demo.slack.running import running_slack, until
from tests.slack.posting import SECOND_US, Post, serving, talking_to

HALF_AN_HOUR_S = 30 * 60 + 1


@pytest.fixture
def post(engine: Engine) -> Iterator[Post]:
    clock = HandClock(NOON_US / SECOND_US)
    with running_slack(clock=clock, tiers=False) as slack:
        yield Post(slack, clock, SqlOutbox(engine))


async def test_an_answer_comes_where_it_was_asked_and_to_nobody_else(post: Post) -> None:
    post.put(post.letter("hello"))
    await post.delivery().send_due()
    assert (post.seen, post.seen_by, post.left) == (["hello"], [("C0OPS", "U0ALICE")], [])


@pytest.mark.parametrize("way", ["response", "ephemeral", "message"])
async def test_slack_s_retry_after_is_kept_to_the_second_and_the_letter_not_lost(post: Post, way: Any) -> None:
    letter = replace(post.letter("hello"), way=way)
    post.put(letter if way == "response" else replace(letter, to="C0OPS/U0ALICE" if way == "ephemeral" else "C0OPS"))
    post.switch("rate_limited", times=1)
    await post.delivery().send_due()
    (left,) = post.left
    assert (left.due_us, left.attempts, post.seen) == (post.now_us() + SECOND_US, 1, [])
    post.passes(0.99)
    await post.delivery().send_due()
    assert post.seen == []
    post.passes(0.01)
    await post.delivery().send_due()
    assert post.seen == ["hello"]


async def test_one_reader_put_off_holds_up_no_other(post: Post) -> None:
    post.put(post.letter("first"))
    post.switch("rate_limited", times=1)
    await post.delivery().send_due()
    post.put(post.letter("second"))
    await post.delivery().send_due()
    assert post.seen == ["second"]


async def test_a_letter_that_slack_keeps_waiting_holds_up_no_other(post: Post) -> None:
    """`slow` waits on the hand-moved clock, which stands still: that call never ends here."""
    post.switch("slow", times=1)
    post.put(Letter("message", "C0OPS", {"text": "slow"}, post.now_us()))
    delivery = post.delivery()
    running = asyncio.create_task(delivery.run())
    await until(lambda: post.clock.sleepers == 1)
    post.put(post.letter("quick"))
    delivery.news.set()
    await until(lambda: post.seen == ["quick"], 4)  # sooner than the slow call is given up
    running.cancel()
    post.passes(5)
    await asyncio.gather(running, return_exceptions=True)


async def test_the_letters_of_one_reader_come_in_order_whatever_stops_one(post: Post) -> None:
    url = post.letter("").to.partition(" ")[0]
    post.put(*(post.letter(f"part {n}", url) for n in range(3)))
    post.switch("web_api_down", times=1)
    await post.delivery().send_due()
    assert post.seen == []
    post.put(post.letter("part 3", url))
    await post.delivery().send_due()
    assert post.seen == []
    post.passes(5)
    await post.delivery().send_due()
    assert post.seen == ["part 0", "part 1", "part 2", "part 3"]


@pytest.mark.parametrize("way", ["response", "message"])
async def test_slack_down_for_ten_minutes_loses_nothing(post: Post, way: Any) -> None:
    post.put(post.letter("hello") if way == "response" else Letter("message", "C0OPS", {"text": "hello"}, NOON_US))
    post.switch("web_api_down")
    tried = 0
    for _ in range(600):
        await post.delivery().send_due()
        post.passes(1)
        tried = post.left[0].attempts
    post.switch("web_api_down", on=False)
    post.passes(300)
    await post.delivery().send_due()
    assert (post.seen, post.left) == (["hello"], [])
    assert 8 <= tried <= ATTEMPTS_MAX


async def test_a_lost_answer_brings_the_letter_twice_rather_than_never(post: Post) -> None:
    post.put(Letter("message", "C0OPS", {"text": "hello"}, NOON_US))
    post.switch("cut_before_answer", times=1)
    await post.delivery().send_due()
    post.passes(1)
    await post.delivery().send_due()
    assert (post.seen, post.left) == (["hello", "hello"], [])


async def test_an_answer_too_late_for_its_response_url_is_whispered_in_the_channel(post: Post) -> None:
    post.put(post.letter("hello"))
    post.passes(HALF_AN_HOUR_S)
    await post.delivery().send_due()
    assert post.seen_by == [("C0OPS", "U0ALICE")]
    assert [name for name, _ in post.slack.web_api.calls] == ["chat.postEphemeral"]


async def test_a_response_url_that_expired_while_slack_was_down_does_not_lose_the_answer(post: Post) -> None:
    post.put(post.letter("hello"))
    post.switch("web_api_down", times=1)
    await post.delivery().send_due()
    post.passes(HALF_AN_HOUR_S)
    await post.delivery().send_due()
    assert (post.seen, post.left) == (["hello"], [])


async def test_a_sixth_message_through_one_response_url_is_whispered(post: Post) -> None:
    url = post.letter("").to.partition(" ")[0]
    post.put(*(post.letter(f"part {n}", url) for n in range(6)))
    await post.delivery().send_due()
    assert post.seen == [f"part {n}" for n in range(6)]
    assert [name for name, _ in post.slack.web_api.calls] == ["chat.postEphemeral"]


@pytest.mark.parametrize(("channel", "user"), [("C0RANDOM", "U0ALICE"), ("C0GENERAL", "U0DAVE"), ("C0OLD", "U0BOB")])
async def test_where_the_bot_or_the_person_is_not_it_writes_to_them_directly(
    post: Post, channel: str, user: str
) -> None:
    post.put(Letter("ephemeral", f"{channel}/{user}", {"text": "hello"}, NOON_US))
    await post.delivery().send_due()
    assert post.seen_by == [(f"D0{user[2:]}", None)]


@pytest.mark.parametrize(
    "url",
    ["http://hooks.slack.com/x", "https://hooks.slack.com.evil.example/x", "https://evil.example/?hooks.slack.com"],
)
async def test_nothing_is_sent_to_an_address_that_is_not_slack_s(post: Post, url: str) -> None:
    post.put(post.letter("hello", url))
    await post.delivery().send_due()
    assert (post.seen, post.left, post.why) == ([], [], ["a response_url that is not Slack's"])


async def test_another_port_of_the_same_machine_is_not_slack(post: Post) -> None:
    async with serving(lambda: web.Response(text="ok")) as (url, paths):
        post.put(post.letter("hello", f"{url}/x"))
        await post.delivery().send_due()
    assert (paths, post.left) == ([], [])


async def test_what_slack_will_never_take_is_given_up_at_once_and_the_log_has_it(post: Post) -> None:
    post.put(Letter("message", "C0NOWHERE", {"text": "x"}, NOON_US), post.letter("after it"))
    with capture_logs() as logs:
        await post.delivery().send_due()
    assert (post.seen, post.left, post.why) == (["after it"], [], ["channel_not_found", None])
    assert [(one["event"], one["why"]) for one in logs] == [("letter given up", "channel_not_found")]


async def test_a_letter_is_given_up_after_its_last_attempt_and_the_next_one_then_goes(post: Post) -> None:
    post.put(Letter("message", "C0OPS", {"text": "one"}, NOON_US), Letter("message", "C0OPS", {"text": "two"}, NOON_US))
    post.switch("web_api_down", times=ATTEMPTS_MAX + 1)
    with capture_logs() as logs:
        for _ in range(ATTEMPTS_MAX + 1):
            await post.delivery().send_due()
            post.passes(300)
    assert [one["why"] for one in logs if one["event"] == "letter given up"] == ["HTTP 503"]
    await post.delivery().send_due()
    assert (post.seen, post.left) == (["two"], [])


async def test_what_a_process_left_behind_is_sent_by_the_next_one(post: Post) -> None:
    post.put(post.letter("waiting"), post.letter("taken"))
    assert len(post.outbox.due(1, now_us=post.now_us())) == 1  # by a process that then dies
    await post.delivery().send_due()
    assert post.seen == ["taken"]
    post.passes(LENT_US / SECOND_US + 1)
    await post.delivery().send_due()
    assert post.seen == ["taken", "waiting"]


@dataclass(frozen=True)
class ForgetsOnce(SqlOutbox):
    """The database is busy the first time that something was sent."""

    failed: list[int]

    def sent(self, letter: Letter, *, now_us: int) -> None:
        if not self.failed:
            self.failed.append(letter.id)
            raise NotRecorded(BUSY.fill(database="x", reason="busy"))
        super().sent(letter, now_us=now_us)


async def test_a_letter_sent_but_not_marked_is_sent_again_and_nothing_stops(post: Post) -> None:
    post.outbox = ForgetsOnce(post.outbox.engine, [])
    post.put(post.letter("hello"))
    await post.delivery().send_due()
    await post.delivery().send_due()
    assert post.seen == ["hello"]
    post.passes(LENT_US / SECOND_US + 1)
    await post.delivery().send_due()
    assert (post.seen, post.left) == (["hello", "hello"], [])


async def test_a_letter_that_the_bot_itself_cannot_send_is_tried_later_and_the_others_go(post: Post) -> None:
    post.put(post.letter("x", "http://[broken"), post.letter("after it"))
    with capture_logs() as logs:
        await post.delivery().send_due()
    (left,) = post.left
    assert (post.seen, left.attempts, left.due_us) == (["after it"], 1, post.now_us() + SECOND_US)
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["letter not sent"]


async def test_a_refusal_under_status_200_is_a_refusal(post: Post) -> None:
    async with serving(lambda: web.json_response({"ok": False, "error": "expired_url"})) as (url, paths):
        post.put(post.letter("hello", f"{url}/response/1"))
        await talking_to(post, url).send_due()
    assert (paths, post.why) == (["/response/1", "/api/chat.postEphemeral"], ["expired_url"])


@pytest.mark.parametrize("way", ["response", "ephemeral", "message"])
async def test_a_proxy_s_page_instead_of_slack_s_answer_is_no_answer(post: Post, way: Any) -> None:
    async with serving(lambda: web.Response(status=502, text="<html>", content_type="text/html")) as (url, _):
        to = {"response": f"{url}/response/1 C0OPS/U0ALICE", "ephemeral": "C0OPS/U0ALICE", "message": "C0OPS"}[way]
        post.put(Letter(way, to, {"text": "hello"}, NOON_US))
        await talking_to(post, url).send_due()
    assert [(one.attempts, one.why.endswith("502")) for one in post.left] == [(1, True)]


@pytest.mark.parametrize("way", ["response", "ephemeral", "message"])
async def test_a_retry_after_longer_than_the_bot_s_own_patience_counts(post: Post, way: Any) -> None:
    async with serving(lambda: web.Response(status=429, headers={"Retry-After": "37"})) as (url, _):
        to = {"response": f"{url}/response/1 C0OPS/U0ALICE", "ephemeral": "C0OPS/U0ALICE", "message": "C0OPS"}[way]
        post.put(Letter(way, to, {"text": "hello"}, NOON_US))
        await talking_to(post, url).send_due()
    assert [one.due_us for one in post.left] == [NOON_US + 37 * SECOND_US]


async def test_a_response_url_known_to_be_too_old_is_not_tried(post: Post) -> None:
    async with serving(lambda: web.json_response({"ok": True})) as (url, paths):
        post.put(post.letter("hello", f"{url}/response/1"))
        post.passes(HALF_AN_HOUR_S)
        await talking_to(post, url).send_due()
    assert paths == ["/api/chat.postEphemeral"]
