"""The configuration file: what is taken, what is refused, and that a secret never shows."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from bot import wiring
from bot.actions import load_actions
from bot.config import BadConfig, Config, database_url, load, parse
from bot.help import with_help

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


def inside(qnetd: dict[str, Any]) -> dict[str, Any]:
    """A QDevice's host where a node is."""
    return changed(clusters={"p": {"nodes": NODES, "qnetd": qnetd}})


def escalating(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two rules that tell two groups."""
    return changed(groups={"a": {}, "b": {}}, policy=[{**one, "escalate_to": "a"}, {**other, "escalate_to": "b"}])


def test_the_example_is_a_configuration() -> None:
    assert load(EXAMPLE).clusters["pve-prod"].nodes[2].name == "pve03"


def test_the_example_shows_every_key_and_no_other() -> None:
    assert set(_written(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")), Config)) == set(_keys(Config))


def _keys(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Each key by its path; a name that the reader chooses is `*`."""
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        inner = next(_models(field.annotation), None)
        path = f"{above}{name}{'.*' if inner and _is_named(field.annotation) else ''}"
        yield from _keys(inner, path + ".") if inner else [path]


def _written(table: dict[str, Any], model: type[BaseModel], above: str = "") -> Iterator[str]:
    for name, value in table.items():
        field = model.model_fields[name]
        inner = next(_models(field.annotation), None)
        if inner is None:
            yield above + name
        elif _is_named(field.annotation):
            for one in value.values():
                yield from _written(one, inner, f"{above}{name}.*.")
        else:
            for one in value if isinstance(value, list) else [value]:
                yield from _written(one, inner, f"{above}{name}.")


def _is_named(annotation: Any) -> bool:
    return get_origin(annotation) is dict


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


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


def test_a_mistake_in_a_value_does_not_hide_one_between_two_places() -> None:
    told = mistakes(
        {
            "slack": {"bot_token": "xoxb-secret"},
            "http": {"port": "many"},
            "policy": [{"groups": ["admins"], "clusters": ["nowhere"], "risks": ["high"]}],
            "groups": {"ops": {"people": ["zoe"]}},
            "people": {"a": {"logins": ["x"]}, "b": {"logins": ["x"], "accounts": ["U1"]}},
            "clusters": {"pve-prod": {"nodes": NODES * 2}, "empty": {"nodes": []}},
        }
    )
    assert sorted(line.split(":")[0] for line in told) == [
        "clusters.empty.nodes",
        "clusters.pve-prod.nodes",
        "groups.ops.people",
        "http.port",
        "people.b",
        "people.b.accounts[0]",
        "policy[0].clusters",
        "policy[0].groups",
        "policy[0].risks[0]",
        "slack",
        "slack.bot_token",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from([*Config.model_fields]), JSON))
def test_any_document_is_a_configuration_or_a_list_of_mistakes(document: dict[str, Any]) -> None:
    assert all(mistakes(document))


@pytest.mark.parametrize("key", sorted(Config.model_fields.keys() - {"folder"}))
def test_a_table_of_the_wrong_kind_is_told_in_both_languages(key: str) -> None:
    with pytest.raises(BadConfig) as caught:
        parse(changed(**{key: "text"}), Path("/etc/bot"))
    (told,) = caught.value.mistakes
    assert told.to("en").startswith(f"{key}: write a ")
    assert told.to("fr").startswith(f"{key} : écrivez une ")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (changed(slack={"bot_token": "env:B", "app_tokn": "env:A"}), "did you mean “app_token”?"),
        (changed(slack={"bot_token": "env:B", "app_token": "env:A", "command": "/pve"}), "slack.command: no such key"),
        (changed(slack={"bot_token": "env:B"}), "transport “socket” needs app_token"),
        (changed(slack={"bot_token": "env:B", "transport": "http"}), "needs signing_secret"),
        (changed(clusters={}), "clusters"),
        (changed(clusters={"pve_prod": {"nodes": NODES}}), "“pve_prod” is not a cluster name"),
        (changed(clusters={"pve-prod": {"nodes": NODES * 2}}), "pve01 is listed twice"),
        (changed(policy=[{"groups": ["operators"]}]), "policy[0].groups: “operators” is not defined"),
        (changed(policy=[{"groups": []}]), "policy[0].groups"),
        (
            changed(groups={"@requester": {}}, policy=[{"approvals": [{"group": "@requester"}]}]),
            "groups: no group may be called “@requester”",
        ),
        (changed(groups={"*": {}}, policy=[{"groups": ["*"]}]), "groups: no group may be called “*”"),
        (
            changed(policy=[{"approvals": [{"group": "@requester"}]}]),
            "policy[0].approvals: “@requester” is not defined",
        ),
        (changed(policy=[{"escalate_to": "*"}]), "policy[0].escalate_to: “*” is not defined"),
        (changed(break_glass={"group": "*", "channel": "C1"}), "break_glass.group: “*” is not defined"),
        (changed(policy=[{"approve_within_min": 241}]), "policy[0].approve_within_min: must be 240 at most"),
        (changed(policy=[{"execute_within_min": 16}]), "policy[0].execute_within_min: must be 15 at most"),
        (escalating({}, {}), "policy[1].escalate_to: policy[0] tells “a” about the same requests"),
        (escalating({"risks": ["change"]}, {"actions": ["expected"]}), "policy[1].escalate_to: policy[0] tells “a”"),
        (changed(groups={"ops": {"people": ["zoe"]}}), "groups.ops.people: “zoe” is not defined"),
        (changed(people={"a": {"accounts": ["U1"]}}), "write a Slack account as TEAM/USER"),
        (changed(people={"a": {"logins": ["x"]}, "b": {"logins": ["x"]}}), "x also belongs to a"),
        (changed(clusters={"p": {"nodes": [{"name": "pve01", "host": "a b"}]}}), "clusters.p.nodes[0].host"),
        (changed(clusters={name: {"nodes": NODES, "channels": ["C1"]} for name in ("a", "b")}), "C1 also belongs to a"),
        (changed(clusters={name: {"nodes": NODES} for name in ("a", "b")}), "10.0.1.11 also belongs to a"),
        (
            changed(clusters={name: {"nodes": NODES, "default": True} for name in ("a", "b")}),
            "clusters.b: default also belongs to a",
        ),
        (inside({"name": "pve01", "host": "10.0.1.100"}), "clusters.p.qnetd: that is the node pve01"),
        (inside({"name": "qnetd", "host": "10.0.1.11"}), "clusters.p.qnetd: that is the node pve01"),
        (changed(policy=[{"ticket": "([A-Z]+)*-[0-9]+"}]), "policy[0].ticket: no group may be repeated"),
        (changed(ssh={"key": "~no-such-user/key"}), "ssh.key: ~NAME leads nowhere"),
        (changed(ssh={"known_hosts": "known\0hosts"}), "ssh.known_hosts: no path holds a null character"),
    ],
)
def test_a_mistake_names_its_key_and_the_way_out(document: dict[str, Any], told: str) -> None:
    assert told in "\n".join(mistakes(document))


def test_two_groups_may_be_told_about_requests_that_are_never_the_same() -> None:
    parse(escalating({"risks": ["change"]}, {"risks": ["destructive"]}), Path("/etc/bot"))
    parse(escalating({"actions": ["expected"]}, {"actions": ["reset"]}), Path("/etc/bot"))


def test_a_time_may_be_as_long_as_it_is_without_a_rule() -> None:
    rule = {"approve_within_min": 240, "execute_within_min": 15}
    assert parse(changed(policy=[rule]), Path("/etc/bot")).policy[0].approve_within_min == 240


def test_anybody_may_be_asked_for_an_approval() -> None:
    config = parse(changed(policy=[{"approvals": [{"group": "*"}]}]), Path("/etc/bot"))
    assert config.policy[0].approvals[0].group == "*"


def test_a_literal_secret_is_refused_and_never_repeated() -> None:
    (told,) = mistakes(changed(slack={"bot_token": "xoxb-1234", "app_token": "env:APP"}))
    assert "env:NAME" in told
    assert "1234" not in told


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bot:sesame@db.example.com/bot",
        "postgresql+psycopg://bot:ses/ame@db.example.com/bot",
        "postgresql://:sesame@db.example.com/bot",
        "postgresql://bot@db.example.com/bot?sslmode=require&password=sesame",
    ],
)
def test_a_database_url_with_a_password_is_refused_and_never_repeated(url: str) -> None:
    (told,) = mistakes(changed(database={"url": url}))
    assert told == "database.url: a password never stands in this file; write env:DATABASE_URL and put the URL there"


@pytest.mark.parametrize(
    "url",
    ["postgresql://bot@db.example.com:5432/bot", "sqlite:////srv/a:b@c/bot.db", "sqlite:///file:/a@b?mode=ro&uri=true"],
)
def test_a_database_url_without_a_password_is_taken(url: str) -> None:
    assert database_url(parse(changed(database={"url": url}), Path("/etc/bot"))) == url


def test_the_database_url_is_in_no_text_of_the_configuration() -> None:
    config = parse(changed(database={"url": "postgresql:/bot:sesame@db.example.com"}), Path("/etc/bot"))
    assert "sesame" not in f"{config!r} {config}"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("statsu", "did you mean “status”?"),
        ("Certs", "did you mean “certs”?"),
        ("remov", "“remove”?"),
        ("x", "there are: "),
    ],
)
def test_a_rule_for_an_action_that_there_is_not_is_refused(tmp_path: Path, name: str, hint: str) -> None:
    (told,) = rule_for(tmp_path, name)
    assert told.startswith(f"policy[0].actions: no action is called “{name}”; ")
    assert hint in told


@pytest.mark.parametrize("name", [*with_help(load_actions()), "remove", "expected", "diagnose"])
def test_a_rule_may_speak_of_every_action_of_this_version_or_a_later_one(tmp_path: Path, name: str) -> None:
    assert rule_for(tmp_path, name) == []


def rule_for(folder: Path, action: str) -> list[str]:
    """What is wrong with a file that has a rule for *action*, as every command loads it."""
    text = EXAMPLE.read_text(encoding="utf-8").replace("actions = []", f'actions = ["{action}"]')
    (folder / "config.toml").write_text(text, encoding="utf-8")
    try:
        wiring.load(folder / "config.toml")
    except BadConfig as bad:
        return [one.to("en") for one in bad.mistakes]
    return []


def test_a_file_that_is_not_toml_or_not_there_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "config.toml"
    with pytest.raises(BadConfig, match="No such file"):
        load(broken)
    broken.write_text("[slack\n", encoding="utf-8")
    with pytest.raises(BadConfig, match="is not TOML"):
        load(broken)
