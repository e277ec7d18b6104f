"""What the peers need: a local Slack, and emulate as another Web API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.demo.slack.methods.call import SCOPES
from bot.demo.slack.server import LocalSlack
from tests.demo.slack.running import running_slack
from tests.peers.node import answers, free_port, need, node
from tests.peers.relay import relaying

TOKEN = "xoxb-peer"


@dataclass(frozen=True)
class Emulate:
    """npm emulate as the Web API: *url* + "/api/" is a client's base_url. Its people: alice, bob; its channel: ops."""

    url: str
    token: str = TOKEN


@pytest.fixture
def local_slack() -> Iterator[LocalSlack]:
    with running_slack() as slack:
        yield slack


@pytest.fixture(scope="session")
def emulate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulate]:
    need("emulate")
    port = free_port()
    seed = tmp_path_factory.mktemp("emulate") / "seed.json"
    _write_seed(seed)
    words = ("start", "--service", "slack", "--port", str(port), "--seed", str(seed))
    with node("node_modules/emulate/dist/index.js", *words):
        answers(f"http://127.0.0.1:{port}/api/api.test")
        with relaying(f"http://127.0.0.1:{port}") as url:
            yield Emulate(url)


@pytest.fixture
def emulate_url(emulate: Emulate) -> str:
    return emulate.url


def _write_seed(file: Path) -> None:
    people = [{"name": name, "real_name": name.title(), "email": f"{name}@example.com"} for name in ("alice", "bob")]
    scopes = sorted(SCOPES | {"channels:history"})  # to read back what was posted
    slack = {
        "team": {"name": "Local", "domain": "local"},
        "users": people,
        "channels": [{"name": "ops"}],
        "bots": [{"name": "pve-cluster-bot"}],
        "strict_scopes": True,
        "tokens": [{"token": TOKEN, "user": "alice", "scopes": scopes}],
    }
    file.write_text(json.dumps({"slack": slack}))
