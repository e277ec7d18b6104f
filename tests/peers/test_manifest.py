"""The manifest, against Slack's own schema and its documentation of each method's scopes."""

from __future__ import annotations

from typing import Any, cast

import pytest
from jsonschema import Draft7Validator
from jsonschema.validators import validator_for

from bot.action import Json
from bot.slack.manifest import BOT_SCOPES, SCOPES, manifest
from tests.peers.slack_data import manifest_schema, methods

pytestmark = pytest.mark.peer


def mistakes(made: dict[str, Json]) -> list[str]:
    schema = manifest_schema()
    checker = validator_for(schema, default=Draft7Validator)
    checker.check_schema(schema)
    return [f"{error.json_path}: {error.message}" for error in checker(schema).iter_errors(made)]


@pytest.mark.parametrize("url", [None, "https://bot.example.com"])
def test_slack_takes_the_manifest(url: str | None) -> None:
    assert mistakes(manifest(url)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("display_information", "long_description"), "short"),
        (("display_information", "name"), "x" * 36),
        (("settings", "surprise"), True),
    ],
)
def test_the_schema_would_find_a_mistake(path: tuple[str, str], value: object) -> None:
    made = cast(dict[str, Any], manifest(None))
    made[path[0]][path[1]] = value
    assert mistakes(made) != []


@pytest.mark.parametrize("method", sorted(SCOPES))
def test_a_method_that_is_called_has_a_scope_that_is_documented_for_it(method: str) -> None:
    documented = {one["name"] for one in methods()[method]["scopes"].get("bot", [])}
    assert SCOPES[method] in (documented or {None})


def test_every_scope_is_one_that_slack_knows() -> None:
    known = {one["name"] for method in methods().values() for one in method["scopes"].get("bot", [])}
    assert set(BOT_SCOPES) - known <= {"commands"}  # which belongs to no method
