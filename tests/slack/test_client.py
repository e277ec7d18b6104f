"""What is posted is posted once, and the environment decides nothing that the configuration says."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.demo.slack.server import LocalSlack
from bot.slack.client import async_client, proxy_for, sync_client
from tests.demo.slack.running import sim
from tests.slack.running import settings_of


def posts(slack: LocalSlack) -> int:
    return sum(method == "chat.postMessage" for method, _ in slack.web_api.calls)


async def test_a_post_whose_answer_was_lost_is_not_sent_again(local_slack: LocalSlack) -> None:
    sim(local_slack, "fault", {"name": "cut_before_answer", "on": True, "times": 1})
    with pytest.raises(aiohttp.ClientConnectionError):
        await async_client(settings_of(local_slack)).chat_postMessage(channel="C0OPS", text="x")
    assert posts(local_slack) == 1


async def test_a_post_that_came_too_early_says_when_to_come_back(local_slack: LocalSlack) -> None:
    sim(local_slack, "fault", {"name": "rate_limited", "on": True, "times": 1})
    with pytest.raises(SlackApiError) as limited:
        await async_client(settings_of(local_slack)).chat_postMessage(channel="C0OPS", text="x")
    assert limited.value.response.headers["Retry-After"] == "1"
    assert posts(local_slack) == 0


async def test_a_question_that_came_too_early_is_asked_again(local_slack: LocalSlack) -> None:
    sim(local_slack, "fault", {"name": "rate_limited", "on": True, "times": 1})
    answer = await asyncio.to_thread(sync_client(settings_of(local_slack)).users_info, user="U0ALICE")
    assert answer["user"]["id"] == "U0ALICE"


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://slack.com/api/", "http://proxy:3128"),
        ("https://slack.example.com/api/", None),
        ("http://127.0.0.1:3000/api/", None),
    ],
)
def test_the_proxy_is_the_environments_unless_it_excepts_the_host(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert proxy_for(url) == proxy


def test_both_clients_go_where_the_configuration_says(local_slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "theirs")
    settings = settings_of(local_slack)
    assert asyncio.run(async_client(settings).auth_test())["ok"]
    assert sync_client(settings).auth_test()["ok"]
