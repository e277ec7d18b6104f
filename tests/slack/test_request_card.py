"""A card is complete, whatever the plan and the state: nothing cut, nothing that values could turn into markup."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.action import Finding, Level, Step, Votes
from bot.demand import ANYONE, Demand, Slot
from bot.demo.slack.kit.lint import mistakes
from bot.docket import InLine
from bot.names import NodeName
from bot.people import Account
from bot.plan import Host, Plan, hash_of
from bot.request import Progress, Request, State, StepRun, Verdict, Vote
from bot.slack.forms import KINDS, form, is_whole
from bot.slack.parts import UNFIT, clean
from bot.slack.request_card import Drawn, draw
from bot.slack.request_rows import moment
from bot.text import Language, same
from bot.words import MARKS, NAMES
from tests.asking import NOON_US, PVE01, plan, request

LANGUAGES: tuple[Language, ...] = ("en", "fr")
MANY = settings(max_examples=150, deadline=None)
MARKUP = [
    "<!channel>",
    "<@U0ALICE>",
    "<http://x|y>",
    "*b*",
    "_i_",
    "~s~",
    "`c`",
    "&amp;",
    "```",
    "$HOME",
    "\u202e",
    "x",
]
WORDS = st.text(max_size=60) | st.sampled_from(MARKUP)
LONG_WORDS = WORDS | st.text(min_size=1, max_size=5).map(lambda word: word * 900)
NAMES_ = st.sampled_from([NodeName("pve01"), NodeName("pve02")])
TEXTS = WORDS.map(lambda words: same(words or "x"))
STEPS = st.builds(
    Step,
    on=NAMES_,
    title=TEXTS,
    argv=st.lists(LONG_WORDS, min_size=1, max_size=5).map(tuple),
    guard=LONG_WORDS,
    timeout_s=st.integers(1, 600),
    secret=st.sampled_from(["", "env:ROOT_PASSWORD"]),
)
FINDINGS = st.builds(Finding, level=st.sampled_from(Level), text=TEXTS, fix=st.none() | TEXTS)
VOTES = st.builds(
    Votes,
    present=st.integers(0, 99),
    expected=st.integers(0, 99),
    needed=st.integers(0, 99),
    quorate=st.booleans(),
    survives=st.integers(0, 9),
)
PLANS = st.builds(
    replace,
    st.just(plan()),
    words=TEXTS,
    line=WORDS,
    steps=st.lists(STEPS, min_size=1, max_size=25).map(tuple),
    undo=TEXTS,
    hosts=st.just({NodeName(n): Host(f"root@{n}:22", f"SHA256:of-{n}") for n in ("pve01", "pve02")}),
    findings=st.lists(FINDINGS, max_size=8).map(tuple),
    before=VOTES,
    after=VOTES,
    confirm=st.sampled_from(["", "pve01"]),
    statement=st.none() | TEXTS,
)
CAST = st.builds(
    Vote,
    verdict=st.sampled_from(Verdict),
    account=st.just(Account("T1", "UBOB")),
    person=st.uuids().map(str),
    name=WORDS,
    plan_hash=st.just("0" * 64),
    at_us=st.just(NOON_US),
    via=st.just("button"),
    statement=WORDS,
)


@st.composite
def requests(draws: st.DrawFn) -> Request:
    made: Plan = draws(PLANS)
    ran = [
        StepRun(number, draws(st.sampled_from(Progress)), said=draws(LONG_WORDS)) for number in range(len(made.steps))
    ]
    return request(
        made=made,
        state=draws(st.sampled_from(State)),
        demand=Demand((Slot(ANYONE), Slot("ops", 2)), hours=("Mon-Fri 08:00-18:00 UTC",)),
        reason=draws(WORDS),
        ticket=draws(WORDS),
        name=draws(WORDS),
        votes=tuple(draws(st.lists(CAST, max_size=4))),
        steps=tuple(ran),
        why=draws(st.none() | TEXTS),
        execute_by_us=NOON_US + 900_000_000,
        by_glass=draws(st.booleans()),
    )


def said(value: Any) -> str:
    """All words of some blocks."""
    if isinstance(value, dict):
        own = value.get("text") if isinstance(value.get("text"), str) else ""
        return (own or "") + "".join(said(one) for key, one in value.items() if key != "text" or not own)
    return "".join(said(one) for one in value) if isinstance(value, list) else ""


def bare(words: str) -> str:
    """Without what laying it out may change: white space, and what cannot be shown at all."""
    return re.sub(r"[\s`]", "", clean(words))


def everything(drawn: Drawn) -> str:
    return bare(said(drawn.blocks) + drawn.plan_file)


@MANY
@given(asked=requests(), language=st.sampled_from(LANGUAGES), glass=st.booleans())
def test_a_card_is_complete_in_any_state_and_either_language(
    asked: Request, language: Language, *, glass: bool
) -> None:
    drawn = draw(asked, NOON_US, language, has_glass=glass)
    shown = everything(drawn)
    for words in _must_be_there(asked, language):
        assert bare(words) in shown


def _must_be_there(asked: Request, language: Language) -> list[str]:
    made = asked.plan
    wanted = [asked.id, asked.plan_hash, asked.name, str(asked.requester), asked.cluster, asked.reason, asked.ticket]
    wanted += [made.words.to(language), made.undo.to(language), made.line]
    for step in made.steps:
        host = made.hosts[step.on]
        wanted += [
            shlex.join(step.argv),
            step.guard,
            step.title.to(language),
            step.secret,
            host.fingerprint,
            host.login,
        ]
        wanted += [f"{step.timeout_s} s"]
    for found in made.findings:
        wanted += [found.text.to(language), found.fix.to(language) if found.fix else ""]
    for votes in (made.before, made.after):
        assert votes is not None
        wanted += [str(votes.present), str(votes.expected), str(votes.needed), str(votes.survives)]
    wanted += [word for vote in asked.votes for word in (vote.name, vote.statement)]
    wanted += [asked.why.to(language)] if asked.why else []
    wanted += [moment(asked.approve_by_us)] if asked.state is State.PENDING else []
    wanted += [moment(asked.execute_by_us or 0)] if asked.state is State.APPROVED else []
    return [*wanted, MARKS[asked.state], NAMES[asked.state].to(language)]


@MANY
@given(asked=requests(), language=st.sampled_from(LANGUAGES), glass=st.booleans())
def test_slack_takes_every_card(asked: Request, language: Language, *, glass: bool) -> None:
    drawn = draw(asked, NOON_US, language, has_glass=glass)
    assert mistakes(drawn.blocks, "message") == []
    assert len(drawn.blocks) <= 50
    assert len(drawn.text) <= 4_000
    buttons = [one for block in drawn.blocks if block["type"] == "actions" for one in block["elements"]]  # type: ignore[union-attr]
    assert all(len(str(one["value"])) <= 2_000 for one in buttons)  # type: ignore[index,call-overload]


@MANY
@given(requests(), st.sampled_from(LANGUAGES), st.sampled_from(KINDS))
def test_slack_takes_every_form_of_a_plan_that_can_be_shown_and_it_is_whole(
    asked: Request, language: Language, kind: str
) -> None:
    if not is_whole(asked):
        return
    view: Any = form(kind, asked, "C1", language)
    assert mistakes(view["blocks"], "modal") == []
    assert len(str(view).encode()) < 500_000
    assert len(view["private_metadata"]) <= 3_000
    if kind != "explain":
        assert all(bare(shlex.join(step.argv)) in bare(said(view["blocks"])) for step in asked.plan.steps)


@MANY
@given(requests(), st.sampled_from(LANGUAGES))
def test_nothing_of_the_values_is_markup(asked: Request, language: Language) -> None:
    drawn = draw(asked, NOON_US, language)
    assert "mrkdwn" not in str(drawn.blocks)
    assert re.search(r"<[@!#h]", drawn.text) is None
    assert not UNFIT.search(said(drawn.blocks))


def buttons(asked: Request, language: Language = "en", *, glass: bool = False) -> list[str]:
    blocks: Any = draw(asked, NOON_US, language, has_glass=glass).blocks
    return [one["action_id"] for block in blocks if block["type"] == "actions" for one in block["elements"]]


BUTTONS = {
    State.PENDING: ["approve", "deny", "cancel", "form/plan"],
    State.APPROVED: ["stop", "cancel"],
    State.RUNNING: ["stop"],
    State.INDETERMINATE: ["did", "did_not"],
    State.DENIED: ["form/explain"],
    State.EXPIRED: ["again"],
    State.SUPERSEDED: ["again"],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", State)
def test_each_state_has_its_own_word_mark_and_buttons(state: State, language: Language) -> None:
    drawn = draw(request(state=state), NOON_US, language)
    assert f"{MARKS[state]} " in drawn.text
    assert NAMES[state].to(language) in drawn.text
    assert buttons(request(state=state), language) == BUTTONS.get(state, [])


def test_no_two_states_look_alike() -> None:
    assert len({(MARKS[state], NAMES[state].to(language)) for state in State for language in LANGUAGES}) == 2 * len(
        State
    )


def test_glass_is_broken_and_reviewed_only_where_it_may_be() -> None:
    assert buttons(request(), glass=True)[-1] == "form/break_glass"
    broken = request(state=State.SUCCEEDED, by_glass=True)
    assert buttons(broken) == ["review"]
    assert buttons(replace(broken, reviewed_by="bob")) == []
    assert buttons(request(state=State.RUNNING, by_glass=True)) == ["stop"]


def test_a_plan_that_no_form_can_show_has_no_button_that_approves_it_and_says_so() -> None:
    asked = request(made=plan(steps=3_000))
    assert not is_whole(asked)
    assert buttons(asked, glass=True) == ["deny", "cancel"]
    for language, words in (("en", "nobody can approve it"), ("fr", "personne ne peut l'approuver")):
        drawn = draw(asked, NOON_US, language)  # type: ignore[arg-type]
        assert words in said(drawn.blocks)
        assert drawn.plan_file


def test_who_has_voted_and_who_is_still_needed_are_named() -> None:
    vote = Vote(
        Verdict.APPROVE, Account("T1", "UBOB"), "bob", "bob", "0" * 64, NOON_US, "button", groups=frozenset({"ops"})
    )
    drawn = draw(request(demand=Demand((Slot("ops", 2), Slot("net"))), votes=(vote,)), NOON_US, "en")
    assert "Needs: 2 of: ops and net" in drawn.text
    assert f"Approved by: bob · {moment(NOON_US)}" in drawn.text
    assert "Still needed: ops and net" in drawn.text


def test_of_a_long_output_the_end_is_shown_and_how_much_was_before_it() -> None:
    step = StepRun(0, Progress.STARTED, said="a" * 10_000 + "the end")
    drawn = draw(request(state=State.RUNNING, steps=(step,)), NOON_US, "en")
    assert "the end" in said(drawn.blocks)
    assert "… 8007 characters before this:" in said(drawn.blocks)


def test_a_card_of_one_request_is_the_same_whenever_it_is_drawn() -> None:
    asked = request(made=plan(steps=2))
    assert hash_of(str(draw(asked, NOON_US, "en"))) == hash_of(str(draw(asked, NOON_US, "en")))
    assert asked.plan.steps[0].on == PVE01


@pytest.mark.parametrize("progress", [Progress.UNKNOWN, Progress.STARTED])
def test_of_unknown_outcome_the_place_to_look_is_named_and_that_the_cluster_is_locked(progress: Progress) -> None:
    lost = request(
        state=State.INDETERMINATE, steps=(StepRun(0, Progress.DONE), StepRun(1, progress)), made=plan(steps=2)
    )
    text = draw(lost, NOON_US, "en").text
    assert "Look at: on pve01: `systemctl status pve-cluster-bot-abc-1-1`" in text
    assert "/var/lib/pve-cluster-bot the files abc-1-1.result" in text
    assert "docs/run-once.md" in text
    assert "takes no other change until people have said here" in text
    assert "abc-1-0" not in text


def test_what_waits_names_what_it_waits_for() -> None:
    asked = request(state=State.APPROVED, execute_by_us=NOON_US)
    running, lost = (
        InLine("r7", "pve-prod", state, NOON_US, NOON_US) for state in (State.RUNNING, State.INDETERMINATE)
    )
    assert "Waits for: request r7, running" in draw(asked, NOON_US, "en", ahead=running).text
    assert "people must settle it first (/pve-cluster requests r7)" in draw(asked, NOON_US, "en", ahead=lost).text
    assert "Waits for" not in draw(asked, NOON_US, "en").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_long_plan_findings_quorum_and_undo_stay_on_the_card_and_only_commands_leave(language: Language) -> None:
    long = request(made=plan(steps=40))
    drawn = draw(long, NOON_US, language)
    shown = said(drawn.blocks)
    assert drawn.plan_file
    assert "four are away" in shown
    assert {"en": "Votes present", "fr": "Voix présentes"}[language] in shown
    assert long.plan.undo.to(language) in shown
    assert "40. step 39" in shown
    assert "pvecm expected" not in shown


def test_findings_and_quorum_stand_before_commands_and_guards() -> None:
    text = draw(request(), NOON_US, "en").text
    assert (
        text.index("four are away") < text.index("Votes present") < text.index("To undo") < text.index("pvecm expected")
    )


def test_what_is_needed_is_said_once_while_nobody_has_voted() -> None:
    text = draw(request(demand=Demand((Slot("ops", 2),))), NOON_US, "en").text
    assert text.count("2 of: ops") == 1


def test_the_last_minute_is_no_minute_of_nothing() -> None:
    late = NOON_US + 59 * 60_000_000 + 1_000_000
    assert "less than 1 min left" in draw(request(), late, "en").text
    assert "1 min left" in draw(request(), NOON_US + 59 * 60_000_000, "en").text


def test_breaking_glass_is_not_breaking_the_ice_in_french() -> None:
    assert "Bris de glace…" in str(draw(request(), NOON_US, "fr", has_glass=True).blocks)
