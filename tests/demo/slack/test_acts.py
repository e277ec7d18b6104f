"""People act, a Bolt app answers, over both transports."""

from __future__ import annotations

import asyncio

import pytest

from tests.demo.slack.running import Person, app_of, connected, sim

BOTH = pytest.mark.parametrize("transport", ["socket", "http"])


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
async def test_nobody_taking_a_command_is_seen_by_the_person(local_slack, transport):
    async with connected(local_slack, app_of(local_slack), transport):
        seen = await asyncio.to_thread(Person(local_slack).types, "status")
    assert seen["ack"]["error"] == {"socket": "operation_timeout", "http": "dispatch_failed"}[transport]
    assert seen["ack"]["error"] in sim(local_slack, "state")["messages"][-1]["text"]
