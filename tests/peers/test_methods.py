"""The Web API of the local Slack, against Slack's documentation of each method."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bot.demo.slack
from bot.demo.slack.methods.call import SCOPES
from bot.demo.slack.methods.registry import METHODS
from tests.demo.slack.running import call, running_slack
from tests.peers.slack_data import methods

pytestmark = pytest.mark.peer
# Every method may answer these (docs.slack.dev, each method's page under "common errors").
COMMON = {
    "invalid_arguments",
    "missing_scope",
    "not_authed",
    "invalid_auth",
    "not_allowed_token_type",
    "unknown_method",
}
NEWER_THAN_THE_DATA = {"blocks.validate"}


def test_every_method_is_a_documented_one():
    assert set(METHODS) - NEWER_THAN_THE_DATA <= set(methods())


@pytest.mark.parametrize("name", sorted(set(METHODS) - NEWER_THAN_THE_DATA))
def test_what_is_documented_as_required_is_demanded(name):
    documented = set(methods()[name]["required"])
    assert set(METHODS[name].required) == documented


@pytest.mark.parametrize("name", sorted(set(METHODS) - NEWER_THAN_THE_DATA))
def test_the_tier_is_the_documented_one(name):
    label = methods()[name]["rate_limit"]["label"]
    per_minute = METHODS[name].per_minute
    assert (f": {per_minute}+ per minute" in label) if per_minute else label.startswith("Special")


@pytest.mark.parametrize("name", sorted(set(METHODS) - NEWER_THAN_THE_DATA - {"conversations.open"}))
async def test_no_scope_at_all_is_refused_where_one_is_documented(name):
    documented = {one["name"] for one in methods()[name]["scopes"].get("bot", [])}
    args = dict.fromkeys(METHODS[name].required, "C0OPS")
    with running_slack(scopes=SCOPES - documented) as slack:
        answer = await call(slack, name, **args)
    assert (answer.get("error") == "missing_scope") == bool(documented)
    assert not documented or answer["needed"] in documented


def test_only_documented_errors_are_returned():
    documented = COMMON.union(*(one["errors"] for one in methods().values()))
    assert _errors_in_the_code() <= documented | {"invalid_response_action"}  # an answer to a modal, not a method


def _errors_in_the_code() -> set[str]:
    folder = Path(str(bot.demo.slack.__file__)).parent
    calls = [node for file in folder.rglob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    named = [one for one in calls if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "Failed" and one.args]
    return {str(one.args[0].value) for one in named if isinstance(one.args[0], ast.Constant)}
