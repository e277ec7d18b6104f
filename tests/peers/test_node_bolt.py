"""Official Node Bolt as a second consumer of the local Slack."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from tests.demo.slack.running import Person, running_slack, sim
from tests.peers.node import first_line, need, node

pytestmark = pytest.mark.peer


@contextmanager
def _bolt(slack, transport):
    need("@slack/bolt")
    env = {"SLACK_URL": slack.url, "BOT_TOKEN": slack.bot_token, "APP_TOKEN": slack.app_token}
    with node("bolt.cjs", env=env | {"SECRET": slack.signing_secret, "TRANSPORT": transport}) as process:
        port = first_line(process).split()[1]
        if transport == "http":
            slack.connect_http(f"http://127.0.0.1:{port}/slack/events")
        yield


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_node_bolt_takes_a_command_a_click_and_a_modal(transport):
    with running_slack() as slack, _bolt(slack, transport):
        alice = Person(slack)
        message = alice.types("status")["messages"][0]
        assert message["text"] == "node heard status"
        seen = alice.clicks("go", ts=message["ts"])["messages"]
        assert [(one["text"], one["ts"]) for one in seen] == [("node saw 7", message["ts"])]
        view = alice.types("modal")["views"][0]
        assert alice.submits(view["id"], {"why": {"text": "bad"}})["errors"] == {"why": "say more"}
        assert alice.submits(view["id"], {"why": {"text": "because"}})["views"] == []


@pytest.mark.parametrize("fault", ["disconnect_refresh_requested", "disconnect_warning", "cut_sockets"])
def test_node_bolt_comes_back_after_a_disconnect(fault):
    with running_slack() as slack, _bolt(slack, "socket"):
        sim(slack, "fault", {"name": fault, "on": True})
        assert slack.run(slack.workspace.changes.until(lambda: slack.socket_mode.greeted == 2, 30))
        assert Person(slack).types("again")["messages"][0]["text"] == "node heard again"
