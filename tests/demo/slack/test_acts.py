"""People act, a Bolt app answers, over both transports."""

from __future__ import annotations

import asyncio

import pytest

from tests.demo.slack.running import BUTTON, SECTION, Person, app_of, connected, sim

BOTH = pytest.mark.parametrize("transport", ["socket", "http"])
ACTIONS = {"type": "actions", "block_id": "deed", "elements": [BUTTON]}
WHY = {
    "type": "input",
    "block_id": "why",
    "label": {"type": "plain_text", "text": "Why"},
    "element": {"type": "plain_text_input", "action_id": "text", "max_length": 20},
}


def modal(title="One", **more):
    words = {"title": {"type": "plain_text", "text": title}, "submit": {"type": "plain_text", "text": "Go"}}
    return {"type": "modal", "blocks": [WHY, ACTIONS], **words, **more}


@BOTH
async def test_a_command_is_answered_through_its_response_url(local_slack, transport):
    app = app_of(local_slack)

    @app.command("/pve-cluster")
    async def typed(ack, respond, command):
        await ack()
        await respond(f"you said {command['text']} in {command['channel_id']}")

    async with connected(local_slack, app, transport):
        seen = await asyncio.to_thread(Person(local_slack).types, "status")
    assert seen["ack"]["ok"]
    assert [(one["text"], one["ephemeral_to"]) for one in seen["messages"]] == [("you said status in C0OPS", "U0ALICE")]


@BOTH
async def test_an_ack_may_be_the_answer(local_slack, transport):
    app = app_of(local_slack)

    @app.command("/pve-cluster")
    async def typed(ack):
        await ack(text="for all", response_type="in_channel")

    async with connected(local_slack, app, transport):
        seen = await asyncio.to_thread(Person(local_slack).types, "status")
    assert [(one["text"], one.get("ephemeral_to")) for one in seen["messages"]] == [("for all", None)]


@BOTH
async def test_nobody_taking_a_command_is_seen_by_the_person(local_slack, transport):
    async with connected(local_slack, app_of(local_slack), transport):
        seen = await asyncio.to_thread(Person(local_slack).types, "status")
    assert seen["ack"]["error"] == {"socket": "operation_timeout", "http": "dispatch_failed"}[transport]
    assert seen["ack"]["error"] in sim(local_slack, "state")["messages"][-1]["text"]


def test_a_bot_that_is_not_connected_is_seen_by_the_person(local_slack):
    assert Person(local_slack).types("status")["ack"]["error"] == "dispatch_failed"


@BOTH
async def test_a_click_replaces_the_message_and_says_who_where_and_what(local_slack, transport):
    app, got = app_of(local_slack), []

    @app.action("go")
    async def pressed(ack, body, respond):
        await ack()
        got.append(body)
        await respond("pressed", replace_original=True)

    message = await app.client.chat_postMessage(channel="C0OPS", text="x", blocks=[ACTIONS])
    async with connected(local_slack, app, transport):
        seen = await asyncio.to_thread(Person(local_slack, "U0ERIN").clicks, "go", ts=message["ts"])
    assert [(one["text"], one["ts"]) for one in seen["messages"]] == [("pressed", message["ts"])]
    assert (got[0]["user"]["team_id"], got[0]["team"]["id"]) == ("T0PARTNER", "T0LOCAL")
    assert (got[0]["actions"][0]["block_id"], got[0]["actions"][0]["value"]) == ("deed", "1")
    assert got[0]["message"]["ts"] == message["ts"]


async def test_a_click_in_an_ephemeral_message_brings_no_message_along(local_slack):
    app, got = app_of(local_slack), []

    @app.action("go")
    async def pressed(ack, body, respond):
        await ack()
        got.append(body)
        await respond(delete_original=True)

    posted = await app.client.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="x", blocks=[ACTIONS])
    ts = posted["message_ts"]
    async with connected(local_slack, app):
        assert (await asyncio.to_thread(Person(local_slack, "U0BOB").clicks, "go", ts=ts))["status"] == 404
        seen = await asyncio.to_thread(Person(local_slack).clicks, "go", ts=ts)
    assert seen["removed"] == [ts]
    assert "message" not in got[0]
    assert got[0]["container"]["is_ephemeral"]


@BOTH
@pytest.mark.parametrize(
    ("reply", "titles", "errors"),
    [
        ({}, [], {}),
        ({"response_action": "clear"}, [], {}),
        ({"response_action": "errors", "errors": {"why": "no"}}, ["One"], {"why": "no"}),
        ({"response_action": "update", "view": modal("Two")}, ["Two"], {}),
        ({"response_action": "push", "view": modal("Two")}, ["One", "Two"], {}),
    ],
)
async def test_a_submitted_modal_becomes_what_the_ack_says(local_slack, transport, reply, titles, errors):
    app, got = app_of(local_slack), []

    @app.command("/pve-cluster")
    async def typed(ack, command, client):
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=modal(callback_id="c", private_metadata="draft"))

    @app.view("c")
    async def submitted(ack, view):
        got.append(view)
        await ack(**reply)

    async with connected(local_slack, app, transport):
        alice = Person(local_slack)
        view = (await asyncio.to_thread(alice.types, "x"))["views"][0]
        seen = await asyncio.to_thread(alice.submits, view["id"], {"why": {"text": "because"}})
    assert seen["ack"]["ok"]
    assert [one["title"]["text"] for one in seen["views"]] == titles
    assert seen["errors"] == errors
    assert got[0]["state"]["values"] == {"why": {"text": {"type": "plain_text_input", "value": "because"}}}
    assert got[0]["private_metadata"] == "draft"


@pytest.mark.parametrize(("text", "word"), [("", "required"), ("x" * 21, "at most 20")])
async def test_slack_itself_refuses_a_modal_that_is_not_filled_in(local_slack, text, word):
    app = app_of(local_slack)

    @app.command("/pve-cluster")
    async def typed(ack, command, client):
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=modal())

    async with connected(local_slack, app):
        alice = Person(local_slack)
        view = (await asyncio.to_thread(alice.types, "x"))["views"][0]
        seen = await asyncio.to_thread(alice.submits, view["id"], {"why": {"text": text}})
    assert word in seen["errors"]["why"]


@BOTH
async def test_the_home_tab_is_what_was_published(local_slack, transport):
    app = app_of(local_slack)

    @app.event("app_home_opened")
    async def opened(event, client):
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [SECTION]})

    async with connected(local_slack, app, transport):
        seen = await asyncio.to_thread(Person(local_slack).opens_home)
    assert seen["view"]["blocks"][0]["text"] == SECTION["text"]
