"""Whatever a report holds, Slack takes the messages that show it, and a screen reader gets all of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.action import Code, Finding, Level, Report, Table
from bot.demo.slack.kit.lint import mistakes
from bot.slack.blocks import MESSAGES_MAX, letters
from bot.slack.parts import escape, finding, packed
from bot.text import Language, Text, same
from bot.workflow import Answer
from tests.slack.reports import REPORTS, WORDS, asked, blocks_of, brought, who

often = settings(max_examples=200, deadline=None)  # a busy machine is no failure


def strings(value: object) -> list[str]:
    """Every text that Slack would draw."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [s for key, one in value.items() if key != "text" or not own for s in strings(one)]
    return [s for one in value for s in strings(one)] if isinstance(value, list) else []


@often
@given(REPORTS, st.sampled_from(["en", "fr"]), WORDS)
def test_slack_takes_every_message_that_any_report_becomes(report: Report, language: Language, line: str) -> None:
    sent = brought(report, language, line)
    assert 1 <= len(sent) <= MESSAGES_MAX
    for letter in sent:
        assert mistakes(blocks_of(letter), "message") == []
        assert 0 < len(str(letter.payload["text"])) <= 40_000
        json.dumps(letter.payload, ensure_ascii=False).encode()


@often
@given(REPORTS)
def test_the_top_level_text_has_every_word_of_the_blocks(report: Report) -> None:
    for letter in brought(report):
        text = str(letter.payload["text"])
        for drawn in strings(letter.payload["blocks"]):
            for words in drawn.replace("`", " ").split():
                assert escape(words) in text.replace("`", " ")


@often
@given(REPORTS)
def test_nothing_from_a_value_is_markup(report: Report) -> None:
    """No block reads markup, and what Slack reads in the top-level text is escaped."""
    for letter in brought(report):
        assert "mrkdwn" not in json.dumps(letter.payload["blocks"])
        assert '"markdown"' not in json.dumps(letter.payload["blocks"])
        assert not {"<", ">"} & set(str(letter.payload["text"]))


def rows(count: int) -> Report:
    table = Table((same("Node"),), tuple((f"pve{n:03}",) for n in range(count)), same("Nodes"))
    return Report(Level.GOOD, same("quorate"), tables=(table, table))


def test_a_message_has_one_native_table_and_the_other_as_lines() -> None:
    (letter,) = brought(rows(4))
    kinds = [block["type"] for block in blocks_of(letter)]
    assert kinds.count("table") == 1
    assert str(letter.payload["text"]).count("pve003") == 2


def test_a_table_too_long_for_slack_is_lines_and_whole() -> None:
    sent = brought(rows(150))
    assert all(block["type"] != "table" for letter in sent for block in blocks_of(letter))
    text = "\n".join(str(letter.payload["text"]) for letter in sent)
    assert [text.count(f"pve{n:03}") for n in range(150)] == [2] * 150


def test_what_slack_does_not_take_is_said_by_the_number_of_lines() -> None:
    lines = "\n".join(f"line {n}" for n in range(9_000))
    sent = brought(Report(Level.GOOD, same("long"), code=(Code(same("log"), lines),), next=(same("sleep"),)))
    text = "\n".join(str(letter.payload["text"]) for letter in sent)
    shown = sum(1 for line in text.splitlines() if line.startswith("line "))
    said = next(line for line in text.splitlines() if "left out" in line)
    assert shown + int(said.split()[1]) == 9_000
    assert "line 8999" in text
    assert "sleep" in text


@pytest.mark.parametrize(("language", "word"), [("en", "no quorum"), ("fr", "pas de quorum")])
def test_the_person_s_language_decides(language: Language, word: str) -> None:
    (letter,) = brought(Report(Level.BAD, Text(en="no quorum", fr="pas de quorum")), language)
    assert word in str(letter.payload["text"])
    assert word in json.dumps(letter.payload["blocks"], ensure_ascii=False)


@pytest.mark.parametrize(("language", "line"), [("en", "Votes: 4"), ("fr", "Voix : 4")])
def test_a_label_ends_as_its_language_ends_it(language: Language, line: str) -> None:
    report = Report(Level.GOOD, Text(en="ok", fr="bien"), pairs=((Text(en="Votes", fr="Voix"), "4"),))
    (letter,) = brought(report, language)
    assert line in str(letter.payload["text"])


def test_a_refusal_is_told_with_its_mark_and_what_was_typed() -> None:
    answer = Answer("x", refusal=same("No action is called <!channel>"))
    (letter,) = letters(answer, asked("<!channel>"), who())
    assert str(letter.payload["text"]).splitlines() == [
        "⛔ No action is called &lt;!channel&gt;",
        "/pve-cluster &lt;!channel&gt;",
    ]


def test_without_a_response_url_the_answer_goes_to_the_person_where_they_typed() -> None:
    answer = Answer("x", refusal=same("no"))
    (letter,) = letters(answer, asked(reply_url=""), who())
    assert (letter.way, letter.to) == ("ephemeral", "C1/U1")
    (letter,) = letters(answer, asked(reply_url="https://hooks.slack.com/x"), who())
    assert (letter.way, letter.to) == ("response", "https://hooks.slack.com/x C1/U1")


def test_a_value_longer_than_a_block_goes_on_in_the_next() -> None:
    value = " ".join(f"word{n}" for n in range(1_500))
    text = "".join(str(one.payload["text"]) for one in brought(Report(Level.NOTE, same("x"), ((same("log"), value),))))
    assert text.replace("\n", "").count("word") == 1_500


def test_a_table_drawn_as_lines_keeps_its_title() -> None:
    (letter, *_) = brought(rows(150))
    assert str(letter.payload["text"]).splitlines()[1] == "Nodes"


def test_an_empty_cell_is_seen_and_read_as_a_dash() -> None:
    table = Table((same("Node"), same("Link")), (("pve01", ""),))
    (letter,) = brought(Report(Level.GOOD, same("x"), tables=(table,)))
    assert "pve01  –" in str(letter.payload["text"])


def test_what_would_turn_the_reading_direction_round_is_made_visible() -> None:
    (letter,) = brought(Report(Level.BAD, same("remove \u202e10evp\u202c")))
    assert "remove �10evp�" in str(letter.payload["text"])


def test_a_headline_of_any_length_is_one_that_slack_takes() -> None:
    for length in (1, *range(140, 160), 2_890, 2_910):
        (letter,) = brought(Report(Level.WARNING, same("é" * length)))
        assert mistakes(blocks_of(letter), "message") == []
        assert str(letter.payload["text"]).count("é") == length


def test_sections_that_share_a_block_do_not_run_into_one_line() -> None:
    parts = [*finding(Finding(Level.NOTE, same("one")), "en"), *finding(Finding(Level.BAD, same("two")), "en")]
    (one,) = packed(parts)
    assert "".join(strings(one.block["elements"])) == "💬 one\n⛔ two"
