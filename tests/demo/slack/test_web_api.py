"""The Web API as the SDK and plain HTTP meet it."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.demo.slack.clock import HandClock
from bot.demo.slack.methods.call import SCOPES
from tests.demo.slack.running import SECTION, call, client_of, running_slack, sim


async def test_auth_test_names_the_scopes_in_its_header(local_slack):
    answer = await client_of(local_slack).auth_test()
    assert answer["user_id"] == "U0PVEBOT"
    assert set(answer.headers["x-oauth-scopes"].split(",")) == SCOPES


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("auth.test", "", "not_authed"),
        ("auth.test", "xoxb-wrong", "invalid_auth"),
        ("nonsense", None, "unknown_method"),
        ("apps.connections.open", None, "not_allowed_token_type"),
        ("chat.postMessage", None, "invalid_arguments"),
        ("users.info", None, "invalid_arguments"),
    ],
)
async def test_a_call_without_what_it_needs_is_refused(local_slack, method, token, error):
    assert (await call(local_slack, method, token=token))["error"] == error


async def test_a_missing_scope_is_named(local_slack):
    with running_slack(scopes=SCOPES - {"users:read"}) as slack:
        answer = await call(slack, "users.info", user="U0BOB")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")
    assert "chat:write" in answer["provided"]


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat.postMessage", {"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0RANDOM", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "C0OLD", "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "C0OPS"}, "no_text"),
        ("chat.postMessage", {"channel": "C0OPS", "blocks": "{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": "C0OPS", "blocks": [{"type": "x"}]}, "invalid_blocks"),
        (
            "chat.postMessage",
            {"channel": "C0OPS", "text": "x", "metadata": {"event_type": "a"}},
            "invalid_metadata_format",
        ),
        ("chat.postEphemeral", {"channel": "C0OPS", "user": "U0ERIN", "text": "x"}, "user_not_in_channel"),
        ("chat.update", {"channel": "C0OPS", "ts": "1.2", "text": "x"}, "message_not_found"),
        ("conversations.info", {"channel": "D0ALICE"}, "missing_scope"),
        ("conversations.open", {"users": "U0FRANK"}, "user_disabled"),
        ("users.info", {"user": "U0NONE"}, "user_not_found"),
        ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
        ("files.completeUploadExternal", {"files": [{"id": "F1"}]}, "file_not_found"),
        ("views.open", {"view": {"type": "modal"}, "trigger_id": "x"}, "invalid_arguments"),
        ("blocks.validate", {"blocks": [{"type": "x"}]}, "invalid_blocks"),
    ],
)
async def test_what_cannot_be_done_has_its_documented_error(local_slack, method, args, error):
    assert (await call(local_slack, method, **args))["error"] == error


async def test_a_message_is_posted_changed_and_removed(local_slack):
    client = client_of(local_slack)
    ts = (await client.chat_postMessage(channel="C0OPS", text="one", blocks=[SECTION]))["ts"]
    await client.chat_update(channel="C0OPS", ts=ts, text="two")
    assert [(one["text"], one["blocks"]) for one in sim(local_slack, "state")["messages"]] == [("two", [])]
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_update(channel="C0OPS", ts=ts, text="x" * 4001)
    link = await client.chat_getPermalink(channel="C0OPS", message_ts=ts)
    assert ts.replace(".", "") in link["permalink"]
    await client.chat_delete(channel="C0OPS", ts=ts)
    assert sim(local_slack, "state")["messages"] == []


async def test_a_message_to_a_person_lands_in_their_direct_messages(local_slack):
    assert (await client_of(local_slack).chat_postMessage(channel="U0BOB", text="x"))["channel"] == "D0BOB"


async def test_a_file_travels_in_three_steps(local_slack):
    await client_of(local_slack).files_upload_v2(channel="C0OPS", content="a plan", filename="plan.txt", title="Plan")
    state = sim(local_slack, "state")
    assert [(one["name"], one["size"], one["channel"]) for one in state["files"]] == [("plan.txt", 6, "C0OPS")]
    assert state["messages"][0]["files"][0]["title"] == "Plan"


async def test_everybody_is_what_they_are(local_slack):
    client = client_of(local_slack)
    found = {one["name"]: one for one in (await client.users_list(include_locale=True))["members"]}
    assert found["dave"]["is_restricted"]
    assert found["sam"]["is_ultra_restricted"]
    assert found["frank"]["deleted"]
    assert found["erin"]["team_id"] != found["alice"]["team_id"]
    assert found["bob"]["locale"] == "fr-FR"
    assert "locale" not in (await client.users_info(user="U0BOB"))["user"]
    assert (await client.conversations_info(channel="C0PARTNER"))["channel"]["is_ext_shared"]
    assert (await client.usergroups_users_list(usergroup="S0PVEOPS"))["users"] == ["U0ALICE", "U0BOB"]


@pytest.mark.parametrize("form", ["form", "json", "query", "multipart"])
async def test_every_wire_form_says_the_same(local_slack, form):
    args = {"channel": "C0OPS", "text": "hé", "blocks": json.dumps([SECTION])}
    multipart = aiohttp.FormData(args, default_to_multipart=True)
    sent: dict[str, dict[str, Any]] = {
        "form": {"data": args},
        "json": {"json": args},
        "query": {"params": args},
        "multipart": {"data": multipart},
    }
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {local_slack.bot_token}"}) as session,
        session.request(
            "GET" if form == "query" else "POST", f"{local_slack.url}/api/chat.postMessage", **sent[form]
        ) as got,
    ):
        answer = await got.json()
    assert (answer["message"]["text"], answer["message"]["blocks"][0]["type"]) == ("hé", "section")


async def test_a_tier_that_is_used_up_says_when_to_come_back():
    clock = HandClock()
    with running_slack(clock=clock) as slack:
        answers = [await call(slack, "usergroups.list") for _ in range(21)]
        assert [one["status"] for one in answers] == [200] * 20 + [429]
        assert (answers[-1]["error"], answers[-1]["retry_after"]) == ("ratelimited", "60")
        clock.advance(60)
        assert (await call(slack, "usergroups.list"))["ok"]
