"""The help is written from the actions, so every one of them must say what it is in both languages."""

import pytest

from bot.action import Level, Report
from bot.command_line import parse
from bot.help import explained, with_help
from bot.help_topics import TOPICS
from bot.text import Refused, Text
from bot.usage import usage
from bot.wiring import all_actions

ACTIONS = with_help(all_actions())
VERBS = [(action, verb) for action in ACTIONS.values() for verb in action.verbs]


def shown(report: Report, language) -> str:
    cells = [cell for table in report.tables for row in table.rows for cell in row]
    texts = [
        report.headline,
        *report.next,
        *cells,
        *(code.lines for code in report.code),
        *(cell for _, cell in report.pairs),
    ]
    return "\n".join(text.to(language) if isinstance(text, Text) else text for text in texts)


@pytest.mark.parametrize(("action", "verb"), VERBS, ids=[f"{a.name}-{v.name}" for a, v in VERBS])
def test_every_verb_says_what_it_is_in_both_languages(action, verb) -> None:
    for text in (action.summary, action.help, verb.summary):
        assert text is not None
        assert text.to("en").strip()
        assert text.to("fr").strip()
        assert text.to("en") != text.to("fr")
    assert usage(action, verb).startswith(action.name)


@pytest.mark.parametrize("name", ACTIONS)
def test_help_of_an_action_shows_how_every_verb_is_typed(name: str) -> None:
    text = shown(explained(ACTIONS, name), "en")
    for verb in ACTIONS[name].verbs:
        assert f"/pve-cluster {usage(ACTIONS[name], verb)}" in text


@pytest.mark.parametrize(("action", "verb"), VERBS, ids=[f"{a.name}-{v.name}" for a, v in VERBS])
def test_the_overview_shows_every_verb(action, verb) -> None:
    typed = [row[0] for row in explained(ACTIONS, None).tables[0].rows]
    assert f"/pve-cluster {usage(action, verb)}" in typed


def test_the_overview_names_every_action_and_topic() -> None:
    report = explained(ACTIONS, None)
    assert report.level is Level.NOTE
    for name in (*ACTIONS, *TOPICS):
        assert f"/pve-cluster {name}" in shown(report, "en") or f"help {name}" in shown(report, "en")
    assert "wizard" in shown(report, "fr")


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_fits_a_phone_in_both_languages(topic: str) -> None:
    report = explained(ACTIONS, topic)
    for language in ("en", "fr"):
        lines = report.code[0].lines
        assert isinstance(lines, Text)
        assert max(map(len, lines.to(language).splitlines())) <= 78


def test_the_seeds_mistakes_are_not_repeated() -> None:
    text = "\n".join(shown(explained(ACTIONS, topic), "en") for topic in TOPICS)
    assert "32 nodes" not in text
    assert "below 5 ms" in text
    assert "dedicated corosync" in text.split("Link 1")[0]


def test_an_unknown_topic_names_the_nearest() -> None:
    with pytest.raises(Refused, match="quorum"):
        explained(ACTIONS, "quorom")
    with pytest.raises(Refused, match="not in this version"):
        explained(ACTIONS, "wizard")


def test_help_needs_no_node() -> None:
    command = parse("help pvecm status", ACTIONS)
    report = command.verb.report(command.args, command.verb.facts(), command.verb.facts())
    assert report.data["action"] == "status"


def test_numbered_options_are_named_by_their_first_and_last() -> None:
    action = ACTIONS["create"]
    assert usage(action, action.verbs[0]) == (
        "create NAME --node NODE [--link0 LINK0] … [--link7 LINK7] [--votes VOTES] [--nodeid NODEID] "
        "[--reason REASON] [--ticket TICKET] [--dry-run]"
    )
