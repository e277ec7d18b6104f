"""The HTTP side of a running bot: what is not Slack's gets nowhere, and leaves nothing in a log."""

import hashlib
import hmac
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.running import Demo, running_demo

SLASH = {"command": "/pve-cluster", "text": "status", "user_id": "U0ALICE", "team_id": "T0LOCAL", "channel_id": "C0OPS"}
MARK = "do-not-log-me"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
GARBAGE = {
    "broken JSON": (JSON, f'{{"{MARK}'.encode()),
    "deep JSON": (JSON, b"[" * 100_000),
    "a list": (JSON, f'["{MARK}"]'.encode()),
    "a number": (JSON, b"7"),
    "an integer without end": (JSON, b'{"type":' + b"9" * 5000 + b"}"),
    "authorizations of a wrong kind": (JSON, f'{{"authorizations": "{MARK}"}}'.encode()),
    "a payload that is a list": (FORM, b"payload=[]"),
    "a payload that is no JSON": (FORM, f"payload={MARK}".encode()),
    "a payload beside what Slack sends unsigned": (FORM, b"a=1&ssl_check=1&payload=[]"),
    "not UTF-8": (FORM, b"\xff\xfe" * 10),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo"), "--http") as running:
        yield running


def request(demo: Demo, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    url = f"http://127.0.0.1:{demo.about['ports']['http']}{path}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers or {}), timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace")


def form(key: str) -> bytes:
    fields = {**SLASH, "trigger_id": key, "response_url": "http://127.0.0.1:9/none", "api_app_id": MARK}
    return urllib.parse.urlencode(fields).encode()


def signed(demo: Demo, body: bytes, *, age_s: int = 0) -> dict[str, str]:
    secret = (demo.folder / "signing_secret").read_bytes()
    stamp = str(int(time.time()) - age_s)
    mac = hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}", "Content-Type": FORM}


def received(demo: Demo) -> int:
    return len(demo.ask("audit", "list", "--json", "--kind", "command.received", "--limit", "1000")["events"])


def test_a_signed_command_is_taken_and_a_replay_does_nothing(demo: Demo) -> None:
    before, body = received(demo), form("replayed")
    headers = signed(demo, body)
    assert [request(demo, "/slack/events", body, headers)[0] for _ in range(5)] == [200] * 5
    assert received(demo) == before + 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({"X-Slack-Signature": ""}, 401),
        ({"X-Slack-Request-Timestamp": "yesterday"}, 401),
        ({"X-Slack-Request-Timestamp": "1"}, 401),
        ({"X-Slack-Request-Timestamp": "9" * 5000}, 401),
        ({"X-Slack-Request-Timestamp": "-1"}, 401),
        ({"X-Slack-Request-Timestamp": ""}, 401),
        ({"X-Slack-Signature": "v0=é" + "0" * 63}, 401),
        ({"X-Slack-Signature": "v0=" + "0" * 5000}, 401),
        ({"Content-Length": "9" * 5000}, 400),
    ],
)
def test_a_forged_request_is_refused_and_reaches_nothing(demo: Demo, change: dict[str, str], status: int) -> None:
    before, body = received(demo), form("forged")
    assert request(demo, "/slack/events", body, {**signed(demo, body), **change})[0] == status
    assert received(demo) == before


@pytest.mark.parametrize(("kind", "body"), GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_unsigned_before_it_is_garbage(demo: Demo, kind: str, body: bytes) -> None:
    headers = {**signed(demo, body), "Content-Type": kind}
    forged = {**headers, "X-Slack-Signature": "v0=" + "0" * 64}
    assert request(demo, "/slack/events", body, forged)[0] == 401
    assert request(demo, "/slack/events", body, headers)[0] == 400


def test_an_old_request_is_refused(demo: Demo) -> None:
    body = form("old")
    assert request(demo, "/slack/events", body, signed(demo, body, age_s=301))[0] == 401
    assert request(demo, "/slack/events", body, signed(demo, body, age_s=-330))[0] == 401


def test_a_body_that_was_changed_is_refused(demo: Demo) -> None:
    body = form("changed")
    assert request(demo, "/slack/events", body + b"&text=reset", signed(demo, body))[0] == 401


def test_what_is_no_request_of_slacks_is_refused(demo: Demo) -> None:
    large = b"a" * 400_000
    assert request(demo, "/slack/events", large, signed(demo, large))[0] == 413
    assert request(demo, "/slack/events")[0] == 405


def test_slacks_own_check_of_the_address_is_answered(demo: Demo) -> None:
    assert request(demo, "/slack/events", b"ssl_check=1", {"Content-Type": FORM}) == (200, "")
    assert request(demo, "/slack/events", b"ssl_check=1&payload=[]", {"Content-Type": FORM}) == (200, "")


def test_health_readiness_and_numbers(demo: Demo) -> None:
    demo.types("status")
    assert request(demo, "/healthz") == (200, "ok")
    assert request(demo, "/readyz") == (200, "ready")
    status, numbers = request(demo, "/metrics")
    assert status == 200
    assert 'pve_cluster_bot_commands_total{action="status"' in numbers


def test_nothing_of_any_body_is_logged(tmp_path: Path) -> None:
    said: list[str] = []
    with running_demo(tmp_path, "--http", said=said) as demo:
        half = f"command=/pve-cluster&text={MARK}&trigger_id=1".encode()  # the listener fails
        bodies = [(FORM, form("unlogged")), (FORM, half), *GARBAGE.values()]
        for kind, body in bodies:
            own = {**signed(demo, body), "Content-Type": kind}
            for headers in (own, {**own, "X-Slack-Signature": "v0=0"}, {**own, "X-Slack-Request-Timestamp": "²"}, {}):
                request(demo, "/slack/events", body, headers)
    assert "listener failed" in said[0]
    assert "signed, but not understood" in said[0]
    assert MARK not in said[0]
