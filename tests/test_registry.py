"""What holds for all actions, present and future."""

import pytest

from bot.action import Action, Risk
from bot.actions import load_actions
from bot.command_line import parse
from bot.help import with_help
from bot.policy import RISKS, risk_of

ACTIONS = with_help(load_actions())
VERBS = [(action, verb) for action in ACTIONS.values() for verb in action.verbs]


@pytest.mark.parametrize(("action", "verb"), VERBS, ids=[f"{a.name} {v.name}" for a, v in VERBS])
def test_every_verb_is_in_the_table_of_risks(action: Action, verb: object) -> None:
    assert (action.name, verb.name) in RISKS  # type: ignore[attr-defined]  # the parameter is a Verb


def test_the_table_of_risks_names_nothing_that_is_not_there() -> None:
    assert RISKS.keys() == {(action.name, verb.name) for action, verb in VERBS}


def test_a_verb_that_is_not_in_the_table_counts_as_destructive() -> None:
    command = parse(
        "status", {"status": Action(name="new", summary=ACTIONS["status"].summary, verbs=ACTIONS["status"].verbs)}
    )
    assert risk_of(command) is Risk.DESTRUCTIVE


def test_this_version_only_reads() -> None:
    assert set(RISKS.values()) == {Risk.READ}
    assert all(verb.plan(None, None) == () for _, verb in VERBS)
