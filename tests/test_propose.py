"""From what was asked and seen to a plan, and whether it still stands later."""

from dataclasses import dataclass, replace

import pytest

from bot.action import Action, Change, Finding, Json, Level, NoArgs, Report, Risk, Step, Verb, Votes
from bot.command_line import Command
from bot.demand import ANYONE, Demand, Slot
from bot.names import ClusterName
from bot.plan import Host, Plan, read
from bot.propose import blocked, changes, dry_run, findings, overtaken, plan
from bot.text import Text, same
from tests.asking import PVE01, PVE02

CLUSTER = ClusterName("pve-prod")
DEMAND = Demand((Slot(ANYONE),))
HOST = Host("root@192.0.2.1:22", "SHA256:one")


@dataclass(frozen=True)
class Facts:
    number: int = 1
    blocking: bool = False


def _found(_args: NoArgs, facts: Facts) -> list[Finding]:
    return [Finding(Level.NOTE, same("a note")), Finding(Level.BAD, same("on fire"), blocks=facts.blocking)]


def _rests_on(_args: NoArgs, facts: Facts) -> dict[str, Json]:
    return {"cluster": "pve-prod", "number": facts.number}


def _steps(_args: NoArgs, _facts: Facts) -> tuple[Step, ...]:
    return (Step(PVE01, Text(en="turn {what}", fr="tourner {what}").fill(what="it"), ("turn", "it"), "true\n"),)


CHANGE = Change(
    words=lambda _args, _facts: same("turn it"),
    check=_found,
    plan=_steps,
    rests_on=_rests_on,
    undo=lambda _args, _facts: same("turn it back"),
    votes=lambda _args, _facts: (Votes(3, 5, 3, quorate=True, survives=0), None),
)


def command(change: Change[NoArgs, Facts] | None = CHANGE) -> Command:
    def report(_args: NoArgs, _before: Facts, _after: Facts) -> Report:
        return Report(Level.GOOD, same("turned"))

    verb = Verb(name="turn", summary=same("turn"), args=NoArgs, facts=Facts, report=report, change=change)
    return Command(Action(name="turn", summary=same("turn"), verbs=(verb,)), verb, NoArgs())


def planned(facts: Facts = Facts(), demand: Demand = DEMAND, change: Change[NoArgs, Facts] = CHANGE) -> Plan:
    return replace(plan(command(change), CLUSTER, "turn", facts, demand), hosts={PVE01: HOST})


def test_a_plan_says_all_that_people_must_see() -> None:
    made = planned()
    assert (made.cluster, made.line, made.action, made.verb) == ("pve-prod", "turn", "turn", "turn")
    assert made.risk is Risk.DESTRUCTIVE  # what no table lists
    assert made.rests_on == {"cluster": "pve-prod", "number": 1}
    assert made.before is not None
    assert made.after is None


def test_what_blocks_comes_first() -> None:
    assert [found.blocks for found in findings(command(), Facts(blocking=True))] == [True, False]


@pytest.mark.parametrize(
    ("own", "typed", "confirm"),
    [("", False, ""), ("", True, "pve-prod"), ("pve01", True, "pve01"), ("pve01", False, "pve01")],
)
def test_the_word_to_type_is_that_of_the_action_or_where_the_policy_wants_one_the_clusters(
    own: str, confirm: str, *, typed: bool
) -> None:
    change = replace(CHANGE, confirm=lambda _args, _facts: own)
    assert planned(demand=replace(DEMAND, typed=typed), change=change).confirm == confirm


def test_a_verb_that_changes_nothing_has_no_plan() -> None:
    with pytest.raises(TypeError, match="changes nothing"):
        changes(command(None))


def test_a_plan_that_was_stored_stands_while_nothing_changes() -> None:
    """Its words are filled in, those of a new one are not yet: that is no difference."""
    assert overtaken(read(planned().text), planned()) is None
    assert overtaken(planned(), planned()) is None


STEP = planned().steps[0]


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (planned(Facts(blocking=True)), "on fire"),
        (planned(Facts(number=2)), "number"),
        (replace(planned(), rests_on={"cluster": "pve-prod"}), "number"),
        (replace(planned(), rests_on={**planned().rests_on, "more": None, "most": 1}), "most"),
        (replace(planned(), hosts={PVE01: replace(HOST, fingerprint="SHA256:two")}), "pve01"),
        (replace(planned(), hosts={PVE01: replace(HOST, login="bot@192.0.2.1:22")}), "pve01"),
        (replace(planned(), hosts={PVE01: HOST, PVE02: HOST}), "pve02"),
        (replace(planned(), steps=()), "commands"),
        (replace(planned(), steps=(STEP, STEP)), "commands"),
        (replace(planned(), steps=(replace(STEP, argv=("turn", "that")),)), "commands"),
        (replace(planned(), steps=(replace(STEP, guard="false\n"),)), "commands"),
        (replace(planned(), steps=(replace(STEP, timeout_s=1),)), "commands"),
        (replace(planned(), steps=(replace(STEP, secret="peer"),)), "commands"),
        (replace(planned(), steps=(replace(STEP, on=PVE02),)), "commands"),
    ],
)
def test_whatever_it_rests_on_or_sends_overtakes_it_when_it_changes_and_the_reason_names_it(
    now: Plan, why: str
) -> None:
    reason = overtaken(read(planned().text), now)
    assert reason is not None
    assert why in reason.to("en")
    assert reason.to("en") != reason.to("fr")


def test_a_fact_that_was_nothing_and_is_gone_is_a_change() -> None:
    before = replace(planned(), rests_on={"cluster": "pve-prod", "qdevice": None})
    assert overtaken(before, replace(planned(), rests_on={"cluster": "pve-prod"})) is not None


def test_a_refusal_shows_every_finding_and_says_that_nobody_was_asked() -> None:
    found = findings(command(), Facts(blocking=True))
    report = blocked(command(), found)
    assert report.findings == found
    assert report.data == {"refused": ["on fire"]}
    assert "nobody was asked" in report.headline.to("en")


@dataclass(frozen=True)
class OneArg:
    node: str
    why: str | None = None


def test_a_refusal_names_what_was_typed() -> None:
    typed = command()
    verb = replace(typed.verb, args=OneArg)
    named = replace(typed, verb=verb, args=OneArg("pve03"))
    assert blocked(named, ()).headline.to("en") == "turn pve03 is refused; nobody was asked"


def test_a_dry_run_shows_the_commands_and_what_it_would_take() -> None:
    report = dry_run(planned(), same("two of ops"))
    assert report.data == {"steps": [{"on": "pve01", "argv": ["turn", "it"]}]}
    assert "two of ops" in [cell.to("en") for _, cell in report.pairs if isinstance(cell, Text)]


def test_what_was_taken_for_something_else_is_said() -> None:
    asked = replace(command(), taken_as=(("--ring0_addr", "--link0"),))
    assert [found.text.to("en") for found in findings(asked, Facts())][-1].startswith(
        "--ring0_addr was taken as --link0"
    )
