"""A card is complete, whatever the plan and the state: nothing cut, nothing that values could turn into markup."""

from __future__ import annotations

import re
import shlex
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.demo.slack.kit.lint import mistakes
from bot.request import Request, State
from bot.slack.forms import KINDS, form, is_whole
from bot.slack.parts import UNFIT
from bot.slack.request_card import Drawn, draw
from bot.slack.request_rows import moment
from bot.text import Language
from bot.words import MARKS, NAMES
from tests.asking import NOON_US
from tests.slack.any_request import LANGUAGES, MANY, bare, requests, said


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
