"""What bad input gets: one answer each, whole, and no node contacted. Forged and replayed requests: tests/web."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action import Action, AnyVerb, Call, Level, NoArgs, NoFacts, Output, Report, Unreachable, Verb
from bot.actions import load_actions
from bot.actions.join.typed import Peer
from bot.cluster.conf_edit import KeyValue
from bot.demo.cluster.simulated import SimulatedCluster
from bot.help import with_help
from bot.names import ClusterName, NodeName, Number
from bot.people import Account, Standing, Who
from bot.policy import Rule
from bot.text import same
from bot.usage import options, positionals
from bot.workflow import Answer, Cluster, Workflow

ACTIONS = with_help(load_actions())
VERBS = [(action, verb) for action in ACTIONS.values() for verb in action.verbs]
ALICE = Who(Account("T1", "U1"), "alice", "alice", Standing.MEMBER, "en", frozenset({"operators"}))
LONGEST = 400


@dataclass
class Simulated:
    """Answers as the demo's nodes do, and counts what it was asked."""

    cluster: SimulatedCluster = field(default_factory=SimulatedCluster)
    names: tuple[NodeName, ...] = (NodeName("pve01"), NodeName("pve02"))
    asked: int = 0

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        self.asked += len(calls)
        said = [(call, self.cluster.run(call.node, call.argv)) for call in calls]
        return [Output(call.node, one.exit, one.stdout, one.stderr) for call, one in said]


SIMULATED = SimulatedCluster()


def asked(line: str, who: Who = ALICE, rules: Sequence[Rule] = ()) -> tuple[Answer, int]:
    """The answer, and how many questions it took."""
    nodes = Simulated(SIMULATED)
    cluster = Cluster(ClusterName("pve-prod"), nodes)
    return Workflow({cluster.name: cluster}, ACTIONS, rules).answer(line, who), nodes.asked


def refusal(line: str, who: Who = ALICE, rules: Sequence[Rule] = ()) -> str:
    """The whole of it: short, in both languages, and nothing was asked for it."""
    answer, questions = asked(line, who, rules)
    assert answer.report is None
    assert answer.refusal is not None
    assert questions == 0
    english, french = answer.refusal.to("en"), answer.refusal.to("fr")
    assert english != french
    assert len(english) < LONGEST
    assert len(french) < LONGEST
    return english


def test_an_unknown_action_gets_the_nearest_one() -> None:
    assert refusal("stauts") == ("There is no action “stauts”. Did you mean “status”? All of them: /pve-cluster help")


def test_an_action_like_no_other_gets_them_all() -> None:
    assert refusal("zzzzqqq") == (
        f"There is no action “zzzzqqq”. I know: {', '.join(ACTIONS)}. All of them: /pve-cluster help"
    )


def test_an_unknown_verb_gets_the_nearest_one() -> None:
    assert refusal("corosync lgo") == (
        "“lgo” is not something this action does. Did you mean “log”? Help: /pve-cluster corosync --help"
    )


def test_an_unknown_option_gets_the_nearest_one_and_the_usage() -> None:
    assert refusal("corosync log --lnies 5") == (
        "There is no option “--lnies” here. Did you mean “--lines”? "
        "Usage: /pve-cluster corosync log [NODE] [--lines LINES] [--cluster NAME]"
    )


def test_an_option_where_there_is_none_says_so() -> None:
    assert refusal("status --colour") == (
        "There is no option “--colour” here. There is none but --cluster. Usage: /pve-cluster status [--cluster NAME]"
    )


def test_an_unknown_topic_of_the_help_gets_the_nearest_one() -> None:
    assert refusal("help quroum") == "The help has nothing on “quroum”. Did you mean “quorum”?"


def test_an_address_where_a_name_belongs_says_what_a_name_is() -> None:
    assert refusal("nodes 10.0.1.300") == (
        "“10.0.1.300” is not a node name: letters, digits and hyphens only, as in pve01"
    )


def test_an_address_for_what_this_version_does_not_do_says_so() -> None:
    assert refusal("evacuate 10.0.1.300") == ("“evacuate” is not in this version. To look: /pve-cluster nodes")


def test_a_name_that_no_node_has_gets_those_there_are() -> None:
    assert refusal("nodes pve09") == "This cluster has no node “pve09”: it has pve01, pve02"


def test_a_word_too_many_gets_the_usage() -> None:
    assert refusal("status pve01") == "“pve01” is one word too many. Usage: /pve-cluster status"


@pytest.mark.parametrize("number", ["many", "0", "501", "3.5", "9" * 1900, "0x10", "1e3"])
def test_a_number_that_is_none_gets_the_range(number: str) -> None:
    assert refusal(f"corosync log --lines {number}") == "--lines takes a number from 1 to 500"


def test_a_negative_number_is_no_value() -> None:
    assert refusal("corosync log --lines -5") == (
        "--lines needs a value after it. Usage: /pve-cluster corosync log [NODE] [--lines LINES]"
    )


def test_quotes_that_do_not_close_are_shown() -> None:
    assert refusal("status 'oops") == ("A quote is not closed in “status 'oops”: close it, or leave the quotes out")


@pytest.mark.parametrize("start", ["", "status ", "status '", "nodes ", "help "])
def test_100_kb_of_text_get_the_limit_and_are_not_repeated(start: str) -> None:
    line = start + "x" * (100_000 - len(start))
    assert refusal(line) == "That is 100000 characters long: a command has 2000 at most"


def test_emoji_are_named() -> None:
    assert refusal("status 😀") == ("“😀” (U+1F600) is not used in any command: use plain letters, digits and hyphens")


@pytest.mark.parametrize(("line", "code"), [("nodes שלום", "U+05E9"), ("status \u202egnp", "U+202E"), ("س", "U+0633")])
def test_right_to_left_characters_are_named_by_code(line: str, code: str) -> None:
    assert refusal(line) == (
        f"The line holds a right-to-left character ({code}), which can hide what is meant: "
        "type it again in plain letters"
    )


def places(action: Action, verb: AnyVerb) -> Iterator[str]:
    """The line up to where each word could stand that a person can type: verb, arguments, options, cluster."""
    line = action.name if verb.name == action.name else f"{action.name} {verb.name}"
    yield ""
    yield line
    yield f"{line} --cluster"
    for number in range(len(positionals(verb)) + 1):
        yield line + " pve01" * number
    for option in options(verb):
        yield f"{line} {option.option}"
        yield f"{line} {option.option} 5"


@pytest.mark.parametrize(("action", "verb"), VERBS, ids=lambda one: one.name)
@pytest.mark.parametrize("glue", [" ", "", " pve01", " '' ", " --", "="])
def test_rm_rf_in_every_place_of_every_verb_is_refused(action: Action, verb: AnyVerb, glue: str) -> None:
    for place in places(action, verb):
        assert refusal(f"{place}{glue}; rm -rf /") == (
            "“;” has no place here: no shell reads this line. Type one command, without it"
        )


def test_a_cluster_that_is_not_configured_gets_those_that_are() -> None:
    assert refusal("status --cluster nope") == "No cluster “nope” is configured: I know pve-prod"


def test_a_cluster_name_that_cannot_be_one_says_what_it_is() -> None:
    assert refusal("status --cluster a_b") == (
        "“a_b” is not a cluster name: letters, digits and hyphens, 15 characters at most"
    )


STRANGERS = {
    Standing.GUEST: "eve is a guest in this workspace: only full members may use this bot",
    Standing.BOT: "eve is a bot: only people may use this bot",
    Standing.DEACTIVATED: "The account of eve is deactivated",
    Standing.EXTERNAL: "eve belongs to another organisation: only our own members may use this bot",
}


EXAMPLES = {
    Number: "2",
    NodeName: "pve01",
    ClusterName: "pve-prod",
    Peer: "pve01",
    KeyValue: "totem.token=5000",
}


@pytest.mark.parametrize("standing", STRANGERS)
@pytest.mark.parametrize(("action", "verb"), VERBS, ids=lambda one: one.name)
def test_who_is_no_member_is_told_why_by_every_verb(standing: Standing, action: Action, verb: AnyVerb) -> None:
    words = [action.name, *([] if verb.name == action.name else [verb.name])]
    needed = [EXAMPLES[word.kind] for word in positionals(verb) if not word.optional]
    needed += [f"{word.option}={EXAMPLES[word.kind]}" for word in options(verb) if not word.optional]
    line = " ".join([*words, *needed])
    assert refusal(line, Who(Account("T1", "U2"), "eve", "eve", standing, "en")) == STRANGERS[standing]


def test_who_is_not_in_the_group_is_told_whom_to_ask() -> None:
    assert refusal("status", rules=[Rule(groups=frozenset({"admins", "night-shift"}))]) == (
        "“status” is for members of: admins, night-shift. Ask one of them, or the owner of the bot's configuration"
    )


def test_an_unmapped_login_may_read_and_no_more() -> None:
    who = Who(Account("os", "zoe"), "os/zoe", "zoe", Standing.UNMAPPED, "en")
    report = Report(Level.GOOD, same("done"))
    verb = Verb(name="shake", summary=same("s"), args=NoArgs, facts=NoFacts, report=lambda _a, _f, _g: report)
    changes = Workflow({}, {"shake": Action(name="shake", summary=same("s"), verbs=(verb,))})
    refused = changes.answer("shake --cluster x", who).refusal
    assert refused is not None
    assert refused.to("en") == "The login zoe is not in [people] of the configuration, so it may only read"
    assert asked("status", who)[0].report is not None


WORDS = st.sampled_from(
    [
        *ACTIONS,
        *(verb.name for _, verb in VERBS),
        *(option.option for _, verb in VERBS for option in options(verb)),
        "--cluster",
        "pve-prod",
        "pve01",
        "pve02",
        "5",
        "--help",
        "'",
        "/pve-cluster",
        "expected",
        "-1",
        "=",
    ]
)
LINES = st.text() | st.lists(WORDS | st.text(max_size=6), max_size=6).map(" ".join)


@given(LINES)
def test_any_text_at_all_gets_an_answer_and_only_a_valid_one_reaches_a_node(line: str) -> None:
    answer, questions = asked(line)
    assert (answer.report is None) != (answer.refusal is None)
    assert questions == 0 or answer.report is not None
    if answer.refusal is not None:
        assert len(answer.refusal.to("en")) < LONGEST * 2
