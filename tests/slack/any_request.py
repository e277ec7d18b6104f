"""Requests of any kind, with values that might turn into markup, and the bare words of what is drawn of them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from bot.action import Finding, Level, Step, Votes
from bot.demand import ANYONE, Demand, Slot
from bot.names import NodeName
from bot.people import Account
from bot.plan import Host, Plan
from bot.request import Progress, Request, State, StepRun, Verdict, Vote
from bot.slack.parts import clean
from bot.text import Language, same
from tests.asking import NOON_US, plan, request

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
