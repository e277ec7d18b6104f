"""What holds for all actions, present and future."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

import pytest

from bot.action import Action, AnyVerb, Change, Risk
from bot.actions import load_actions
from bot.actions.expected.facts import Facts as ExpectedFacts
from bot.actions.reset.facts import Facts as ResetFacts
from bot.command_line import Command, parse
from bot.help import with_help
from bot.known_words import NOT_YET
from bot.names import ClusterName
from bot.plan import Plan, read
from bot.policy import DEFAULTS, RISKS, demand, risk_of
from bot.propose import plan
from bot.requests_action import ACTION as REQUESTS
from bot.text import Text
from tests.actions import dead_node, joining_node, live_cluster, lone_host, stuck_node, two_of_five
from tests.recorded import stopped

ACTIONS = {**with_help(load_actions()), REQUESTS.name: REQUESTS}
VERBS = [(action, verb) for action in ACTIONS.values() for verb in action.verbs]
CHANGES = [(action, verb) for action, verb in VERBS if verb.change is not None]
CONFIRMED = {"expected", "reset", "remove", "renew-ca"}  # the worst: their approver types a name


@dataclass(frozen=True)
class Example:
    """A line that changes something, on facts of real nodes on which nothing forbids it."""

    line: str
    facts: Any

    @property
    def command(self) -> Command:
        return parse(self.line, ACTIONS)

    @property
    def change(self) -> Change[Any, Any]:
        found = self.command.verb.change
        assert found is not None
        return found

    @property
    def plan(self) -> Plan:
        name = ClusterName("pve-lab")
        return plan(self.command, name, self.line, self.facts, demand(self.command, name, ()))


def half_stopped() -> ExpectedFacts:
    """Steps of all kinds: a node is held, the number is set, the node is let go."""
    return two_of_five.look({**two_of_five.SILENT, **stopped("pve05")})


def stuck() -> ResetFacts:
    return stuck_node.look()


EXAMPLES = [
    Example("expected 2", two_of_five.look()),
    Example("expected 2", half_stopped()),
    Example("reset pve05", stuck()),
    Example(lone_host.LINE, lone_host.look()),
    Example(joining_node.OVER_API, joining_node.look()),
    Example(joining_node.OVER_SSH, joining_node.look(line=joining_node.OVER_SSH)),
    Example("remove pve05", dead_node.look()),
    Example("corosync set totem.token=5000", live_cluster.look("corosync set totem.token=5000")),
]
# A step without a guard acts on whatever it finds; here stands why that is right.
UNGUARDED: dict[tuple[str, ...], str] = {}

every_verb = pytest.mark.parametrize(("action", "verb"), VERBS, ids=[f"{a.name} {v.name}" for a, v in VERBS])
every_change = pytest.mark.parametrize(("action", "verb"), CHANGES, ids=[f"{a.name} {v.name}" for a, v in CHANGES])
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.line)


@every_verb
def test_every_verb_is_in_the_table_of_risks(action: Action, verb: AnyVerb) -> None:
    assert (action.name, verb.name) in RISKS


def test_the_table_of_risks_names_nothing_that_is_not_there() -> None:
    assert RISKS.keys() == {(action.name, verb.name) for action, verb in VERBS}


def test_a_verb_that_is_not_in_the_table_counts_as_destructive() -> None:
    command = parse(
        "status", {"status": Action(name="new", summary=ACTIONS["status"].summary, verbs=ACTIONS["status"].verbs)}
    )
    assert risk_of(command) is Risk.DESTRUCTIVE


@every_verb
def test_what_changes_a_cluster_is_no_read_and_what_is_a_read_changes_none(action: Action, verb: AnyVerb) -> None:
    assert (RISKS[action.name, verb.name] is Risk.READ) == (verb.change is None)


@pytest.mark.parametrize("risk", [Risk.CHANGE, Risk.DESTRUCTIVE])
def test_nothing_that_changes_a_cluster_goes_by_itself(risk: Risk) -> None:
    assert sum(slot.count for slot in DEFAULTS[risk].slots) >= 1


@every_verb
def test_what_can_be_done_is_not_said_to_come_later(action: Action, verb: AnyVerb) -> None:
    assert (action.name,) not in NOT_YET
    assert (action.name, verb.name) not in NOT_YET


@every_verb
def test_every_verb_says_what_it_does_in_both_languages(action: Action, verb: AnyVerb) -> None:
    assert both(action.summary)
    assert both(verb.summary)


@every_change
def test_every_change_explains_itself_and_has_an_example_here(action: Action, verb: AnyVerb) -> None:
    assert action.help is not None
    assert both(action.help)
    assert any(example.command.verb is verb for example in EXAMPLES)


@every_change
def test_every_part_of_a_change_takes_the_arguments_and_the_facts(action: Action, verb: AnyVerb) -> None:
    change = verb.change
    assert change is not None
    for part in (change.words, change.check, change.plan, change.rests_on, change.undo, change.votes, change.confirm):
        assert len(inspect.signature(part).parameters) == 2
    assert set(get_type_hints(verb.facts))


@every_example
def test_nothing_forbids_the_examples(example: Example) -> None:
    assert [found for found in example.change.check(example.command.args, example.facts) if found.blocks] == []


@every_example
def test_an_approval_rests_on_the_cluster_and_the_version_of_its_file(example: Example) -> None:
    rests_on = example.plan.rests_on
    assert rests_on["cluster"] == ("" if example.plan.action == "create" else "pve-lab"), "there is none yet"
    assert isinstance(rests_on["config_version"], int)
    assert len(rests_on) > 2


@every_example
def test_every_step_is_guarded_by_a_script_that_knows_its_host(example: Example) -> None:
    assert example.plan.steps
    for step in example.plan.steps:
        if step.argv in UNGUARDED:
            continue
        assert step.guard.startswith("set -eu\n"), step.argv
        assert f"is 'host name' \"$(hostname | cut -d. -f1)\" {step.on}\n" in step.guard
        assert step.guard.endswith("\n")


@every_example
def test_every_step_has_a_time_limit_and_a_program_that_is_no_option(example: Example) -> None:
    for step in example.plan.steps:
        assert 0 < step.timeout_s <= 900
        assert step.argv[0].strip("-") == step.argv[0] != ""


@every_example
def test_all_that_people_are_shown_exists_in_both_languages(example: Example) -> None:
    for text in shown(example.plan):
        assert both(text), text


@every_example
def test_a_plan_says_how_to_undo_it_and_what_becomes_of_the_quorum(example: Example) -> None:
    made = example.plan
    assert made.undo.to("en")
    assert made.before is not None
    assert made.after is not None
    assert any(word in made.confirm for word in ("pve-lab", "pve05")) or made.action not in CONFIRMED


@every_example
def test_a_stored_plan_is_the_plan(example: Example) -> None:
    assert read(example.plan.text).text == example.plan.text


@every_example
def test_the_same_facts_give_the_same_bytes(example: Example) -> None:
    assert example.plan.text == example.plan.text


@every_example
def test_the_report_of_what_did_not_happen_is_not_good(example: Example) -> None:
    """Nothing was run here: before and after are the same."""
    report = example.command.verb.report(example.command.args, example.facts, example.facts)
    assert report.level.value in {"bad", "unknown", "warning"}
    assert both(report.headline)


def shown(made: Plan) -> Iterator[Text]:
    yield made.words
    yield made.undo
    yield from (step.title for step in made.steps)
    yield from (found.text for found in made.findings)
    yield from (found.fix for found in made.findings if found.fix)
    if made.statement:
        yield made.statement


def both(text: Text) -> bool:
    """It says something in each language, and not the same."""
    return bool(text.to("en").strip() and text.to("fr").strip()) and text.to("en") != text.to("fr")
