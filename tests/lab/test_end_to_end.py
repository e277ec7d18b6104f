"""The whole bot against real nodes: typed in the local Slack over both transports, and at the server's shell."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot import serving
from bot.config import load
from bot.demo.slack.server import LocalSlack
from tests.lab.conftest import config_file
from tests.lab.lab import Lab
from tests.lab.network import connector


def slack_config(lab: Lab, folder: Path, slack: LocalSlack, transport: str) -> Path:
    path = config_file(lab, folder)
    for name in ("bot_token", "app_token", "signing_secret"):
        (folder / name).write_text(getattr(slack, name))
    text = path.read_text().replace("[slack]\n", f'[slack]\ntransport = "{transport}"\nbase_url = "{slack.url}/api/"\n')
    path.write_text(text + "[http]\nport = 0\n")
    return path


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_status_travels_from_slack_to_real_corosync_and_back(booted: Lab, tmp_path: Path, transport: str) -> None:
    with LocalSlack() as slack:
        config = load(slack_config(booted, tmp_path, slack, transport))
        port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        bot = asyncio.create_task(serving.serve(config, port.set_result, connector(booted)))
        try:
            async with asyncio.timeout(20):
                http = await port
            if transport == "http":
                await asyncio.to_thread(slack.connect_http, f"http://127.0.0.1:{http}/slack/events")
            seen = await asyncio.to_thread(slack.run, slack.acts.slash("U0ALICE", "C0OPS", "status"))
        finally:
            bot.cancel()
            await asyncio.gather(bot, return_exceptions=True)
    assert seen["ack"]["ok"]
    assert "3 of 3 votes" in seen["messages"][0]["text"]


def test_do_asks_real_corosync_and_the_ledger_has_it(booted: Lab, tmp_path: Path) -> None:
    config = config_file(booted, tmp_path)
    answer = json.loads(_cli(booted, "do", "--config", str(config), "--json", "--", "status").stdout)
    assert answer["ok"]
    assert "3 of 3 votes" in answer["said"]
    events = json.loads(_cli(booted, "audit", "list", "--config", str(config), "--json").stdout)["events"]
    assert [event["kind"] for event in events] == ["ledger.started", "command.received", "command.answered"]
    outputs: list[dict[str, Any]] = events[-1]["detail"]["outputs"]
    assert {output["node"] for output in outputs} == {"pve01", "pve02", "pve03"}


def test_check_finds_the_nodes_in_order(booted: Lab, tmp_path: Path) -> None:
    checked = _cli(booted, "check", "--config", str(config_file(booted, tmp_path)), "--ssh")
    assert checked.returncode == 0, checked.stdout


def _cli(lab: Lab, *words: str) -> subprocess.CompletedProcess[str]:
    """A process of its own in the lab's network, as on a server beside the nodes."""
    inside = ["nsenter", f"--net={lab.network}"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    argv = [*inside, sys.executable, "-m", "bot", *words]
    return subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=60, check=False)
