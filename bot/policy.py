"""Who may use what, and how much each verb can hurt: one table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.action import Risk
from bot.command_line import Command
from bot.demand import ANYONE, REQUESTER, Demand, Slot
from bot.names import ClusterName
from bot.people import Standing, Who
from bot.text import Refused, Text

# How much each verb of each action can hurt. What is not listed is taken as destructive.
RISKS: Mapping[tuple[str, str], Risk] = {
    ("status", "status"): Risk.READ,
    ("nodes", "nodes"): Risk.READ,
    ("expected", "expected"): Risk.READ,
    ("expected", "set"): Risk.DESTRUCTIVE,
    ("reset", "reset"): Risk.DESTRUCTIVE,
    ("create", "create"): Risk.DESTRUCTIVE,
    ("join", "join"): Risk.DESTRUCTIVE,
    ("remove", "remove"): Risk.DESTRUCTIVE,
    ("requests", "list"): Risk.READ,
    # These move a request by `decide`, never a cluster.
    ("requests", "cancel"): Risk.READ,
    ("requests", "deny"): Risk.READ,
    ("requests", "stop"): Risk.READ,
    ("qdevice", "status"): Risk.READ,
    ("links", "status"): Risk.READ,
    ("certs", "status"): Risk.READ,
    ("corosync", "show"): Risk.READ,
    ("corosync", "lint"): Risk.READ,
    ("corosync", "log"): Risk.READ,
    ("corosync", "set"): Risk.DESTRUCTIVE,
    ("help", "help"): Risk.READ,
}


@dataclass(frozen=True)
class Rule:
    """One `[[policy]]` of the configuration. An empty set means any. *groups*: who may ask for it.

    The rest is what a request needs; None and empty ask for nothing. Times are seconds. *typed*: the approvers type
    the cluster's name even where the action does not want it.
    """

    actions: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    risks: frozenset[Risk] = frozenset()
    groups: frozenset[str] = frozenset()
    approvals: tuple[Slot, ...] = ()
    reason: bool = False
    ticket: str = ""
    typed: bool = False
    hours: str = ""
    approve_within_s: int | None = None
    execute_within_s: int | None = None
    cooldown_s: int = 0
    escalate_to: str | None = None


DEFAULTS: Mapping[Risk, Demand] = {
    Risk.READ: Demand(()),
    Risk.CHANGE: Demand((Slot(REQUESTER),)),
    Risk.DESTRUCTIVE: Demand((Slot(ANYONE),)),
}


def risk_of(command: Command) -> Risk:
    return RISKS.get((command.action.name, command.verb.name), Risk.DESTRUCTIVE)


def demand(command: Command, cluster: ClusterName, rules: Sequence[Rule]) -> Demand:
    """What a request for *command* needs: the safe default, and whatever any rule asks beyond it."""
    default = DEFAULTS[risk_of(command)]
    speaking = [rule for rule in rules if _speaks_of(rule, command, cluster)]
    return replace(
        default,
        slots=_slots(default, speaking),
        needs_reason=any(rule.reason for rule in speaking),
        typed=any(rule.typed for rule in speaking),
        tickets=tuple(sorted({rule.ticket for rule in speaking if rule.ticket})),
        hours=tuple(sorted({rule.hours for rule in speaking if rule.hours})),
        approve_within_s=min(_given(default.approve_within_s, (rule.approve_within_s for rule in speaking))),
        execute_within_s=min(_given(default.execute_within_s, (rule.execute_within_s for rule in speaking))),
        cooldown_s=max(rule.cooldown_s for rule in speaking) if speaking else 0,
        escalate_to=next((rule.escalate_to for rule in speaking if rule.escalate_to), None),
    )


def _slots(default: Demand, rules: Sequence[Rule]) -> tuple[Slot, ...]:
    """The most that any rule wants of each group; each of them takes somebody else than the requester, as the default."""
    most: dict[str, int] = {}
    for slot in (slot for rule in rules for slot in rule.approvals):
        most[slot.group] = max(slot.count, most.get(slot.group, 0))
    return tuple(Slot(group, count) for group, count in sorted(most.items())) or default.slots


def _given(default: int, values: Iterable[int | None]) -> list[int]:
    return [default, *(value for value in values if value is not None)]


def require(who: Who, command: Command, cluster: ClusterName | None, rules: Sequence[Rule]) -> None:
    """Raise `Refused`, with the reason, unless *who* may ask for *command* on *cluster* (None: on no cluster yet).

    Every rule that speaks of the command must be met: a rule can only ask for more.
    """
    if who.standing not in WELCOME:
        raise Refused(NOT_WELCOME[who.standing].fill(name=who.name))
    if who.standing is Standing.UNMAPPED and risk_of(command) is not Risk.READ:
        raise Refused(NOT_WELCOME[Standing.UNMAPPED].fill(name=who.name))
    for rule in rules:
        if rule.groups and _speaks_of(rule, command, cluster) and not who.groups & rule.groups:
            raise Refused(_not_in_group(who, rule).fill(action=command.action.name))


def closed(who: Who, command: Command, rules: Sequence[Rule]) -> dict[ClusterName, Text]:
    """The clusters on which *who* may not ask for *command*, each with the reason; of those that any rule names."""
    found: dict[ClusterName, Text] = {}
    for name in sorted({ClusterName(name) for rule in rules for name in rule.clusters}):
        try:
            require(who, command, name, rules)
        except Refused as refused:
            found[name] = refused.text
    return found


def _not_in_group(who: Who, rule: Rule) -> Text:
    unknown = sorted(rule.groups & who.unknown_groups.keys())
    if unknown:
        return GROUP_UNKNOWN.fill(groups=", ".join(unknown), reason=who.unknown_groups[unknown[0]])
    return NOT_IN_GROUP.fill(groups=", ".join(sorted(rule.groups)))


def _speaks_of(rule: Rule, command: Command, cluster: ClusterName | None) -> bool:
    return (
        (not rule.actions or command.action.name in rule.actions)
        and (not rule.risks or risk_of(command) in rule.risks)
        and (not rule.clusters or cluster in rule.clusters)
    )


WELCOME = frozenset({Standing.MEMBER, Standing.OPERATOR, Standing.UNMAPPED})
NOT_WELCOME: Mapping[Standing, Text] = {
    Standing.GUEST: Text(
        en="{name} is a guest in this workspace: only full members may use this bot",
        fr="{name} est un invité de cet espace de travail : seuls les membres à part entière peuvent utiliser ce bot",
    ),
    Standing.INVITED: Text(
        en="{name} has not joined this workspace yet: accept the invitation first",
        fr="{name} n'a pas encore rejoint cet espace de travail : acceptez d'abord l'invitation",
    ),
    Standing.BOT: Text(
        en="{name} is a bot: only people may use this bot", fr="{name} est un bot : seules des personnes l'utilisent"
    ),
    Standing.DEACTIVATED: Text(en="The account of {name} is deactivated", fr="Le compte de {name} est désactivé"),
    Standing.EXTERNAL: Text(
        en="{name} belongs to another organisation: only our own members may use this bot",
        fr="{name} appartient à une autre organisation : seuls nos propres membres peuvent utiliser ce bot",
    ),
    Standing.UNMAPPED: Text(
        en="The login {name} is not in [people] of the configuration, so it may only read",
        fr="Le compte système {name} n'est pas dans [people] de la configuration : il peut seulement lire",
    ),
}
NOT_IN_GROUP = Text(
    en="“{action}” is for members of: {groups}. Ask one of them, or the owner of the bot's configuration",
    fr="« {action} » est réservé aux membres de : {groups}. Adressez-vous à l'un d'eux ou au responsable du bot",
)
GROUP_UNKNOWN = Text(
    en="“{action}” is for members of {groups}, and Slack does not say who they are ({reason}). "
    "Try again in a minute, or name the people in [groups] of the configuration",
    fr="« {action} » est réservé aux membres de {groups}, et Slack ne dit pas qui ils sont ({reason}). "
    "Réessayez dans une minute, ou nommez les personnes dans [groups] de la configuration",
)
