"""A bot that starts, stops, dies and starts again, as a service manager and those who wait for answers see it."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.event import Kind
from bot.message import Asked
from bot.people import Account
from bot.store import SqlInbox, SqlLedger, open_engine, upgrade
from bot.wiring import now_us
from tests.cli.serving import Around, around, serving
from tests.cli.shell import Shell
from tests.demo.slack.running import running_slack, until
from tests.slack.running import whole_bot

DATABASE = '[database]\nurl = "sqlite:///bot.db"'


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Around]:
    with around(tmp_path) as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path, outside: Around) -> Shell:
    shell = Shell(tmp_path, outside.secrets).configure(outside.slack_table(), DATABASE, outside.tables)
    assert shell.run("db upgrade").code == 0
    return shell


def test_a_second_bot_on_the_same_file_is_refused_and_what_works_beside_it_still_does(shell: Shell) -> None:
    with serving(shell):
        second = shell.run("serve")
        assert second.code == 1
        assert "Another bot works on sqlite:///" in second.stderr
        assert "stop it first" in second.stderr
        assert "Traceback" not in second.stderr
        assert shell.run("do", "--", "status").code == 0
        assert shell.run("check", "--slack").code == 0
        events = json.loads(shell.run("audit list", "--json").stdout)["events"]
    assert [event["kind"] for event in events].count(Kind.BOT_STARTED) == 1


def test_it_says_that_slack_is_connected_before_anybody_asks_whether_it_is_ready(shell: Shell) -> None:
    with serving(shell) as port, urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert "pve_cluster_bot_slack_connected 1.0" in answer.read().decode()


def test_a_port_in_use_is_said_in_a_sentence_and_nothing_is_started(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        shell.config.write_text(shell.config.read_text().replace("port = 0", f"port = {other.getsockname()[1]}"))
        ran = shell.run("serve")
    assert ran.code == 1
    assert ran.stderr.startswith("http.host and http.port: cannot listen on 127.0.0.1")
    assert len(ran.stderr.splitlines()) == 1
    events = json.loads(shell.run("audit list", "--json").stdout)["events"]
    assert Kind.BOT_STARTED not in [event["kind"] for event in events]


async def test_what_a_killed_bot_had_begun_is_answered_by_the_next_one_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/pve-cluster-bot.db"
    upgrade(url, now_us)
    engine = open_engine(url)
    killed, ledger = SqlInbox(engine, now_us), SqlLedger(engine, now_us)
    killed.put(Asked("k", "help", Account("T0LOCAL", "U0ALICE"), "slack", now_us(), "C0OPS", "http://127.0.0.1:9/none"))
    assert len(killed.take(5, now_us=now_us())) == 1
    with running_slack(tiers=False) as slack:
        async with whole_bot(tmp_path, slack):
            await until(lambda: len(ledger.page(kind=Kind.COMMAND_ANSWERED)) == 1)
    assert len(ledger.page(kind=Kind.COMMAND_RECEIVED)) == 1
    engine.dispose()
