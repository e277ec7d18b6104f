"""The page's door: who may come in, and what it shows."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from bot.demo.slack.sim import Nodes
from tests.demo.slack.running import Person, running_slack, sim


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"X-Sim-Token": "wrong"}, "wrong token"),
        ({"X-Sim-Token": ""}, "wrong token"),
        ({"Origin": "http://evil.example"}, "wrong Origin"),
        ({"Host": "evil.example:80"}, "wrong Host"),
    ],
)
@pytest.mark.parametrize("what", ["state", "events"])
def test_a_stranger_is_refused(local_slack, headers, why, what):
    assert sim(local_slack, what, headers=headers) == {"status": 403, "error": why}


def test_the_token_may_stand_in_the_address(local_slack):
    with urllib.request.urlopen(f"{local_slack.url}/sim/state?token={local_slack.sim_token}") as answer:
        assert json.load(answer)["users"][0]["name"] == "alice"


def test_the_page_is_served_with_a_strict_policy_and_nothing_else_is(local_slack):
    with urllib.request.urlopen(local_slack.page_url) as page:
        assert page.headers["Content-Security-Policy"] == "default-src 'self'"
        assert b"app.js" in page.read()
    for path in ("../slack/server.py", "%2e%2e/slack/server.py", "none.js"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{local_slack.url}/{path}")
        assert refused.value.code == 404
        refused.value.close()


def test_a_change_is_announced(local_slack):
    with urllib.request.urlopen(f"{local_slack.url}/sim/events?token={local_slack.sim_token}") as events:
        assert events.readline() == b"retry: 1000\n"
        Person(local_slack).types("nobody listens")
        assert any(line.startswith(b"data: ") for line in (events.readline() for _ in range(3)))


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("slash", {"user": "U0NONE", "channel": "C0OPS", "text": "x"}, 404),
        ("slash", {"user": "U0ALICE", "channel": "C0NONE", "text": "x"}, 404),
        ("slash", {"user": "U0ALICE"}, 400),
        ("slash", [], 400),
        ("click", {"user": "U0ALICE", "channel": "C0OPS", "ts": "1.2", "action_id": "x"}, 404),
        ("submit", {"user": "U0ALICE", "view_id": "V1"}, 404),
        ("node", {"node": "pve01", "power": "off"}, 404),
    ],
)
def test_what_nobody_could_do_is_refused(local_slack, what, body, status):
    assert sim(local_slack, what, body)["status"] == status


def test_nodes_and_links_are_handed_on():
    done: list[tuple[object, ...]] = []
    nodes = Nodes(lambda: {"nodes": len(done)}, lambda *words: done.append(words), lambda *words: done.append(words))
    with running_slack(nodes=nodes) as slack:
        assert sim(slack, "node", {"node": "pve04", "power": "hang"}) == {"cluster": {"nodes": 1}}
        assert sim(slack, "link", {"node": "pve01", "link": 1, "up": False}) == {"cluster": {"nodes": 2}}
        assert sim(slack, "state")["cluster"] == {"nodes": 2}
    assert done == [("pve04", "hang"), ("pve01", 1, False)]
