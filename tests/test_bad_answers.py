"""A node that answers garbage: the parser names the line, and nothing else of the answer is lost."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.action import Call, Fact, Output, Unreachable, Unreadable
from bot.actions import load_actions
from bot.cluster.conf_files import LocalConf, SharedConf
from bot.demo.cluster.simulated import SimulatedCluster
from bot.names import ClusterName, NodeName
from bot.needed import needed
from bot.people import Account, Standing, Who
from bot.workflow import Cluster, Workflow

ACTIONS = load_actions()
FACTS = tuple(dict.fromkeys(fact for one in needed(ACTIONS) for fact in one.facts))
KEPT_AS_THEY_ARE: set[object] = {SharedConf, LocalConf}
STRICT = [fact for fact in FACTS if fact not in KEPT_AS_THEY_ARE]
VERBS = [(action.name, verb.name) for action in ACTIONS.values() for verb in action.verbs]
NODES = (NodeName("pve01"), NodeName("pve02"))
SIMULATED = SimulatedCluster()
ALICE = Who(Account("T1", "U1"), "alice", "alice", Standing.MEMBER, "en")
DEEP = "[" * 100_000  # more than Python's own JSON reader can follow
HUGE = "9" * 5_000  # more digits than Python makes a number of
GARBAGE = ["<html>502 Bad Gateway</html>\n", "\ufffd\ufffd\x00\x01", "42", "null", "[]", '"x"', DEEP, HUGE, "1e999"]


def sound(fact: type[Fact], node: NodeName = NODES[0]) -> Output:
    said = SIMULATED.run(node, tuple(fact.ARGV))
    return Output(node, said.exit, said.stdout, said.stderr)


@pytest.mark.parametrize("fact", STRICT, ids=lambda fact: fact.__name__)
@pytest.mark.parametrize("garbage", ["<html>502 Bad Gateway</html>\n", "welcome to this machine\nwelcome\n"])
def test_the_parser_of_every_fact_names_the_line_that_it_does_not_understand(fact: type[Fact], garbage: str) -> None:
    with pytest.raises(Unreadable, match="line 1"):
        fact.parse(Output(NODES[0], 0, garbage))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda text: text[:12])
@pytest.mark.parametrize("exit_", [0, 1, 2, 3, 126, 127, 255])
def test_garbage_is_read_or_not_understood_and_never_a_bug(fact: type[Fact], garbage: str, exit_: int) -> None:
    for output in (Output(NODES[0], exit_, garbage), Output(NODES[0], exit_, "", garbage)):
        assert _is_read_or_not_understood(fact, output)


def _is_read_or_not_understood(fact: type[Fact], output: Output) -> bool:
    try:
        fact.parse(output)
    except Unreadable as error:
        return len(str(error)) < 500
    return True


DAMAGE = st.tuples(
    st.integers(0, 2000), st.integers(0, 40), st.text(max_size=8) | st.sampled_from(["-1", "1e999", HUGE, "null", "{"])
)


@dataclass
class Damaged:
    """Answers as simulated nodes do, each answer damaged in one place; pve02's is sound."""

    at: int
    length: int
    put: str
    exit: int | None
    names: tuple[NodeName, ...] = NODES

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        return [self._answer(call) for call in calls]

    def _answer(self, call: Call) -> Output:
        said = SIMULATED.run(call.node, call.argv)
        if call.node != NODES[0]:
            return Output(call.node, said.exit, said.stdout, said.stderr)
        at = self.at % (len(said.stdout) + 1)
        text = said.stdout[:at] + self.put + said.stdout[at + self.length :]
        return Output(call.node, said.exit if self.exit is None else self.exit, text, said.stderr)


@pytest.mark.parametrize(("action", "verb"), VERBS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damage=DAMAGE, exit_=st.none() | st.integers(0, 255))
def test_whatever_one_node_says_every_verb_answers(
    action: str, verb: str, damage: tuple[int, int, str], exit_: int | None
) -> None:
    cluster = Cluster(ClusterName("pve-prod"), Damaged(*damage, exit_))
    line = action if action == verb else f"{action} {verb}"
    answer = Workflow({cluster.name: cluster}, ACTIONS).answer(line, ALICE)
    assert answer.report is not None or answer.refusal is not None
    if answer.report is not None:
        assert answer.report.headline.to("fr")
