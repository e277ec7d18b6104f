"""A reason is what the person wrote, whichever keyboard or shell put the quotes around it."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.act import Act, Deed
from bot.decide import Glass, decide
from bot.demand import Demand
from bot.demand_words import require_words
from bot.own_words import SAID_MAX
from bot.text import Refused
from bot.typed import words
from tests.asking import BOB, NOON_US, request

SAYS_E = ["expected", "1", "--reason", "é"]


@pytest.mark.parametrize(
    "quoted",
    [
        '"é"',
        "'é'",
        "“é”",
        "”é”",
        "„é“",
        "„é”",
        '"é”',
        "«é»",
        "« é »",
        "«\u00a0é\u00a0»",
        "‘é’",
        "’é’",
        "'é’",
        "‹é›",
        "é",
    ],
)
@pytest.mark.parametrize("option", ["--reason ", "—reason ", "–reason  ", "-reason\u00a0", "--reason="])
def test_a_reason_is_quoted_in_any_way_that_people_quote(option: str, quoted: str) -> None:
    glued = option.endswith("=")
    wanted = ["expected", "1", "--reason=é"] if glued else SAYS_E
    assert words(f"expected 1 {option}{quoted}") == wanted
    assert words(f"expected 1 {option}{quoted} —ticket “OPS-8”") == [*wanted, "--ticket", "OPS-8"]


@pytest.mark.parametrize(
    ("quoted", "own"),
    [
        ("“l’hôte est mort”", "l’hôte est mort"),
        ("‘l’hôte est mort’", "l’hôte est mort"),
        ("'l'hôte est mort'", "l'hôte est mort"),
        ("“il dit « non » — vraiment”", "il dit « non » — vraiment"),
        ("« le “vieux” nœud »", "le “vieux” nœud"),
        (r'"il dit \"non\""', 'il dit "non"'),
        ("“load &gt; 5 &amp; rising; $(reboot)”", "load > 5 & rising; $(reboot)"),
    ],
)
def test_quotes_within_a_reason_are_part_of_it(quoted: str, own: str) -> None:
    assert words(f"expected 1 --reason {quoted} --dry-run") == ["expected", "1", "--reason", own, "--dry-run"]


@pytest.mark.parametrize("own", ["é", "l’hôte", "don't", 'say "no"', "“déjà”", "a 'b' \"c\" d", "a\\b", "--dry-run'é"])
@pytest.mark.parametrize("glue", [" ", "="])
def test_what_a_shell_had_split_already_is_split_alike_again(own: str, glue: str) -> None:
    argv = ["expected", "1", *(["--reason", own] if glue == " " else [f"--reason={own}"]), "--ticket", "OPS-8"]
    assert words(shlex.join(argv)) == argv


VISIBLE = st.characters(exclude_categories=["C", "Z"], exclude_characters="<>&\ufe0e\ufe0f")


@given(st.lists(st.text(VISIBLE, min_size=1), min_size=1).map(" ".join))
@example("‘’")
def test_any_reason_from_a_shell_arrives_as_it_was(own: str) -> None:
    assert words(shlex.join(["reset", "pve04", "--reason", own, "--dry-run"]))[2:] == ["--reason", own, "--dry-run"]


@pytest.mark.parametrize("line", ['--reason "é', "--reason “é --ticket “OPS-8”"])
def test_a_reason_that_is_not_closed_takes_no_option_with_it(line: str) -> None:
    with pytest.raises(Refused):
        words(f"expected 1 {line}")


@pytest.mark.parametrize("hidden", ["\u202e", "\x1b", "\u2066"])
def test_a_reason_hides_nothing(hidden: str) -> None:
    with pytest.raises(Refused, match="U\\+"):
        words(f"expected 1 --reason 'é{hidden}x'")


@pytest.mark.parametrize("line", ["--ticket 'é'", "--reason a;reboot", "--reason 'a';reboot", "é --reason 'a'"])
def test_only_what_is_said_in_ones_own_words_is_free(line: str) -> None:
    with pytest.raises(Refused, match=r"no place here|not used in any command"):
        words(f"expected 1 {line}")


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("entered", ["typed", "statement", "reason"])
def test_no_act_says_more_than_is_kept(deed: Deed, entered: str) -> None:
    of = request()
    act = Act(deed, of.id, "modal", of.plan_hash, **{entered: "x" * (SAID_MAX + 1)})
    with pytest.raises(Refused, match="That is 3001 characters long: 3000 at most are kept"):
        decide(of, act, BOB, NOON_US, Glass("ops"))


def test_as_much_as_is_kept_is_kept_whole() -> None:
    of = request()
    act = Act(Deed.APPROVE, of.id, "modal", of.plan_hash, statement="x" * SAID_MAX)
    vote = decide(of, act, BOB, NOON_US, Glass()).vote
    assert vote is not None
    assert vote.statement == "x" * SAID_MAX


def test_no_request_is_filed_with_a_longer_reason_than_is_kept() -> None:
    require_words(Demand(()), "x" * SAID_MAX, "")
    with pytest.raises(Refused, match="3000 at most are kept"):
        require_words(Demand(()), "x" * (SAID_MAX + 1), "")
