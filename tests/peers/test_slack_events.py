"""The payloads the local Slack sends, against the types of PyPI's slack-events."""

from __future__ import annotations

import asyncio

import pytest
from slack_events.payloads import (
    BlockActionsPayload,
    EventCallbackEnvelope,
    SlashCommandPayload,
    ViewClosedPayload,
    ViewSubmissionPayload,
)
from slack_events.validation import get_adapter

from tests.demo.slack.running import BUTTON, Person, app_of, connected, sim

pytestmark = pytest.mark.peer
MODAL = {
    "type": "modal",
    "notify_on_close": True,
    "title": {"type": "plain_text", "text": "Ask"},
    "blocks": [{"type": "actions", "elements": [BUTTON]}],
}
HOME = {"type": "home", "blocks": [{"type": "divider"}]}


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_every_payload_has_the_type_others_expect(local_slack, transport):
    app = app_of(local_slack)
    got = []

    @app.middleware
    async def keep(body, next_):
        got.append(body)
        await next_()

    @app.command("/pve-cluster")
    async def typed(ack, command, client, respond):
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=MODAL)
        await client.chat_postMessage(channel="C0OPS", text="x", blocks=[{"type": "actions", "elements": [BUTTON]}])

    @app.action("go")
    @app.view({"type": "view_submission", "callback_id": ""})
    @app.view({"type": "view_closed", "callback_id": ""})
    async def taken(ack):
        await ack()

    @app.event("app_home_opened")
    async def opened(client, event):
        await client.views_publish(user_id=event["user"], view=HOME)

    async with connected(local_slack, app, transport):
        await asyncio.to_thread(_act, local_slack)
    by_kind = {body.get("type", "slash"): body for body in got}
    for kind, expected in EXPECTED.items():
        # `enterprise: null` is what Slack really sends, and what the types do not allow.
        get_adapter(expected).validate_python({k: v for k, v in by_kind[kind].items() if k != "enterprise"})


EXPECTED = {
    "slash": SlashCommandPayload,
    "block_actions": BlockActionsPayload,
    "view_submission": ViewSubmissionPayload,
    "view_closed": ViewClosedPayload,
    "event_callback": EventCallbackEnvelope,
}


def _act(slack):
    alice = Person(slack)
    seen = alice.types("x")
    view, message = seen["views"][0], seen["messages"][0]
    assert alice.clicks("go", view_id=view["id"], wait_s=0)["ack"]["ok"]
    assert alice.clicks("go", ts=message["ts"], wait_s=0)["ack"]["ok"]
    assert alice.submits(view["id"])["ack"]["ok"]
    again = next(one for one in alice.types("x")["views"] if one["type"] == "modal")
    assert sim(slack, "close", {"user": "U0ALICE", "view_id": again["id"]})["ack"]["ok"]
    assert alice.opens_home()["view"]["type"] == "home"
