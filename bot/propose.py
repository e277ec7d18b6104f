"""From what was asked and what was seen to the plan that people approve, and whether it still holds later. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.action import Change, Finding, Json, Level, Report, Step, Table
from bot.command_line import Command
from bot.demand import Demand
from bot.names import ClusterName, NodeName
from bot.plan import Host, Plan
from bot.policy import risk_of
from bot.text import Text
from bot.usage import positionals


def findings(command: Command, facts: Any) -> tuple[Finding, ...]:
    """All that the check found, what blocks first; and what was taken for something else than what was typed."""
    found = sorted(changes(command).check(command.args, facts), key=lambda finding: not finding.blocks)
    taken = (Finding(Level.NOTE, TAKEN_AS.fill(typed=typed, meant=meant)) for typed, meant in command.taken_as)
    return (*found, *taken)


def plan(command: Command, cluster: ClusterName, line: str, facts: Any, demand: Demand) -> Plan:
    """What would run, on the facts as they are; its hosts are not in it yet."""
    change, args = changes(command), command.args
    before, after = change.votes(args, facts)
    return Plan(
        cluster=cluster,
        line=line,
        action=command.action.name,
        verb=command.verb.name,
        risk=risk_of(command),
        words=change.words(args, facts),
        steps=change.plan(args, facts),
        undo=change.undo(args, facts),
        rests_on=change.rests_on(args, facts),
        findings=findings(command, facts),
        before=before,
        after=after,
        confirm=change.confirm(args, facts) or (cluster if demand.typed else ""),
        statement=change.statement(args, facts),
    )


def changes(command: Command) -> Change[Any, Any]:
    if command.verb.change is None:
        raise TypeError(f"{command.action.name} {command.verb.name} changes nothing")
    return command.verb.change


def overtaken(approved: Plan, now: Plan) -> Text | None:
    """Why the approved plan no longer stands on what is seen now; None if it does."""
    blocking = next((found for found in now.findings if found.blocks), None)
    if blocking is not None:
        return FORBIDDEN.fill(finding=blocking.text)
    differing = _differing(approved.rests_on, now.rests_on)
    if differing:
        return CHANGED.fill(what=", ".join(differing))
    if approved.hosts != now.hosts:
        return OTHER_HOST.fill(nodes=", ".join(_differing(_logins(approved.hosts), _logins(now.hosts))))
    return OTHER_STEPS if _sent(approved) != _sent(now) else None


def _sent(made: Plan) -> list[Step]:
    """What nodes are sent, without its words: those of a stored plan are filled in already."""
    return [replace(step, title=NODE) for step in made.steps]


def blocked(command: Command, found: tuple[Finding, ...]) -> Report:
    """What is told when a check forbids it: every finding, and that nobody was asked."""
    action, verb = command.action, command.verb
    named = [action.name] if verb.is_bare or verb.name == action.name else [action.name, verb.name]
    given = [getattr(command.args, word.name) for word in positionals(verb)]
    what = " ".join([*named, *(str(value) for value in given if value is not None)])
    data: dict[str, Json] = {"refused": [f.text.to("en") for f in found if f.blocks]}
    return Report(Level.BAD, BLOCKED.fill(action=what), findings=found, data=data)


def dry_run(made: Plan, needs: Text) -> Report:
    """The plan and all findings; nothing is asked, nothing is run."""
    rows = tuple((step.on, step.title, " ".join(step.argv)) for step in made.steps)
    steps = Table((NODE, WHAT, COMMAND), rows, title=STEPS)
    data: dict[str, Json] = {"steps": [{"on": s.on, "argv": list(s.argv)} for s in made.steps]}
    pairs = ((UNDO, made.undo), (NEEDS, needs))
    return Report(Level.NOTE, DRY.fill(words=made.words), pairs, made.findings, (steps,), data=data)


def _logins(hosts: Mapping[NodeName, Host]) -> dict[str, Json]:
    return {node: f"{host.login} {host.fingerprint}" for node, host in hosts.items()}


def _differing(one: Mapping[str, Json], other: Mapping[str, Json]) -> list[str]:
    """The keys of what differs; that a fact is nothing is another thing than that it is not there."""
    both = one.keys() & other.keys()
    return sorted((one.keys() ^ other.keys()) | {key for key in both if one[key] != other[key]})


TAKEN_AS = Text(
    en="{typed} was taken as {meant}: pvecm knows the old name no longer",
    fr="{typed} a été pris pour {meant} : pvecm ne connaît plus l'ancien nom",
)
BLOCKED = Text(en="{action} is refused; nobody was asked", fr="{action} est refusé ; personne n'a été sollicité")
DRY = Text(en="Dry run, nothing was asked: {words}", fr="À blanc, rien n'a été demandé : {words}")
NODE = Text(en="Node", fr="Nœud")
WHAT = Text(en="What", fr="Quoi")
COMMAND = Text(en="Command", fr="Commande")
STEPS = Text(en="What would run", fr="Ce qui serait exécuté")
UNDO = Text(en="To undo", fr="Pour annuler")
NEEDS = Text(en="Would need", fr="Il faudrait")
FORBIDDEN = Text(en="A check forbids it now: {finding}", fr="Un contrôle l'interdit maintenant : {finding}")
CHANGED = Text(
    en="The facts it was approved on have changed: {what}",
    fr="Les faits sur lesquels elle reposait ont changé : {what}",
)
OTHER_HOST = Text(
    en="Login or host key is no longer the approved one: {nodes}",
    fr="L'accès ou la clé d'hôte n'est plus celui approuvé : {nodes}",
)
OTHER_STEPS = Text(
    en="The commands would no longer be the approved ones", fr="Les commandes ne seraient plus celles approuvées"
)
OTHER_POLICY = Text(
    en="The policy, or what is configured of its cluster, has changed since it was asked for; ask again",
    fr="La politique, ou ce qui est configuré de son cluster, a changé depuis la demande ; redemandez",
)
