"""The one path of every command: who, what, look, report. Defines the ports through which it has effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Protocol, get_args, get_origin, get_type_hints

from bot import command_line, policy
from bot.action import Action, Call, EachNode, Fact, Output, Report, Unreachable, Unreadable
from bot.command_line import Command
from bot.names import ClusterName, NodeName
from bot.people import Who
from bot.policy import Rule
from bot.text import Refused, Text


class Nodes(Protocol):
    """One cluster's nodes, reachable or not."""

    @property
    def names(self) -> tuple[NodeName, ...]: ...

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        """Run all *calls* side by side and return their answers in the same order; never raise for a node."""


@dataclass(frozen=True)
class Cluster:
    """A configured cluster: its name here, its nodes, the channels where it is the default."""

    name: ClusterName
    nodes: Nodes
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """How one command ended: with a report, or with the reason it was refused. *outputs*: all that nodes said."""

    line: str
    report: Report | None = None
    refusal: Text | None = None
    action: str | None = None
    verb: str | None = None
    cluster: ClusterName | None = None
    outputs: tuple[Seen, ...] = ()
    unknown: bool = False  # refused because no node could be asked


@dataclass(frozen=True)
class Seen:
    """One answer of one node as the ledger keeps it: its length and digest, never its text."""

    node: NodeName
    argv: tuple[str, ...]
    exit: int | None
    bytes: int
    sha256: str
    took_us: int


@dataclass(frozen=True)
class Workflow:
    """Everything a command needs that does not change while the bot runs."""

    clusters: Mapping[ClusterName, Cluster]
    actions: Mapping[str, Action]
    rules: Sequence[Rule] = ()

    def answer(self, line: str, who: Who, channel: str | None = None) -> Answer:
        """Do what *who* typed in *channel*. A refusal is an answer; any exception is a bug."""
        try:
            command = command_line.parse(line, self.actions)
        except Refused as refused:
            return Answer(line, refusal=refused.text)
        where = self._where(command, channel)
        named = Answer(line, action=command.action.name, verb=command.verb.name, cluster=where)
        try:
            return self._answer(named, command, who, channel)
        except Refused as refused:
            return _refused(named, refused)

    def _answer(self, named: Answer, command: Command, who: Who, channel: str | None) -> Answer:
        policy.require(who, command, None, self.rules)
        if get_type_hints(command.verb.facts) == {}:
            facts = command.verb.facts()
            return replace(named, report=command.verb.report(command.args, facts, facts))
        cluster = self.cluster_for(command.cluster, channel)
        policy.require(who, command, cluster.name, self.rules)
        look = Look(cluster.nodes, command.verb.on(command.args))
        try:
            facts = look.gather(command.verb.facts)
            report = command.verb.report(command.args, facts, facts)
        except Refused as refused:
            return replace(_refused(named, refused), outputs=tuple(look.seen))
        return replace(named, report=report, outputs=tuple(look.seen))

    def _where(self, command: Command, channel: str | None) -> ClusterName | None:
        """The cluster that the command is about, for the ledger, also when it is refused."""
        if get_type_hints(command.verb.facts) == {}:
            return None
        try:
            return self.cluster_for(command.cluster, channel).name
        except Refused:
            return None

    def cluster_for(self, name: ClusterName | None, channel: str | None) -> Cluster:
        """The one named, else the channel's, else the only one. Raise `Refused` if that is none or several."""
        if name is not None:
            if name not in self.clusters:
                raise Refused(NO_SUCH_CLUSTER.fill(name=name, known=", ".join(self.clusters)))
            return self.clusters[name]
        here = [c for c in self.clusters.values() if channel in c.channels] or list(self.clusters.values())
        if len(here) != 1:
            raise Refused(WHICH_CLUSTER.fill(known=", ".join(c.name for c in here)))
        return here[0]


@dataclass
class Look:
    """One look at a cluster: asks what the fields of a facts class name, and keeps what was seen for the ledger."""

    nodes: Nodes
    on: tuple[NodeName, ...] | None = None
    seen: list[Seen] = field(default_factory=list)

    def gather(self, facts: type[Any]) -> Any:
        """Ask every `EachNode` field of all nodes at once, then each plain one of a node that answers.

        Raise `Refused` if a node is named that the cluster does not have, `Unreachable` if nobody can say a plain one.
        """
        hints = get_type_hints(facts)
        every = {name: get_args(kind)[0] for name, kind in hints.items() if get_origin(kind) is EachNode}
        found: dict[str, Any] = self._each(every)
        order = self._answering_first(found)
        return facts(**found, **{name: self._one(kind, order) for name, kind in hints.items() if name not in every})

    def _asked(self) -> tuple[NodeName, ...]:
        unknown = [node for node in self.on or () if node not in self.nodes.names]
        if unknown:
            raise Refused(NO_SUCH_NODE.fill(node=unknown[0], known=", ".join(self.nodes.names)))
        return self.on or self.nodes.names

    def _each(self, kinds: Mapping[str, type[Fact]]) -> dict[str, EachNode[Any]]:
        nodes = self._asked()
        outputs = iter(self._ask([Call(node, kind.ARGV) for kind in kinds.values() for node in nodes]))
        return {name: _sorted_out(kind, [(node, next(outputs)) for node in nodes]) for name, kind in kinds.items()}

    def _answering_first(self, found: Mapping[str, EachNode[Any]]) -> list[NodeName]:
        mute = {node for each in found.values() for node in each.silent}
        return sorted(self._asked(), key=lambda node: node in mute)

    def _one(self, kind: type[Fact], order: Sequence[NodeName]) -> Any:
        for node in order:
            each = _sorted_out(kind, [(node, self._ask([Call(node, kind.ARGV)])[0])])
            if each.by_node:
                return each.any
        raise Unreachable(NOBODY_ANSWERS.fill(reason=next(iter(each.silent.values()))))

    def _ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        outputs = self.nodes.ask(calls)
        self.seen += [_seen(call, output) for call, output in zip(calls, outputs, strict=True)]
        return outputs


def _refused(named: Answer, refused: Refused) -> Answer:
    return replace(named, refusal=refused.text, unknown=isinstance(refused, Unreachable))


def _sorted_out(kind: type[Fact], answers: Sequence[tuple[NodeName, Output | Unreachable]]) -> EachNode[Any]:
    heard: dict[NodeName, Any] = {}
    silent: dict[NodeName, Text] = {}
    for node, output in answers:
        if isinstance(output, Unreachable):
            silent[node] = output.text
            continue
        try:
            heard[node] = kind.parse(output)
        except (Unreadable, ValueError, ArithmeticError, RecursionError) as error:
            silent[node] = GARBAGE.fill(command=" ".join(kind.ARGV), error=error)
    return EachNode(heard, silent)


def _seen(call: Call, output: Output | Unreachable) -> Seen:
    if isinstance(output, Unreachable):
        return Seen(call.node, call.argv, None, 0, "", 0)
    text = (output.stdout + "\0" + output.stderr).encode()
    return Seen(call.node, call.argv, output.exit, len(text) - 1, sha256(text).hexdigest(), output.took_us)


NO_SUCH_CLUSTER = Text(
    en="No cluster “{name}” is configured: I know {known}", fr="Aucun cluster « {name} » configuré : je connais {known}"
)
WHICH_CLUSTER = Text(
    en="Which cluster? Add --cluster with one of: {known}", fr="Quel cluster ? Ajoutez --cluster et l'un de : {known}"
)
NO_SUCH_NODE = Text(
    en="This cluster has no node “{node}”: it has {known}", fr="Ce cluster n'a pas de nœud « {node} » : il a {known}"
)
NOBODY_ANSWERS = Text(en="No node gave an answer. {reason}", fr="Aucun nœud n'a répondu. {reason}")
GARBAGE = Text(
    en="did not understand what `{command}` answered: {error}", fr="réponse de `{command}` incomprise : {error}"
)
