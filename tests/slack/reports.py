"""Reports of any content and size, and the messages that they become."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from bot.action import Code, Finding, Level, Report, Table
from bot.message import Asked, Letter
from bot.names import ClusterName
from bot.people import Account, Standing, Who
from bot.slack.blocks import letters
from bot.text import Language, same
from bot.workflow import Answer
from tests.conftest import NOON_US

ALICE = Account("T1", "U1")
NASTY = (
    "<!channel>",
    "<@U1>",
    "@here",
    "*b* _i_ `c`",
    "```",
    ":x:",
    "&amp;",
    "\x00\x1b[2J",
    "\u202etxt",
    "é🙂",
    "",
    " ",
    "{0}",
)
WORDS = st.sampled_from(NASTY) | st.text(max_size=30)
LONG = st.sampled_from(["a", "&", "line & <more>\n", "é🙂 ", "``"]).flatmap(
    lambda unit: st.integers(1, 20_000 // len(unit)).map(lambda times: unit * times)
)
TEXTS = WORDS.map(same)
LEVELS = st.sampled_from(Level)


def some(what: st.SearchStrategy[Any], most: int = 60) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few different ones, or one very often: lengths matter more than variety."""
    return st.lists(what, max_size=2).map(tuple) | st.tuples(what, st.integers(0, most)).map(
        lambda one: one[:1] * one[1]
    )


def tables() -> st.SearchStrategy[Table]:
    def sized(width: int) -> st.SearchStrategy[Table]:
        row = st.tuples(WORDS, WORDS | st.just("x & y" * 12)).map(lambda cells: (cells * width)[:width])
        return st.builds(Table, st.just((same("Node"),) * width), some(row, 130), st.none() | TEXTS)

    return st.sampled_from([1, 2, 8, 20, 21]).flatmap(sized)


REPORTS = st.builds(
    Report,
    LEVELS,
    TEXTS | LONG.map(same),
    some(st.tuples(TEXTS, WORDS | LONG), 3),
    some(st.builds(Finding, LEVELS, TEXTS, st.none() | TEXTS)),
    some(tables(), 3),
    some(st.builds(Code, TEXTS, WORDS | LONG), 2),
    some(TEXTS),
)


def asked(line: str = "status", reply_url: str = "https://hooks.slack.com/commands/1") -> Asked:
    return Asked("command/1", line, ALICE, "slack", NOON_US, "C1", reply_url)


def who(language: Language = "en") -> Who:
    return Who(ALICE, "alice", "alice", Standing.MEMBER, language)


def brought(report: Report, language: Language = "en", line: str = "status") -> list[Letter]:
    return letters(Answer("status", report, cluster=ClusterName("home")), asked(line), who(language))


def blocks_of(letter: Letter) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(json.dumps(letter.payload["blocks"]))
    return found
