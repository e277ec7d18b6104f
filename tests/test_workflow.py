"""The one path of every command, with nodes that are values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import pytest

from bot.action import (
    NOT_ASKED,
    Action,
    Beside,
    Call,
    EachNode,
    Level,
    Output,
    Report,
    Step,
    Unreachable,
    Unreadable,
    Verb,
)
from bot.look import Look, _sorted_out
from bot.names import ClusterName, NodeName
from bot.people import Account, Standing, Who
from bot.policy import RISKS, Rule
from bot.text import Refused, Text, same
from bot.workflow import Cluster, Workflow, _with_secret

ALICE = Who(Account("T1", "U1"), "alice", "alice", Standing.MEMBER, "en", frozenset({"operators"}))
PVE01, PVE02 = NodeName("pve01"), NodeName("pve02")


@dataclass
class FakeNodes:
    """Answers from a function and remembers what it was asked."""

    answer: Callable[[Call], str | Text]
    names: tuple[NodeName, ...] = (PVE01, PVE02)
    asked: tuple[Call, ...] = ()

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        self.asked += tuple(calls)
        said = [(call, self.answer(call)) for call in calls]
        return [Output(c.node, 0, s) if isinstance(s, str) else Unreachable(s) for c, s in said]


@dataclass(frozen=True)
class Number:
    ARGV: ClassVar[tuple[str, ...]] = ("number",)
    value: int

    @classmethod
    def parse(cls, output: Output) -> Self:
        if not output.stdout.isdigit():
            raise Unreadable(f"line 1: {output.stdout!r}")
        return cls(int(output.stdout))


@dataclass(frozen=True)
class Args:
    node: NodeName | None = None


@dataclass(frozen=True)
class Facts:
    each: EachNode[Number]
    one: Number


def report(_args: Args, facts: Facts, _after: Facts) -> Report:
    return Report(Level.GOOD, same(f"{sorted(facts.each.by_node)} {facts.one.value}"))


def on(args: Args) -> tuple[NodeName, ...] | None:
    return (args.node,) if args.node else None


STATUS = Action(
    name="status",
    summary=same("s"),
    verbs=(Verb(name="status", summary=same("s"), args=Args, facts=Facts, report=report, on=on),),
)


def workflow(*clusters: Cluster, rules: Sequence[Rule] = ()) -> Workflow:
    return Workflow({cluster.name: cluster for cluster in clusters}, {"status": STATUS}, rules)


def prod(nodes: FakeNodes, *channels: str) -> Cluster:
    return Cluster(ClusterName("pve-prod"), nodes, frozenset(channels))


def test_every_node_is_asked_and_a_single_fact_comes_from_one_that_answers() -> None:
    nodes = FakeNodes(lambda call: same("no route") if call.node == PVE01 else "7")
    answer = workflow(prod(nodes)).answer("status", ALICE)
    assert answer.report is not None
    assert answer.report.headline.to("en") == "['pve02'] 7"
    assert [call.node for call in nodes.asked] == [PVE01, PVE02, PVE02]


def test_a_node_that_answers_garbage_is_silent_and_the_reason_names_the_line() -> None:
    facts = Look(FakeNodes(lambda call: "?" if call.node == PVE01 else "7")).gather(Facts)
    assert "line 1: '?'" in facts.each.silent[PVE01].to("en")
    assert facts.one.value == 7


@pytest.mark.parametrize("mistake", [ValueError("no number"), RecursionError("too deep"), OverflowError("too large")])
def test_a_mistake_of_a_parser_silences_one_node_and_not_the_whole_answer(mistake: Exception) -> None:
    class Clumsy(Number):
        @classmethod
        def parse(cls, output: Output) -> Self:
            if output.node == PVE01:
                raise mistake
            return super().parse(output)

    said = _sorted_out(Clumsy, [(node, Output(node, 0, "7")) for node in (PVE01, PVE02)])
    assert str(mistake) in said.silent[PVE01].to("en")
    assert said.by_node[PVE02].value == 7


def test_nobody_answering_is_a_refusal_with_the_reason() -> None:
    answer = workflow(prod(FakeNodes(lambda _call: same("no route")))).answer("status", ALICE)
    assert answer.refusal is not None
    assert "no route" in answer.refusal.to("en")


def test_the_ledger_gets_the_digest_of_every_answer_and_not_its_text() -> None:
    answer = workflow(prod(FakeNodes(lambda _call: "7"))).answer("status", ALICE)
    assert [(seen.node, seen.exit, seen.bytes, len(seen.sha256)) for seen in answer.outputs] == [
        (PVE01, 0, 1, 64),
        (PVE02, 0, 1, 64),
        (PVE01, 0, 1, 64),
    ]


def test_only_the_named_node_is_asked() -> None:
    nodes = FakeNodes(lambda _call: "7")
    workflow(prod(nodes)).answer("status pve02", ALICE)
    assert {call.node for call in nodes.asked} == {PVE02}


def test_a_node_that_the_cluster_does_not_have_is_refused_before_any_is_asked() -> None:
    nodes = FakeNodes(lambda _call: "7")
    answer = workflow(prod(nodes)).answer("status pve09", ALICE)
    assert answer.refusal is not None
    assert "pve09" in answer.refusal.to("fr")
    assert not nodes.asked


def test_the_channel_says_which_cluster_is_meant() -> None:
    there = Cluster(ClusterName("test"), FakeNodes(lambda _call: "1"), frozenset({"C2"}))
    both = workflow(prod(FakeNodes(lambda _call: "7"), "C1"), there)
    assert both.answer("status", ALICE, "C2").cluster == "test"
    assert both.answer("status --cluster pve-prod", ALICE, "C2").cluster == "pve-prod"


@pytest.mark.parametrize("channel", ["C9", None])
def test_where_the_channel_says_nothing_the_default_is_meant(channel: str | None) -> None:
    usual = replace(prod(FakeNodes(lambda _call: "7"), "C1"), is_default=True)
    other = Cluster(ClusterName("test"), FakeNodes(lambda _call: "1"), frozenset({"C2"}))
    both = workflow(other, usual)
    assert both.answer("status", ALICE, channel).cluster == "pve-prod"
    assert both.answer("status", ALICE, "C2").cluster == "test"


@pytest.mark.parametrize(("line", "word"), [("status", "Which cluster"), ("status --cluster nope", "No cluster")])
def test_no_cluster_is_guessed(line: str, word: str) -> None:
    nodes = FakeNodes(lambda _call: "7")
    answer = workflow(prod(nodes), Cluster(ClusterName("test"), nodes)).answer(line, ALICE, "C9")
    assert answer.refusal is not None
    assert word in answer.refusal.to("en")
    assert not nodes.asked


@pytest.mark.parametrize("standing", [Standing.GUEST, Standing.BOT, Standing.DEACTIVATED, Standing.EXTERNAL])
def test_who_is_not_a_full_member_is_refused_with_a_reason_of_its_own(standing: Standing) -> None:
    nodes = FakeNodes(lambda _call: "7")
    who = Who(Account("T1", "U2"), "eve", "eve", standing, "en")
    answer = workflow(prod(nodes)).answer("status", who)
    assert answer.refusal is not None
    assert answer.refusal.to("en") != answer.refusal.to("fr")
    assert not nodes.asked


RULE = Rule(groups=frozenset({"admins"}))


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        (RULE, True),
        (Rule(groups=frozenset({"operators"})), False),
        (Rule(groups=RULE.groups, actions=frozenset({"certs"})), False),
        (Rule(groups=RULE.groups, clusters=frozenset({"pve-prod"})), True),
        (Rule(groups=RULE.groups, clusters=frozenset({"test"})), False),
        (Rule(groups=RULE.groups, risks=frozenset({RISKS["status", "status"]})), True),
    ],
)
def test_a_rule_asks_for_its_group_where_it_speaks_of_the_command(rule: Rule, *, refused: bool) -> None:
    answer = workflow(prod(FakeNodes(lambda _call: "7")), rules=[rule]).answer("status", ALICE)
    assert (answer.refusal is not None) == refused


def test_the_cluster_of_a_refused_command_is_known_to_the_ledger() -> None:
    answer = workflow(prod(FakeNodes(lambda _call: "7")), rules=[RULE]).answer("status", ALICE)
    assert (answer.action, answer.cluster, answer.refusal is None) == ("status", "pve-prod", False)


@pytest.mark.parametrize("line", ["status pve09", "status"])
def test_the_cluster_of_a_command_that_came_to_nothing_is_known_to_the_ledger(line: str) -> None:
    answer = workflow(prod(FakeNodes(lambda _call: same("no route")))).answer(line, ALICE)
    assert (answer.cluster, answer.refusal is None) == ("pve-prod", False)


def test_what_nodes_said_before_a_refusal_is_known_to_the_ledger() -> None:
    answer = workflow(prod(FakeNodes(lambda _call: "?"))).answer("status", ALICE)
    assert answer.refusal is not None
    assert [(seen.node, seen.exit) for seen in answer.outputs] == [(PVE01, 0), (PVE02, 0)] * 2


@dataclass(frozen=True)
class Further:
    each: EachNode[Number]
    more: EachNode[Number] = NOT_ASKED


def test_what_is_further_is_asked_when_the_rest_is_known_and_only_of_nodes_of_the_cluster() -> None:
    nodes = FakeNodes(lambda call: "7" if call.argv == ("number",) else call.argv[1])

    def further(facts: Further) -> dict[str, dict[NodeName, tuple[str, ...]]]:
        value = str(facts.each.by_node[PVE01].value + 1)
        return {"more": {PVE01: ("further", value), NodeName("pve09"): ("further", value)}}

    facts = Look(nodes).gather(Further, further)
    assert {node: number.value for node, number in facts.more.by_node.items()} == {PVE01: 8}
    assert [call.argv for call in nodes.asked] == [("number",), ("number",), ("further", "8")]


@dataclass(frozen=True)
class WithBeside:
    each: EachNode[Number]
    beside: Beside
    more: EachNode[Number] = NOT_ASKED


def test_a_host_beside_the_cluster_is_asked_nothing_but_what_is_further() -> None:
    qnetd, nodes = NodeName("qnetd"), FakeNodes(lambda call: "7" if call.argv == ("number",) else call.argv[0])
    further = lambda facts: {"more": dict.fromkeys(facts.beside, ("7",))}  # noqa: E731 - one use
    facts = Look(nodes, beside=(qnetd,)).gather(WithBeside, further)
    assert facts.more.by_node == {qnetd: Number(7)}
    assert [call.argv for call in nodes.asked if call.node == qnetd] == [("7",)]
    assert qnetd not in {*facts.each.by_node, *facts.each.silent}


def test_what_is_further_and_not_asked_for_is_nothing() -> None:
    assert Look(FakeNodes(lambda _call: "7")).gather(Further).more == NOT_ASKED


def test_a_secret_stands_in_a_plan_by_its_reference() -> None:
    step = Step(PVE01, same("s"), ("x",), secret="root_password")
    cluster = replace(prod(FakeNodes(lambda _call: "7")), secrets={"root_password": "file:pw"})
    assert _with_secret(step, cluster).secret == "file:pw"
    with pytest.raises(Refused, match="no root_password in"):
        _with_secret(step, replace(cluster, secrets={}))
