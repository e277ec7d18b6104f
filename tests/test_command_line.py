"""Lines as people type them: what was meant, and what is refused before anything is contacted."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.action import Action, Level, NoArgs, NoFacts, Report, Verb
from bot.actions import load_actions
from bot.command_line import Command, parse
from bot.help import with_help
from bot.known_words import ALIASES, NOT_YET
from bot.names import ClusterName, NodeName
from bot.text import Refused, Text, same
from bot.typed import cut, words
from bot.usage import usage


@dataclass(frozen=True)
class LogArgs:
    node: NodeName | None = None
    lines: int = field(default=50, kw_only=True)
    all: bool = field(default=False, kw_only=True)


def verb(name: str, args: type[Any] = NoArgs) -> Verb[Any, Any]:
    report = Report(Level.GOOD, same("ok"))
    return Verb(name=name, summary=same("s"), args=args, facts=NoFacts, report=lambda _a, _f, _g: report)


def action(name: str, *verbs: Verb[Any, Any]) -> Action:
    return Action(name=name, summary=same("s"), verbs=verbs)


ACTIONS: Mapping[str, Action] = with_help(
    {
        **load_actions(),
        "links": action("links", verb("status")),
        "certs": action("certs", verb("status")),
        "corosync": action("corosync", verb("show"), verb("lint"), verb("log", LogArgs)),
    }
)


def meant(line: str) -> tuple[str, str]:
    command = parse(line, ACTIONS)
    return command.action.name, command.verb.name


def refusal(line: str) -> str:
    with pytest.raises(Refused) as caught:
        parse(line, ACTIONS)
    assert caught.value.text.to("fr")
    return caught.value.text.to("en")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("status", ("status", "status")),
        ("/pve-cluster status", ("status", "status")),
        ("  Status  ", ("status", "status")),
        ("status —cluster pve-prod", ("status", "status")),
        ("status\u00a0–cluster\u202fpve-prod", ("status", "status")),
        ("“status”", ("status", "status")),
        ("sta\u200btus", ("status", "status")),
        ("links", ("links", "status")),
        ("corosync log pve01 —lines 5", ("corosync", "log")),
        ("corosync", ("corosync", "show")),
        ("qdevice", ("qdevice", "status")),
    ],
)
def test_what_phones_change_is_read_as_meant(line: str, expected: tuple[str, str]) -> None:
    assert meant(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pvecm status", ("status", "status")),
        ("pvecm nodes", ("nodes", "nodes")),
        ("pvecm expected", ("expected", "expected")),
        ("cat /etc/pve/corosync.conf", ("corosync", "show")),
        ("corosync-cfgtool -s", ("links", "status")),
        ("corosync-quorumtool -s", ("status", "status")),
        ("corosync-quorumtool -siH", ("status", "status")),
        ("expected", ("expected", "expected")),
        ("corosync-quorumtool -e", ("expected", "expected")),
    ],
)
def test_quick_commands_that_read_are_reachable(line: str, expected: tuple[str, str]) -> None:
    assert meant(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("expected 3", ("expected", "set")),
        ("pvecm expected 3", ("expected", "set")),
        ("corosync-quorumtool -e 1", ("expected", "set")),
        ("reset pve04 —dry-run", ("reset", "reset")),
        ("pvecm create prod --node pve01", ("create", "create")),
        ("create pve-prod –link0 10.0.1.11 —node pve01", ("create", "create")),
        ("pvecm delnode pve04", ("remove", "remove")),
        ("delnode pve04 —cleanup", ("remove", "remove")),
    ],
)
def test_what_changes_a_cluster_is_read_as_meant_too(line: str, expected: tuple[str, str]) -> None:
    assert meant(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "pvecm qdevice setup 10.0.1.100",
        "pvecm updatecerts",
        "—wizard",
        "corosync-cfgtool -R",
        "systemctl restart corosync",
        "certs update",
    ],
)
def test_what_changes_a_cluster_is_refused_plainly(line: str) -> None:
    assert "not in this version" in refusal(line)


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        ("", None),
        ("   ", None),
        ("help", None),
        ("help nodes", "nodes"),
        ("nodes --help", "nodes"),
        ("--help", None),
        ("qdevice setup —help", "qdevice"),
        ("help quorum", "quorum"),
        ("links -h", "links"),
        ("pvecm status --help", "status"),
    ],
)
def test_help_is_everywhere(line: str, topic: str | None) -> None:
    command = parse(line, ACTIONS)
    assert (command.action.name, command.args.topic) == ("help", topic)


def test_slack_links_are_read_as_their_label() -> None:
    assert words("join <http://pve.example.com|pve.example.com>") == ["join", "pve.example.com"]
    assert words("x <mailto:mail@example.com|mail@example.com>") == ["x", "mail@example.com"]
    assert words("x <@U012AB3CD|alice>") == ["x", "@alice"]


def test_options_and_words_become_typed_values() -> None:
    assert parse("corosync log pve01 --lines=7 --all", ACTIONS).args == LogArgs(NodeName("pve01"), lines=7, all=True)
    assert parse("nodes pve01 --cluster prod", ACTIONS).cluster == ClusterName("prod")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("statsu", "Did you mean “status”?"),
        ("corosync lgo", "Did you mean “log”?"),
        ("corosync log --linse 3", "Did you mean “--lines”?"),
        ("nodes bad_name", "not a node name"),
        ("nodes pve01 pve02", "“pve02” is one word too many. Usage: /pve-cluster nodes [NODE]"),
        ("corosync log --lines", "--lines needs a value"),
        ("corosync log --lines x", "“x” is not a valid LINES"),
        ("corosync log --all=yes", "takes no value"),
        ("corosync log --lines 1 --lines 2", "given twice"),
        ("status --cluster", "--cluster needs a value"),
        ("status --cluster a --cluster b", "given twice"),
        ("status --cluster a_b", "not a cluster name"),
        ("qdevice stauts", "Did you mean “status”?"),
        ("certs foo", "“foo” is not something this action does. I know: status. Help: /pve-cluster certs --help"),
        ("status foo", "“foo” is one word too many"),
        ("status --foo", "“--foo” here. There is none but --cluster. Usage: /pve-cluster status"),
        ("corosync-cfgtool -R", "shows nothing: it reloads corosync.conf on the whole cluster at once"),
        ("status 'oops", "quote is not closed"),
        ("status “oops", "quote is not closed"),
        ("status; rm -rf /", "“;” has no place here"),
        ("nodes $(reboot)", "“$” has no place here"),
        ("nodes pve01 && reboot", "“&” has no place here"),
        ("status 🔥", "U+1F525"),
        ("status \u202egnp", "right-to-left"),
        ("nodes שלום", "right-to-left"),
        ("nodes pve\x0001", "control character (U+0000)"),
        ("nodes pvé01", "U+00E9"),
        ("x" * 100_000, "100000 characters long"),
    ],
)
def test_a_bad_line_is_refused_with_its_fix(line: str, said: str) -> None:
    text = refusal(line)
    assert said in text
    assert "  " not in text
    assert len(text) < 400


@pytest.mark.parametrize("length", [2001, 100_000])
def test_a_line_that_was_cut_to_be_kept_is_refused_with_its_true_length(length: int) -> None:
    kept = cut("x" * length)
    assert len(kept) < 2050
    assert f"That is {length} characters long" in refusal(kept)
    assert cut("x" * 2000) == "x" * 2000


def test_what_an_action_cannot_do_is_said_in_good_french() -> None:
    with pytest.raises(Refused) as caught:
        parse("corosync lgo", ACTIONS)
    assert caught.value.text.to("fr").startswith("Cette action ne sait pas faire « lgo ». Vouliez-vous dire « log » ?")


@pytest.mark.parametrize("name", sorted(ACTIONS))
@pytest.mark.parametrize(
    "attack", ["; rm -rf /", "`reboot`", "$(reboot)", "| sh", "> /etc/passwd", "--cluster ;", "'; rm -rf /'"]
)
def test_shell_syntax_is_refused_in_every_argument(name: str, attack: str) -> None:
    assert "has no place here" in refusal(f"{name} {attack}")


def test_nothing_is_both_possible_and_not_in_this_version() -> None:
    for known in NOT_YET:
        possible = ACTIONS.get(known[0])
        assert possible is None or len(known) == 2
        assert possible is None or known[1] not in {v.name for v in possible.verbs}


def test_every_alias_leads_somewhere() -> None:
    for target in ALIASES.values():
        names = {v.name for v in ACTIONS[target[0]].verbs} if target[0] in ACTIONS else set()
        assert (target[0] in ACTIONS and (len(target) == 1 or target[1] in names)) or target in NOT_YET


WORDS = st.sampled_from(
    [*ACTIONS, "--help", "--cluster", "prod", "pve01", "show", "log", "—lines", "7", "'", "expected", "3"]
)


@given(st.text() | st.lists(WORDS | st.text(max_size=5)).map(" ".join))
@example("\ud800")
@example("nodes ²")
@example("expected ²")
def test_any_text_is_a_command_or_a_refusal(line: str) -> None:
    answer = _answer(line)
    assert _is_checked(answer) if isinstance(answer, Command) else answer.to("en") and answer.to("fr")


def _answer(line: str) -> Command | Text:
    try:
        return parse(line, ACTIONS)
    except Refused as refused:
        return refused.text


def _is_checked(command: Command) -> bool:
    values = [*vars(command.args).values(), command.cluster]
    return all(value is None or isinstance(value, bool | int) or value.replace("-", "").isalnum() for value in values)


@dataclass(frozen=True)
class LinkArgs:
    link0: str = field(default="", kw_only=True)
    link1: str = field(default="", kw_only=True)


@pytest.mark.parametrize("typed", ["--ring1_addr 10.0.2.1", "--ring1-addr=10.0.2.1", "—Ring1_addr 10.0.2.1"])
def test_the_old_name_of_a_link_is_taken_as_the_new_one_and_known_to_be(typed: str) -> None:
    command = parse(f"tie {typed}", {"tie": action("tie", verb("tie", LinkArgs))})
    assert command.args == LinkArgs(link1="10.0.2.1")
    assert [meant for _, meant in command.taken_as] == ["--link1"]


def test_a_link_is_not_given_under_both_of_its_names() -> None:
    with pytest.raises(Refused, match="twice"):
        parse("tie --link1 a --ring1_addr b", {"tie": action("tie", verb("tie", LinkArgs))})


@dataclass(frozen=True)
class RestArgs:
    first: NodeName
    others: tuple[NodeName, ...]
    late: bool = field(default=False, kw_only=True)


class Pair(str):
    SHOWN = "KEY=VALUE"


REST = {"tie": action("tie", verb("tie", RestArgs))}


def test_the_last_place_may_take_all_words_that_are_left() -> None:
    assert parse("tie pve01 pve02 pve03", REST).args == RestArgs(
        NodeName("pve01"), (NodeName("pve02"), NodeName("pve03"))
    )
    assert usage(REST["tie"], REST["tie"].verbs[0]) == "tie FIRST OTHERS… [--late]"


@dataclass(frozen=True)
class PairArgs:
    settings: tuple[Pair, ...]


def test_a_kind_of_word_may_say_how_it_is_shown() -> None:
    known = {"tie": action("tie", verb("tie", PairArgs))}
    assert usage(known["tie"], known["tie"].verbs[0]) == "tie KEY=VALUE…"
    with pytest.raises(Refused, match="KEY=VALUE is missing"):
        parse("tie", known)


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


@given(st.lists(NAMES, min_size=2), st.data())
def test_all_words_that_are_left_arrive_in_their_order_wherever_an_option_stands(
    names: list[str], data: st.DataObject
) -> None:
    typed = list(names)
    typed.insert(data.draw(st.integers(0, len(names))), "--late")
    first, *others = map(NodeName, names)
    assert parse(f"tie {' '.join(typed)}", REST).args == RestArgs(first, tuple(others), late=True)


@given(st.lists(WORDS | st.text(max_size=5), max_size=8).map(" ".join))
def test_any_words_that_are_left_are_what_they_must_be_or_refused(line: str) -> None:
    with suppress(Refused):
        args = parse(f"tie {line}", REST).args
        assert not isinstance(args, RestArgs) or all(NodeName(name) == name for name in (args.first, *args.others))


@pytest.mark.parametrize(
    ("line", "why"), [("tie pve01", "OTHERS is missing"), ("tie pve01 pve02 p_3", "not a node name")]
)
def test_each_of_the_words_that_are_left_must_be_one_and_there_must_be_one(line: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        parse(line, REST)
