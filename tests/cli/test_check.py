"""`check`: every part of a configuration that does not work is named, each with what to do, and the exit code says so."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.event import Event, Kind
from bot.request import Move
from bot.store import SqlDocket, SqlLedger, open_engine
from bot.wiring import now_us
from tests.cli.shell import NODES, SLACK, Ran, Shell
from tests.ssh.sshd import SSHD, Sshd, free_port, new_key, raw_server, running_sshd
from tests.store.filed import filed, moved, spoilt

TOKENS = {"TEST_BOT_TOKEN": "xoxb-1", "TEST_APP_TOKEN": "xapp-1"}
LOGIN_S = 1


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The environment is the real part here."""
    for name, value in {**TOKENS, "LC_ALL": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    return Shell(tmp_path, TOKENS)


def texts(ran: Ran, part: str) -> list[str]:
    return [one["text"] for one in ran.bad if one["part"] == part]


@contextmanager
def open_sqlite(shell: Shell) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{shell.folder}/pve-cluster-bot.db")
    yield engine
    engine.dispose()


def test_every_mistake_in_the_file_has_a_line_of_its_own(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.configure('[slack]\nbot_token = "xoxb-literal"\n[http]\nport = 99999\n[palette]\n', NODES, "channels = 3")
    ran = shell.here(capsys, "check", "--json")
    assert texts(ran, "config") == [
        "slack.bot_token: a secret never stands in this file; write env:NAME, file:PATH or credential:NAME",
        "http.port: must be 65535 at most",
        "clusters.pve-prod.channels: write a list in brackets",
        "palette: no such key; remove it",
        "slack: transport “socket” needs app_token; add it",
    ]
    assert ran.code == 1


def test_each_secret_that_is_not_there_is_named_by_key_and_reference(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.configure(SLACK.replace("TEST_APP_TOKEN", "NOT_SET"), '[database]\nurl = "file:no-such-file"', NODES)
    ran = shell.here(capsys, "check", "--slack", "--json")
    assert texts(ran, "secrets") == [
        "slack.app_token: env:NOT_SET holds no secret: set it, or point the key elsewhere",
        "database.url: file:no-such-file holds no secret: set it, or point the key elsewhere",
    ]
    assert ran.code == 1


def test_a_database_that_is_not_migrated_is_told_with_the_command(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = shell.configure(SLACK, NODES).here(capsys, "check", "--ssh", "--json")
    (told,) = texts(ran, "database")
    assert told.endswith("does not have the tables of this version: run pve-cluster-bot db upgrade --config F")
    assert not (shell.folder / "pve-cluster-bot.db").exists()
    assert ran.code == 1


def test_a_database_of_another_version_is_told_with_the_way_out(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.configure(SLACK, NODES).run("db upgrade")
    with sqlite3.connect(shell.folder / "pve-cluster-bot.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    (told,) = texts(shell.here(capsys, "check", "--ssh", "--json"), "database")
    assert "install the version that made them" in told


def test_a_database_that_cannot_be_written_is_told_with_the_way_out(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.configure(SLACK, NODES).run("db upgrade")
    url = f"sqlite:///file:{shell.folder}/pve-cluster-bot.db?mode=ro&uri=true"
    shell.configure(SLACK, NODES, f'[database]\nurl = "{url}"')
    (told,) = texts(shell.here(capsys, "check", "--ssh", "--json"), "database")
    assert "cannot be written. Give the bot's user write access" in told


def test_a_request_that_cannot_be_read_is_named_and_is_no_disaster_once_it_is_over(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.configure(SLACK, NODES).run("db upgrade")
    with open_sqlite(shell) as engine:
        for id_ in ("r1", "r2"):
            filed(engine, id_)
        moved(SqlDocket(engine, now_us), "r2", Move.DENY)
        for id_ in ("r1", "r2"):
            spoilt(engine, id_, demand='{"slots":[],"from_tomorrow":1}')
    ran = shell.here(capsys, "check", "--ssh", "--json")
    told = [one for one in json.loads(ran.stdout)["findings"] if one["part"] == "requests"]
    assert {one["text"].split(",")[0]: one["level"] for one in told} == {"Request r1": "bad", "Request r2": "warning"}
    assert all("from_tomorrow" in one["text"] or "tickets" in one["text"] for one in told)


def test_a_clock_behind_the_ledger_is_told_with_how_far(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.configure(SLACK, NODES).run("db upgrade")
    with open_sqlite(shell) as engine:
        SqlLedger(engine, lambda: now_us() + 3_600_000_000).record(Event(Kind.BOT_STARTED, "bot"))
    ran = shell.here(capsys, "check", "--ssh", "--json")
    (told,) = (one for one in json.loads(ran.stdout)["findings"] if one["part"] == "clock")
    assert (told["level"], "behind the last event of the ledger" in told["text"]) == ("warning", True)
    assert " 35" in told["text"] or " 3600 s" in told["text"]
    assert "timedatectl" in told["fix"]


def test_a_database_server_that_does_not_answer_is_told_without_its_password(
    shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", f"postgresql://bot:sesame@127.0.0.1:{free_port()}/bot")
    shell.configure(SLACK, NODES, '[database]\nurl = "env:TEST_DATABASE_URL"')
    ran = shell.here(capsys, "check", "--ssh", "--json")
    (told,) = texts(ran, "database")
    assert "does not answer. Start it, or correct database.url" in told
    assert "sesame" not in ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    if SSHD is None:
        pytest.skip("no sshd (apt-get install openssh-server), or no login shell")
    with running_sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def unreachable(shell: Shell, sshd: Sshd, capsys: pytest.CaptureFixture[str], known_hosts: str, port: int) -> str:
    """The one thing that is wrong with a node at *port*."""
    (shell.folder / "known").write_text(known_hosts)
    shell.configure(
        SLACK,
        f'[ssh]\nkey = "{sshd.folder}/user"\nknown_hosts = "known"\nlogin_timeout_s = {LOGIN_S}',
        f'[clusters.pve-prod]\nnodes = [{{ name = "pve01", host = "127.0.0.1", port = {port} }}]',
    )
    ran = shell.here(capsys, "check", "--ssh", "--json")
    (told,) = texts(ran, "pve-prod")
    assert ran.code == 1
    return told


def test_an_unknown_host_key_is_told_with_its_fingerprint_and_the_command(
    shell: Shell, sshd: Sshd, capsys: pytest.CaptureFixture[str]
) -> None:
    told = unreachable(shell, sshd, capsys, "", sshd.port)
    assert told.startswith("pve01: ")
    assert "SHA256:" in told
    assert f"ssh-keyscan -t ed25519 -p {sshd.port} 127.0.0.1 >> {shell.folder / 'known'}" in told


def test_a_changed_host_key_is_told_with_both_fingerprints(
    shell: Shell, sshd: Sshd, capsys: pytest.CaptureFixture[str]
) -> None:
    other = new_key(shell.folder / "other").with_suffix(".pub").read_text()
    told = unreachable(shell, sshd, capsys, f"[127.0.0.1]:{sshd.port} {other}", sshd.port)
    assert "has changed" in told
    assert told.count("SHA256:") == 2


def test_a_node_that_refuses_connections_is_told(shell: Shell, sshd: Sshd, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    told = unreachable(shell, sshd, capsys, "", port)
    assert told == (f"pve01: 127.0.0.1 refuses connections on port {port}: check that sshd runs there, and the port")


def test_a_port_that_says_nothing_is_given_up_and_told(
    shell: Shell, sshd: Sshd, capsys: pytest.CaptureFixture[str]
) -> None:
    with raw_server() as port:
        told = unreachable(shell, sshd, capsys, "", port)
    assert told.startswith(f"pve01: 127.0.0.1 port {port} took the connection but the SSH handshake did not end within")


def test_the_login_on_the_host_of_a_qdevice_is_proved_too_and_asked_nothing(
    shell: Shell, sshd: Sshd, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.configure(
        SLACK,
        f'[ssh]\nkey = "{new_key(shell.folder / "stranger")}"\nknown_hosts = "{sshd.known_hosts}"',
        '[clusters.pve-prod]\nnodes = [{ name = "pve01", host = "127.0.0.1", port = 1 }]',
        f'[clusters.pve-prod.qnetd]\nname = "qnetd"\nhost = "127.0.0.1"\nport = {sshd.port}\nkey = "{sshd.folder}/user"',
    )
    ran = shell.here(capsys, "check", "--ssh", "--json")
    (unreached,) = texts(ran, "pve-prod")
    assert unreached.startswith("pve01: ")
    told = [one["text"] for one in json.loads(ran.stdout)["findings"] if one["text"].startswith("qnetd: ")]
    assert [text.rpartition(" SHA256:")[0] for text in told] == ["qnetd: reached and logged in, host key"]


def test_a_login_that_is_refused_is_told_with_its_key(
    shell: Shell, sshd: Sshd, capsys: pytest.CaptureFixture[str]
) -> None:
    key = new_key(shell.folder / "stranger")
    shell.configure(
        SLACK,
        f'[ssh]\nkey = "{key}"\nknown_hosts = "{sshd.known_hosts}"',
        f'[clusters.pve-prod]\nnodes = [{{ name = "pve01", host = "127.0.0.1", port = {sshd.port} }}]',
    )
    (told,) = texts(shell.here(capsys, "check", "--ssh", "--json"), "pve-prod")
    assert "add its public half to root's authorized_keys there" in told


def test_for_a_person_each_line_starts_with_its_part_and_says_what_to_do(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = shell.configure(SLACK, NODES).here(capsys, "check", "--ssh")
    lines = ran.stdout.splitlines()
    assert lines[0] == f"config     ✅ {shell.config} is in order"
    assert [line.split()[0] for line in lines] == ["config", "secrets", "secrets", "database", "pve-prod"]
    assert ran.stderr == ""
