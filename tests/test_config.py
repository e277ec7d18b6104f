"""The configuration file: what is taken, what is refused, and that a secret never shows."""

from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from bot.config import BadConfig, Config, database_url, load, parse, references, secret
from bot.names import Secret

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
NODES = [{"name": "pve01", "host": "10.0.1.11"}]
SMALLEST: dict[str, Any] = {
    "slack": {"bot_token": "env:BOT", "app_token": "env:APP"},
    "clusters": {"pve-prod": {"nodes": NODES}},
}


def mistakes(document: dict[str, Any]) -> list[str]:
    with pytest.raises(BadConfig) as caught:
        parse(document, Path("/etc/bot"))
    return [text.to("en") for text in caught.value.mistakes]


def changed(**tables: Any) -> dict[str, Any]:
    return {**SMALLEST, **tables}


def test_the_example_is_a_configuration() -> None:
    assert load(EXAMPLE).clusters["pve-prod"].nodes[2].name == "pve03"


def test_the_example_shows_every_key() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    missing = [
        key for key in _keys(Config) if f"{key} = " not in text and f"[{key}" not in text and f".{key}]" not in text
    ]
    assert not missing


def _keys(model: type[BaseModel]) -> set[str]:
    found = {name for name, field in model.model_fields.items() if not field.exclude}
    for field in model.model_fields.values():
        for part in _models(field.annotation):
            found |= _keys(part)
    return found - {"policy"} if model is Config else found


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def test_the_smallest_configuration_is_enough() -> None:
    config = parse(SMALLEST, Path("/etc/bot"))
    assert config.ssh.key == Path("/etc/bot/id_ed25519")
    assert database_url(config) == "sqlite:////etc/bot/pve-cluster-bot.db"


def test_every_mistake_is_told_at_once_by_its_key() -> None:
    told = mistakes(
        {
            "slack": {"bot_token": "xoxb-secret", "app_token": "env:APP", "colour": 1},
            "clusters": {"pve-prod": {"nodes": [{"name": "pve 01", "host": "10.0.1.11", "port": 99999}]}},
        }
    )
    assert [line.split(":")[0] for line in told] == [
        "slack.bot_token",
        "slack.colour",
        "clusters.pve-prod.nodes[0].name",
        "clusters.pve-prod.nodes[0].port",
    ]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (changed(slack={"bot_token": "env:B", "app_tokn": "env:A"}), "did you mean “app_token”?"),
        (changed(slack={"bot_token": "env:B"}), "transport “socket” needs app_token"),
        (changed(slack={"bot_token": "env:B", "transport": "http"}), "needs signing_secret"),
        (changed(clusters={}), "clusters"),
        (changed(clusters={"pve_prod": {"nodes": NODES}}), "“pve_prod” is not a cluster name"),
        (changed(clusters={"pve-prod": {"nodes": NODES * 2}}), "pve01 is listed twice"),
        (changed(policy=[{"groups": ["operators"]}]), "policy[0].groups: “operators” is not defined"),
        (changed(policy=[{"groups": []}]), "policy[0].groups"),
        (changed(groups={"ops": {"people": ["zoe"]}}), "groups.ops.people: “zoe” is not defined"),
        (changed(people={"a": {"accounts": ["U1"]}}), "write a Slack account as TEAM/USER"),
        (changed(people={"a": {"logins": ["x"]}, "b": {"logins": ["x"]}}), "x also belongs to a"),
        (changed(clusters={"p": {"nodes": [{"name": "pve01", "host": "a b"}]}}), "clusters.p.nodes[0].host"),
    ],
)
def test_a_mistake_names_its_key_and_the_way_out(document: dict[str, Any], told: str) -> None:
    assert told in "\n".join(mistakes(document))


def test_a_literal_secret_is_refused_and_never_repeated() -> None:
    (told,) = mistakes(changed(slack={"bot_token": "xoxb-1234", "app_token": "env:APP"}))
    assert "env:NAME" in told
    assert "1234" not in told


def test_a_file_that_is_not_toml_or_not_there_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "config.toml"
    with pytest.raises(BadConfig, match="No such file"):
        load(broken)
    broken.write_text("[slack\n", encoding="utf-8")
    with pytest.raises(BadConfig, match="is not TOML"):
        load(broken)


def test_a_secret_is_read_from_where_it_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv("PVE_BOT_TEST_TOKEN", "from the environment")  # the environment is the real part here
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert secret("file:token", tmp_path).reveal() == "from a file"
    assert secret("credential:token", Path("/nowhere")).reveal() == "from a file"
    assert secret("env:PVE_BOT_TEST_TOKEN", tmp_path).reveal() == "from the environment"


@pytest.mark.parametrize("reference", ["env:PVE_BOT_NOT_SET", "file:no-such-file", "credential:none"])
def test_a_secret_that_is_not_there_is_a_mistake(reference: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=reference):
        secret(reference, tmp_path)


def test_a_secret_shows_in_no_text() -> None:
    token = Secret("xoxb-1234")
    assert "1234" not in f"{token} {token!r} {token!s} {token:>20} %s" % token + "".join(map(str, [token]))


def test_the_references_of_all_secrets_are_known() -> None:
    assert dict(references(load(EXAMPLE))).keys() == {
        "slack.bot_token",
        "slack.app_token",
        "slack.signing_secret",
        "clusters.pve-prod.api.token_secret",
    }
