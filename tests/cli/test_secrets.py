"""A secret stays where it is: nothing that the bot prints, records, posts or serves repeats one, whatever goes wrong."""

import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.demo.nodes import KEY
from tests.cli.serving import Around, around, serving
from tests.cli.shell import SLACK, Shell
from tests.ssh.sshd import free_port

PLANTED = {
    "UNRELATED": "marker-unrelated",
    "SERVER_URL": "postgresql://bot:marker-password@127.0.0.1:{port}/bot",
    "NO_URL": "marker-not-a-url:marker-password@/",
    "API_TOKEN": "marker-api-token",
}
MARKERS = ("marker-unrelated", "marker-password", "marker-api-token", "marker-not-a-url")
API = '[clusters.pve-prod.api]\ntoken_id = "bot@pve!bot"\ntoken_secret = "env:API_TOKEN"\n'
COMMANDS = (
    ("check", "--json"),
    ("db upgrade",),
    ("do", "--", "status"),
    ("do", "--json", "--", "stauts"),
    ("audit list", "--json", "--limit", "1000"),
    ("serve",),
)


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Around]:
    with around(tmp_path) as running:
        yield running


def shell_of(folder: Path, around: Around, **other: str) -> Shell:
    planted = {name: value.format(port=free_port()) for name, value in PLANTED.items()}
    return Shell(folder, {**around.secrets, **planted, **other})


def secrets(folder: Path, around: Around) -> Mapping[str, str]:
    """Everything that must not be repeated, by what it is."""
    key = "".join((folder / KEY).read_text().splitlines()[1:-1])
    found = {**around.secrets, "the SSH key": key[100:140]}
    return found | {marker: marker for marker in MARKERS}


def leaks(said: str, folder: Path, around: Around) -> list[str]:
    assert said
    return [name for name, secret in secrets(folder, around).items() if secret in said]


def commands(shell: Shell) -> str:
    """All that every command prints."""
    ran = [shell.run(*words) for words in COMMANDS]
    assert all("Traceback" not in one.stderr for one in ran), [one.stderr for one in ran]
    return "".join(one.stdout + one.stderr for one in ran)


def written(folder: Path) -> str:
    """The database and the log, as they are on the disk."""
    files = [*folder.glob("bot.db*"), *folder.glob("serve.log")]
    assert len(files) >= 2
    return "".join(path.read_bytes().decode(errors="replace") for path in files)


def served(port: int) -> str:
    return "".join(
        urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}").read().decode() for path in ("healthz", "metrics")
    )


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_a_bot_in_trouble_repeats_no_secret(tmp_path: Path, outside: Around, transport: str) -> None:
    shell = shell_of(tmp_path, outside)
    shell.configure(outside.slack_table(transport), '[database]\nurl = "sqlite:///bot.db"', outside.tables, API)
    assert shell.run("db upgrade").code == 0
    said = ""
    with serving(shell) as port:
        if transport == "http":
            outside.slack.connect_http(f"http://127.0.0.1:{port}/slack/events")
        said += outside.types("status") + outside.types("stauts") + outside.types("status", user="U0DAVE")
        outside.nodes.power("pve02", "off")
        outside.slack.faults.switch("rate_limited", on=True, times=1)
        said += outside.types("nodes")
        outside.slack.faults.switch("web_api_down", on=True, times=2)
        said += outside.types("certs")
        said += served(port)
        said += "".join(shell.run(*words).stdout for words in COMMANDS[:-1])
        said += str(outside.slack.on_loop(outside.slack.sim.state))
    assert leaks(said + written(tmp_path), tmp_path, outside) == []


@pytest.mark.parametrize(
    "database",
    ['url = "env:SERVER_URL"', 'url = "env:NO_URL"', 'url = "postgresql://bot:marker-password@127.0.0.1:1/bot"'],
)
def test_a_database_that_cannot_be_used_gives_no_password_away(tmp_path: Path, outside: Around, database: str) -> None:
    shell = shell_of(tmp_path, outside)
    shell.configure(outside.slack_table(), f"[database]\n{database}", outside.tables, API)
    assert leaks(commands(shell), tmp_path, outside) == []


def test_a_secret_written_where_it_does_not_belong_is_not_repeated(tmp_path: Path, outside: Around) -> None:
    misplaced = SLACK.replace("env:TEST_BOT_TOKEN", "marker-unrelated").replace("env:TEST_APP", "env:marker-password:")
    wrong = API.replace("env:API_TOKEN", "marker-api-token").replace("bot@pve!bot", "bot@pve!bot=marker-api-token")
    shell = shell_of(tmp_path, outside).configure(misplaced, outside.tables, wrong, '[ssh]\nport = "marker-password"')
    assert leaks(commands(shell), tmp_path, outside) == []


def test_tokens_that_slack_refuses_are_not_repeated(tmp_path: Path, outside: Around) -> None:
    shell = shell_of(tmp_path, outside, BOT_TOKEN="xoxb-marker-unrelated", APP_TOKEN="xapp-marker-password")
    shell.configure(outside.slack_table(), '[database]\nurl = "sqlite:///bot.db"', outside.tables)
    shell.run("db upgrade")
    ran = shell.run("check", "--slack")
    assert ran.code == 1
    assert leaks(ran.stdout + ran.stderr, tmp_path, outside) == []
