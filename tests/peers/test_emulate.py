"""The same app, with its Web API answered by npm emulate instead of the local Slack."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.demo.slack.running import Person, client_of, connected

pytestmark = pytest.mark.peer


def _client(emulate) -> AsyncWebClient:
    return AsyncWebClient(emulate.token, base_url=f"{emulate.url}/api/", retry_handlers=[])


async def _ids(client):
    people = {one["name"]: one["id"] for one in (await client.users_list())["members"]}
    channels = {one["name"]: one["id"] for one in (await client.conversations_list())["channels"]}
    return people["alice"], channels["ops"]


async def test_a_command_is_answered_in_a_channel_of_emulate(local_slack, emulate):
    client = _client(emulate)
    alice, ops = await _ids(client)
    people = local_slack.workspace.people
    local_slack.on_loop(lambda: people.update({alice: replace(people["U0ALICE"], id=alice)}))
    app = AsyncApp(client=client, signing_secret=local_slack.signing_secret)

    @app.command("/pve-cluster")
    async def typed(ack, command, client, respond):
        await ack()
        who = (await client.users_info(user=command["user_id"]))["user"]["name"]
        await client.chat_postMessage(channel=ops, text=f"{who} typed {command['text']}")
        await respond("done")

    async with connected(local_slack, app, "http"):
        seen = await asyncio.to_thread(Person(local_slack, alice).types, "status")
    assert [one["text"] for one in seen["messages"]] == ["done"]
    posted = (await client.conversations_history(channel=ops))["messages"]
    assert "alice typed status" in [one["text"] for one in posted]


MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("chat.postMessage", {"channel": "CNOWHERE", "text": "x"}),
        ("chat.postMessage", {"channel": "{ops}"}),
        ("chat.update", {"channel": "{ops}", "ts": "1.000001", "text": "x"}),
        ("chat.delete", {"channel": "{ops}", "ts": "1.000001"}),
        ("users.info", {"user": "UNOBODY"}),
        ("conversations.info", {"channel": "CNOWHERE"}),
        ("views.open", {"trigger_id": "1.2.3", "view": MODAL}),
        ("views.update", {"view_id": "VNONE", "view": MODAL}),
    ],
)
async def test_both_web_apis_refuse_with_the_same_error(local_slack, emulate, method, args):
    other, ops = _client(emulate), (await _ids(_client(emulate)))[1]
    here = await _error(client_of(local_slack), method, args, "C0OPS")
    assert here == await _error(other, method, args, ops)


async def _error(client, method, args, ops):
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json={name: ops if value == "{ops}" else value for name, value in args.items()})
    return refused.value.response["error"]


async def test_both_web_apis_answer_with_the_same_fields(local_slack, emulate):
    other = _client(emulate)
    ours = await _story(client_of(local_slack), "C0OPS")
    assert ours == await _story(other, (await _ids(other))[1])


async def _story(client, channel):
    """A message posted, linked, changed and removed: what each answer names, as far as both are bound to."""
    posted = await client.chat_postMessage(channel=channel, text="one")
    ts = posted["ts"]
    link = await client.chat_getPermalink(channel=channel, message_ts=ts)
    changed = await client.chat_update(channel=channel, ts=ts, text="two")
    removed = await client.chat_delete(channel=channel, ts=ts)
    assert ts.replace(".", "") in link["permalink"]
    return [
        (posted["channel"] == channel, posted["message"]["text"], posted["message"]["type"]),
        (changed["ts"] == ts, changed["text"], changed["channel"] == channel),
        (removed["ts"] == ts, removed["channel"] == channel),
    ]
