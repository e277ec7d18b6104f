"""What the configuration points to: read from where it is said to be, and shown nowhere."""

import tomllib
from pathlib import Path

import pytest

from bot.config import BadConfig, parse, references, secret
from bot.names import Secret

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def test_a_secret_is_read_from_where_it_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv("PVE_BOT_TEST_TOKEN", "from the environment")  # the environment is the real part here
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert secret("file:token", tmp_path).reveal() == "from a file"
    assert secret("credential:token", Path("/nowhere")).reveal() == "from a file"
    assert secret("env:PVE_BOT_TEST_TOKEN", tmp_path).reveal() == "from the environment"


def test_only_the_first_line_of_a_file_is_the_secret(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-1 \nmade in spring\n", encoding="utf-8")
    assert secret("file:token", tmp_path).reveal() == "xoxb-1"


@pytest.mark.parametrize("text", ["", "\n", " \nsecond line\n"])
def test_a_file_without_a_first_line_holds_no_secret(tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text, encoding="utf-8")
    with pytest.raises(BadConfig, match="holds no secret"):
        secret("file:token", tmp_path)


@pytest.mark.parametrize(
    "reference", ["env:PVE_BOT_NOT_SET", "file:no-such-file", "credential:none", "file:\0", "env:\0"]
)
def test_a_secret_that_is_not_there_is_a_mistake(reference: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=reference):
        secret(reference, tmp_path)


def test_a_secret_shows_in_no_text() -> None:
    token = Secret("xoxb-1234")
    assert "1234" not in f"{token} {token!r} {token!s} {token:>20} %s" % token + "".join(map(str, [token]))


@pytest.mark.parametrize(("transport", "needed"), [("socket", "app_token"), ("http", "signing_secret")])
def test_the_references_of_all_secrets_that_are_used_are_known(transport: str, needed: str) -> None:
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    document["slack"]["transport"] = transport
    document["database"]["url"] = "env:DATABASE_URL"
    assert dict(references(parse(document, EXAMPLE.parent))).keys() == {
        "slack.bot_token",
        f"slack.{needed}",
        "database.url",
        "clusters.pve-prod.api.token_secret",
        "clusters.pve-prod.root_password",
    }
