"""The one path of every command: who, what, look, report. Defines the ports through which it has effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, get_type_hints

from bot import command_line, policy, propose
from bot.action import Action, Report, Step, Unreachable
from bot.command_line import Command
from bot.demand import Demand
from bot.demand_words import groups, require_words
from bot.look import Api, Hands, Look, Nodes, Seen
from bot.names import ClusterName, NodeName
from bot.people import Who
from bot.plan import Plan
from bot.policy import Rule
from bot.text import Refused, Text


@dataclass(frozen=True)
class Cluster:
    """A configured cluster: its name here, its nodes, the channels where it is the default.

    *is_default*: it also is where the channel says nothing.
    *hands*: what can change it; None where nothing may. *api*: a second way to see whether a node lives.
    *secrets*: what steps may read from their standard input, a reference by each name.
    *beside*: hosts that are none of its nodes, and that *nodes* and *hands* reach as well.
    """

    name: ClusterName
    nodes: Nodes
    channels: frozenset[str] = frozenset()
    api: Api | None = None
    hands: Hands | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    is_default: bool = False
    beside: tuple[NodeName, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A change that no check forbids: what would run, and what it needs before it may."""

    plan: Plan
    demand: Demand
    reason: str = ""
    ticket: str = ""


@dataclass(frozen=True)
class Answer:
    """How one command ended: with a report, or with the reason it was refused. *outputs*: all that nodes said.

    *proposal*: what people are asked to approve. *blocked*: the report says why a check forbids it. *said*: what
    became of an act on a request.
    """

    line: str
    report: Report | None = None
    refusal: Text | None = None
    action: str | None = None
    verb: str | None = None
    cluster: ClusterName | None = None
    outputs: tuple[Seen, ...] = ()
    unknown: bool = False  # refused because no node could be asked
    proposal: Proposal | None = None
    blocked: bool = False
    said: Text | None = None


@dataclass(frozen=True)
class Again:
    """A second look: the facts, and the plan that would be made of them now."""

    facts: Any
    plan: Plan


Own = Callable[[Command, Who, str | None], Report | Text]
"""Answers from what the bot itself keeps, given who asks and in which channel; a sentence is what became of an act."""


@dataclass(frozen=True)
class Workflow:
    """Everything a command needs that does not change while the bot runs. *own*: the actions that ask no node."""

    clusters: Mapping[ClusterName, Cluster]
    actions: Mapping[str, Action]
    rules: Sequence[Rule] = ()
    own: Mapping[str, Own] = field(default_factory=dict)

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
        if command.action.name in self.own:
            told = self.own[command.action.name](command, who, channel)
            return replace(named, report=told) if isinstance(told, Report) else replace(named, said=told)
        if get_type_hints(command.verb.facts) == {}:
            facts = command.verb.facts()
            return replace(named, report=command.verb.report(command.args, facts, facts))
        cluster = self.cluster_for(command.cluster, channel)
        policy.require(who, command, cluster.name, self.rules)
        look = _look(cluster, command)
        try:
            facts = _gathered(look, command)
            answered = self._told(named, command, cluster, facts)
        except Refused as refused:
            answered = _refused(named, refused)
        return replace(answered, outputs=tuple(look.seen))

    def _told(self, named: Answer, command: Command, cluster: Cluster, facts: Any) -> Answer:
        if command.verb.change is not None:
            return self._proposed(named, command, cluster, facts)
        return replace(named, report=command.verb.report(command.args, facts, facts))

    def _proposed(self, named: Answer, command: Command, cluster: Cluster, facts: Any) -> Answer:
        demand = policy.demand(command, cluster.name, self.rules)
        require_words(demand, command.reason, command.ticket)
        found = propose.findings(command, facts)
        if any(finding.blocks for finding in found):
            return replace(named, report=propose.blocked(command, found), blocked=True)
        made = self._planned(command, cluster, named.line, facts, demand)
        if command.dry_run:
            return replace(named, report=propose.dry_run(made, groups(demand)))
        return replace(named, proposal=Proposal(made, demand, command.reason, command.ticket))

    def _where(self, command: Command, channel: str | None) -> ClusterName | None:
        """The cluster that the command is about, for the ledger, also when it is refused."""
        if get_type_hints(command.verb.facts) == {}:
            return None
        try:
            return self.cluster_for(command.cluster, channel).name
        except Refused:
            return None

    def _planned(self, command: Command, cluster: Cluster, line: str, facts: Any, demand: Demand) -> Plan:
        """With the hosts of its steps, each on a connection that stands. Raise `Unreachable` if one has none."""
        if cluster.hands is None:
            raise Refused(NO_HANDS.fill(cluster=cluster.name))
        made = propose.plan(command, cluster.name, line, facts, demand)
        steps = tuple(_with_secret(step, cluster) for step in made.steps)
        hosts = {node: cluster.hands.host(node) for node in sorted({step.on for step in steps})}
        return replace(made, steps=steps, hosts=hosts)

    def look_again(self, approved: Plan, demand: Demand) -> Again:
        """Look at the same things now. Raise `Refused` if they cannot be seen."""
        command, cluster = self._command(approved), self.clusters[ClusterName(approved.cluster)]
        facts = _gathered(_look(cluster, command), command)
        if any(finding.blocks for finding in propose.findings(command, facts)):
            return Again(facts, replace(approved, findings=propose.findings(command, facts)))
        return Again(facts, self._planned(command, cluster, approved.line, facts, demand))

    def told(self, approved: Plan, before: Any) -> Report:
        """What is to be told of *approved*, as the cluster is seen now; *before* None: that look was lost."""
        command, cluster = self._command(approved), self.clusters[ClusterName(approved.cluster)]
        after = _gathered(_look(cluster, command), command)
        return command.verb.report(command.args, after if before is None else before, after)

    def left(self, approved: Plan, before: Any, number: int) -> Report | None:
        """What is left when the step of that number did not succeed; None if the action has nothing to say of that."""
        command, cluster = self._command(approved), self.clusters[ClusterName(approved.cluster)]
        left = propose.changes(command).left
        if left is None:
            return None
        after = _gathered(_look(cluster, command), command)
        return left(command.args, after if before is None else before, after, number)

    def watch_s(self, approved: Plan) -> int:
        """How long after its end it is watched; 0 also if there is no such command or cluster any more."""
        if approved.cluster not in self.clusters:
            return 0
        try:
            return propose.changes(self._command(approved)).watch_s
        except Refused:
            return 0

    def watched(self, approved: Plan) -> Report | None:
        """What is wrong with what *approved* did, as the cluster is seen now. Raise `Refused` if it cannot be seen."""
        command, cluster = self._command(approved), self.clusters[ClusterName(approved.cluster)]
        change, args = propose.changes(command), command.args
        again = change.watch_further or (lambda args, facts, _rests_on: command.verb.further(args, facts))
        look = _look(cluster, command)
        return change.watch(args, look.gather(command.verb.facts, lambda facts: again(args, facts, approved.rests_on)))

    def demand_now(self, approved: Plan) -> Demand | None:
        """What the rules of now want for it; None if there is no such command or cluster any more."""
        if approved.cluster not in self.clusters:
            return None
        try:
            return policy.demand(self._command(approved), ClusterName(approved.cluster), self.rules)
        except Refused:
            return None

    def channel_of(self, approved: Plan, here: str | None) -> str:
        """Where its card is shown: where it was asked, if that is one of its cluster's channels. Raise `Refused`."""
        channels = self.clusters[ClusterName(approved.cluster)].channels
        if not channels:
            raise Refused(NO_CHANNEL.fill(cluster=approved.cluster))
        return here if here is not None and here in channels else min(channels)

    def settle_s(self, approved: Plan) -> int:
        return propose.changes(self._command(approved)).settle_s

    def _command(self, approved: Plan) -> Command:
        return command_line.parse(approved.line, self.actions)

    def cluster_for(self, name: ClusterName | None, channel: str | None) -> Cluster:
        """The one named, else the channel's, else the default, else the only one. Raise `Refused` if that is none or several."""
        if name is not None:
            if name not in self.clusters:
                raise Refused(NO_SUCH_CLUSTER.fill(name=name, known=", ".join(self.clusters)))
            return self.clusters[name]
        known = list(self.clusters.values())
        here = [c for c in known if channel in c.channels] or [c for c in known if c.is_default] or known
        if len(here) != 1:
            raise Refused(WHICH_CLUSTER.fill(known=", ".join(c.name for c in here)))
        return here[0]


def _with_secret(step: Step, cluster: Cluster) -> Step:
    """Its secret by the reference that stands in the configuration. Raise `Refused` if none does."""
    if not step.secret:
        return step
    if step.secret not in cluster.secrets:
        raise Refused(NO_SECRET.fill(name=step.secret, cluster=cluster.name))
    return replace(step, secret=cluster.secrets[step.secret])


def _look(cluster: Cluster, command: Command) -> Look:
    return Look(cluster.nodes, cluster.api, command.verb.on(command.args), cluster.beside)


def _gathered(look: Look, command: Command) -> Any:
    return look.gather(command.verb.facts, partial(command.verb.further, command.args))


def _refused(named: Answer, refused: Refused) -> Answer:
    return replace(named, refusal=refused.text, unknown=isinstance(refused, Unreachable))


NO_SUCH_CLUSTER = Text(
    en="No cluster “{name}” is configured: I know {known}", fr="Aucun cluster « {name} » configuré : je connais {known}"
)
WHICH_CLUSTER = Text(
    en="Which cluster? Add --cluster with one of: {known}", fr="Quel cluster ? Ajoutez --cluster et l'un de : {known}"
)
NO_CHANNEL = Text(
    en="The cluster {cluster} has no channel where approval could be asked: add one to its `channels`",
    fr="Le cluster {cluster} n'a pas de canal où demander l'approbation : ajoutez-en un à ses `channels`",
)
NO_SECRET = Text(
    en="The configuration has no {name} in [clusters.{cluster}], which this needs",
    fr="La configuration n'a pas de {name} dans [clusters.{cluster}], dont ceci a besoin",
)
NO_HANDS = Text(
    en="Nothing here may change the cluster {cluster}: it is only read",
    fr="Rien ici ne peut changer le cluster {cluster} : il est seulement lu",
)
