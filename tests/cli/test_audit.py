"""`audit`: what is asked of the ledger at its edges, and what it says of a row that somebody changed."""

import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from bot.event import Event, Kind, link
from bot.store import AtHead, SqlLedger, open_engine, state
from bot.wiring import now_us
from tests.cli.shell import NODES, SLACK, Shell

TOKENS = {"TEST_BOT_TOKEN": "xoxb-1", "TEST_APP_TOKEN": "xapp-1"}


@pytest.fixture(scope="module")
def four_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The start, a command and its refusal, a reading."""
    shell = Shell(tmp_path_factory.mktemp("audit")).configure(SLACK, NODES)
    for command in (("db upgrade",), ("do", "--", "nonsense"), ("audit list",)):
        shell.run(*command)
    return shell.folder / "pve-cluster-bot.db"


@pytest.fixture
def shell(tmp_path: Path, four_rows: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The environment is the real part here."""
    for name, value in {**TOKENS, "LC_ALL": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    shutil.copy(four_rows, tmp_path)
    return Shell(tmp_path).configure(SLACK, NODES)


@contextmanager
def behind_the_back(shell: Shell) -> Iterator[sqlite3.Connection]:
    """As the owner of the file can: the guards away, and afterwards there again as if nothing had been."""
    with closing(sqlite3.connect(shell.folder / "pve-cluster-bot.db")) as raw:
        guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            raw.execute(f"DROP TRIGGER {name}")
        yield raw
        for _, sql in guards:
            raw.execute(sql)
        raw.commit()
    assert isinstance(found := state(f"sqlite:///{shell.folder}/pve-cluster-bot.db"), AtHead)
    assert found.guards_missing == ()


def forge(shell: Shell, actor: str) -> None:
    """Row 3 whole in itself, under a hash of its own: only the row after it does not fit."""
    with behind_the_back(shell) as raw:
        body, prev_hash = raw.execute("SELECT body, prev_hash FROM audit_event WHERE seq = 3").fetchone()
        forged = json.dumps({**json.loads(body), "actor": actor})
        row = (actor, forged, link(prev_hash, forged))
        raw.execute("UPDATE audit_event SET actor = ?, body = ?, hash = ? WHERE seq = 3", row)


def test_show_is_the_event_with_its_hash(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    ran = shell.here(capsys, "audit show", "--json", "3")
    assert (ran.json["ok"], ran.json["seq"], ran.json["kind"]) == (True, 3, "command.refused")
    assert ran.json["prev_hash"] == shell.here(capsys, "audit show", "--json", "2").json["hash"]
    assert (ran.code, ran.stderr) == (0, "")


@pytest.mark.parametrize("statement", ["actor = 'T1/U1'", "body = 'nothing'", "body = x'ff'", "prev_hash = 'none'"])
def test_show_of_a_row_that_was_altered_says_so(
    shell: Shell, capsys: pytest.CaptureFixture[str], statement: str
) -> None:
    with behind_the_back(shell) as raw:
        raw.execute(f"UPDATE audit_event SET {statement} WHERE seq = 3")
    ran = shell.here(capsys, "audit show", "3")
    assert "Event 3 is not as it was written: " in ran.stderr
    assert ran.code == 1
    as_json = shell.here(capsys, "audit show", "--json", "3")
    assert as_json.json["ok"] is False
    assert as_json.json["said"].startswith("Event 3 is not as it was written: ")


def test_show_of_the_row_after_a_forged_one_says_so(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    forge(shell, "T1/U1")
    assert "broken link" in shell.here(capsys, "audit show", "4").stderr


@pytest.mark.parametrize("command", [("audit list",), ("audit list", "--json")])
def test_list_shows_also_rows_that_hold_no_event(
    shell: Shell, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    with behind_the_back(shell) as raw:
        raw.execute("UPDATE audit_event SET body = '{', at_us = 'long ago' WHERE seq = 3")
    ran = shell.here(capsys, *command)
    assert (ran.code, ran.stderr) == (0, "")
    assert "command.received" in ran.stdout


def test_check_finds_what_was_altered_although_the_guards_are_there(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    forge(shell, "T1/U1")
    ran = shell.here(capsys, "check", "--ssh", "--json")
    (ledger,) = [one for one in ran.bad if one["part"] == "ledger"]
    assert ledger["text"].startswith("The ledger was changed behind the bot's back: broken link at 4")
    assert ledger["fix"]
    assert ran.code == 1


def test_check_says_of_a_whole_ledger_how_many_rows_it_has(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    findings = shell.here(capsys, "check", "--ssh", "--json").json["findings"]
    (told,) = [one["text"] for one in findings if one["part"] == "ledger"]
    assert told == "Every row of the ledger is as it was written, from 1 to 4"


@pytest.mark.parametrize("seq", ["0", "-1", str(10**22), "x"])
def test_a_number_that_no_event_can_have_is_a_usage_mistake(
    shell: Shell, capsys: pytest.CaptureFixture[str], seq: str
) -> None:
    ran = shell.here(capsys, "audit show", "--", seq)
    assert (ran.code, ran.stdout) == (2, "")


def test_an_event_that_there_is_not_is_refused(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    ran = shell.here(capsys, "audit show", str(2**63 - 1))
    assert ran.stderr == f"The ledger has no event {2**63 - 1}\n"
    assert ran.code == 1


@pytest.mark.parametrize(
    ("words", "zone", "some"),
    [
        (("--since", "0001-01-01"), "UTC", True),
        (("--since", "0001-01-01"), "UTC-14", True),
        (("--since", "1969-12-31"), "UTC-14", True),
        (("--since", "9999-12-31T23:59:59"), "UTC+12", False),
        (("--until", "0001-01-01"), "UTC-14", False),
        (("--until", "9999-12-31T23:59:59"), "UTC+12", True),
    ],
)
def test_the_first_and_the_last_day_of_the_calendar_are_days(
    shell: Shell, words: tuple[str, ...], zone: str, *, some: bool
) -> None:
    shell.environment["TZ"] = zone
    ran = shell.run("audit list", "--json", *words)
    assert ran.code == 0
    assert bool(ran.json["events"]) is some


def test_list_in_a_pipe_has_each_event_on_a_line(shell: Shell) -> None:
    assert shell.run("do", "--", "a" * 300).code == 1
    lines = shell.run("audit list").stdout.splitlines()
    assert [line.split()[1] for line in lines if "command." in line] == ["2", "3", "5", "6"]
    assert all("command.received" in line or "command.refused" in line for line in lines if "command." in line)


def test_list_on_a_narrow_terminal_cuts_no_word(shell: Shell) -> None:
    shown = on_a_terminal(shell, "audit", "list")
    assert "command.re" in shown
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def on_a_terminal(shell: Shell, *words: str) -> str:
    """What a person sees on one that can do nothing: rich takes it for 80 columns."""
    here, there = pty.openpty()
    argv = [sys.executable, "-m", "bot", *words, "--config", str(shell.config)]
    env = {**shell.env, "TERM": "dumb"}
    shown = b""
    with subprocess.Popen(argv, stdout=there, env=env) as process:
        os.close(there)
        with os.fdopen(here, "rb", buffering=0) as screen, suppress(OSError):  # EIO: the other end is closed
            while read := screen.read(4096):
                shown += read
    assert process.returncode == 0
    return shown.decode()


REQUESTED = (
    Event(Kind.REQUEST_CREATED, "T1/U1", "prod", "expected", "abcdefgh23", "pending", {"line": "expected 2"}),
    Event(Kind.VOTE_RECORDED, "T1/U2", "prod", "expected", "abcdefgh23", "approve", {"statement": "I pulled the plug"}),
    Event(
        Kind.RUN_STARTED,
        "bot",
        "prod",
        "expected",
        "abcdefgh23",
        "started",
        {"node": "pve01", "argv": ["pvecm", "a b"]},
    ),
    Event(
        Kind.RUN_FINISHED, "bot", "prod", "expected", "abcdefgh23", "done", {"node": "pve01", "argv": ["x"], "exit": 0}
    ),
)


@pytest.fixture
def with_a_request(shell: Shell) -> Shell:
    engine = open_engine(f"sqlite:///{shell.folder}/pve-cluster-bot.db")
    for event in REQUESTED:
        SqlLedger(engine, now_us).record(event)
    engine.dispose()
    return shell


def test_show_of_a_request_is_its_story(with_a_request: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    ran = with_a_request.here(capsys, "audit show", "--json", "abcdefgh23")
    assert [event["kind"] for event in ran.json["events"]] == [event.kind for event in REQUESTED]
    told = with_a_request.here(capsys, "audit show", "abcdefgh23")
    assert (told.code, told.stdout.splitlines()[0]) == (0, "• Request abcdefgh23: 4 events")
    for words in ("expected 2", "I pulled the plug", "pve01: pvecm 'a b'", "pve01: x · exit 0"):
        assert words in told.stdout


def test_show_of_a_request_whose_story_was_altered_says_so(
    with_a_request: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    with behind_the_back(with_a_request) as raw:
        raw.execute("UPDATE audit_event SET actor = 'T1/U9' WHERE kind = 'vote.recorded'")
    ran = with_a_request.here(capsys, "audit show", "--json", "abcdefgh23")
    assert (ran.code, ran.json["ok"]) == (1, False)
    assert "is not as it was written" in ran.json["said"][0]


def test_a_request_that_there_is_not_is_refused(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    ran = shell.here(capsys, "audit show", "abcdefgh99")
    assert (ran.code, ran.stderr) == (1, "The ledger knows no request abcdefgh99\n")


def test_list_can_be_of_one_request(with_a_request: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    ran = with_a_request.here(capsys, "audit list", "--json", "--request", "abcdefgh23")
    assert {event["request_id"] for event in ran.json["events"]} == {"abcdefgh23"}
    assert len(ran.json["events"]) == len(REQUESTED)
