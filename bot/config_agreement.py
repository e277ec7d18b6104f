"""Where two places of config.toml must agree. Looked at as written, so that it is told with every other mistake."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from bot.text import Text

ACCOUNT = re.compile(r"(?:(E\w+)/)?(T\w+)/([UW]\w+)")
ANYONE = "*"
SIGN = "@"  # demands name who asked `@requester`
# What a rule can ask for; one that asks for nothing protects nothing.
ASKS = (
    "groups",
    "approvals",
    "reason",
    "ticket",
    "typed",
    "hours",
    "approve_within_min",
    "execute_within_min",
    "cooldown_min",
    "escalate_to",
)
_NEEDED = {"socket": "app_token", "http": "signing_secret"}


def disagreements(document: Mapping[str, Any]) -> Iterator[Text]:
    """Raise nothing, whatever *document* holds: a value of another type is somebody else's mistake to tell."""
    yield from _transport(document)
    for name, cluster in _tables(document, "clusters"):
        yield from _nodes(f"clusters.{name}.nodes", cluster)
        yield from _inside(f"clusters.{name}.qnetd", cluster)
    yield from _two_clusters(document)
    yield from _two_defaults(document)
    yield from _reserved(document)
    yield from _two_escalations(document)
    yield from _undefined(document)
    yield from _shared(document, "people", ("accounts", "logins"))
    yield from _shared(document, "clusters", ("channels",))


def unknown_actions(document: Mapping[str, Any], actions: Collection[str]) -> Iterator[Text]:
    """A rule for an action that nobody can type protects nothing, and says nothing of it."""
    for number, rule in enumerate(_list(document, "policy")):
        for name in sorted(set(_words(rule, "actions")) - set(actions)):
            near = get_close_matches(name.lower(), sorted(actions), n=1)
            hint = NEAR.fill(near=near[0]) if near else KNOWN.fill(known=", ".join(sorted(actions)))
            yield NO_ACTION.fill(key=f"policy[{number}].actions", name=name, hint=hint)


def _transport(document: Mapping[str, Any]) -> Iterator[Text]:
    slack = document.get("slack")
    if not isinstance(slack, Mapping):
        return
    transport = slack.get("transport", "socket")
    needed = _NEEDED.get(transport) if isinstance(transport, str) else None
    if needed and needed not in slack:
        yield TRANSPORT.fill(key="slack", transport=transport, needed=needed)


def _nodes(key: str, cluster: Mapping[str, Any]) -> Iterator[Text]:
    if cluster.get("nodes") == []:
        yield NO_NODE.fill(key=key)
    names = [node.get("name") for node in _list(cluster, "nodes") if isinstance(node, Mapping)]
    for name in dict.fromkeys(name for name in names if isinstance(name, str) and names.count(name) > 1):
        yield TWICE.fill(key=key, name=name)


def _inside(key: str, cluster: Mapping[str, Any]) -> Iterator[Text]:
    """A QDevice on a node of its own cluster would fall with it, and its host is asked other things than a node."""
    qnetd = cluster.get("qnetd")
    if not isinstance(qnetd, Mapping):
        return
    for node in (node for node in _list(cluster, "nodes") if isinstance(node, Mapping)):
        name = node.get("name")
        if isinstance(name, str) and (name == qnetd.get("name") or _place(node) == _place(qnetd)):
            yield INSIDE.fill(key=key, name=name)


def _two_clusters(document: Mapping[str, Any]) -> Iterator[Text]:
    """One change at a time runs on a cluster; a node that is in two of them could be changed by two."""
    owners: dict[tuple[object, object], str] = {}
    for name, cluster in _tables(document, "clusters"):
        for node in (node for node in _list(cluster, "nodes") if isinstance(node, Mapping)):
            place = _place(node)
            if owners.setdefault(place, name) != name:
                yield SHARED.fill(key=f"clusters.{name}.nodes", word=place[0], other=owners[place])


def _place(host: Mapping[str, Any]) -> tuple[str, str]:
    return str(host.get("host")), str(host.get("port", 22))


def _two_defaults(document: Mapping[str, Any]) -> Iterator[Text]:
    """A command that names no cluster cannot mean two."""
    first, *others = [name for name, cluster in _tables(document, "clusters") if cluster.get("default") is True] or [""]
    for name in others:
        yield SHARED.fill(key=f"clusters.{name}", word="default", other=first)


def _undefined(document: Mapping[str, Any]) -> Iterator[Text]:
    """Names that nothing defines: a rule for a group that does not exist would lock people out, or let them in."""
    for number, rule in enumerate(_list(document, "policy")):
        for key in ("groups", "clusters"):
            defined = dict(_tables(document, key))
            yield from _unknown(f"policy[{number}].{key}", _words(rule, key), defined)
        if isinstance(rule, Mapping) and not any(rule.get(key) for key in ASKS):
            yield ASKS_NOTHING.fill(key=f"policy[{number}].groups")
        named = [one.get("group") for one in _list(rule, "approvals") if isinstance(one, Mapping)]
        yield from _unknown_groups(f"policy[{number}].approvals", [name for name in named if name != ANYONE], document)
        told = [rule.get("escalate_to")] if isinstance(rule, Mapping) else []
        yield from _unknown_groups(f"policy[{number}].escalate_to", told, document)
    glass = document.get("break_glass")
    if isinstance(glass, Mapping):
        yield from _unknown_groups("break_glass.group", [glass.get("group")], document)
    people = dict(_tables(document, "people"))
    for name, group in _tables(document, "groups"):
        by_name = [one for one in _words(group, "people") if not ACCOUNT.fullmatch(one)]
        yield from _unknown(f"groups.{name}.people", by_name, people)


def _reserved(document: Mapping[str, Any]) -> Iterator[Text]:
    """What would be taken for everybody, or for who asked: a rule could then ask for less than there is without it."""
    for name, _ in _tables(document, "groups"):
        if name == ANYONE or name.startswith(SIGN):
            yield RESERVED.fill(key="groups", name=name)


def _two_escalations(document: Mapping[str, Any]) -> Iterator[Text]:
    """One group is told when nobody answers; of two rules for one request, either would be silently dropped."""
    rules = [(number, rule) for number, rule in enumerate(_list(document, "policy")) if isinstance(rule, Mapping)]
    telling = [(number, rule) for number, rule in rules if isinstance(rule.get("escalate_to"), str)]
    for (first, one), (number, other) in combinations(telling, 2):
        if one["escalate_to"] != other["escalate_to"] and _may_meet(one, other):
            key, name = f"policy[{number}].escalate_to", f"policy[{first}]"
            yield ESCALATES.fill(key=key, word=one["escalate_to"], other=name)


def _may_meet(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both may speak of one request; nothing named is everything."""
    named = [(set(_words(one, key)), set(_words(other, key))) for key in ("actions", "clusters", "risks")]
    return all(mine & theirs or not (mine and theirs) for mine, theirs in named)


def _unknown_groups(key: str, named: Sequence[object], document: Mapping[str, Any]) -> Iterator[Text]:
    words = [name for name in named if isinstance(name, str)]
    yield from _unknown(key, words, dict(_tables(document, "groups")))


def _unknown(key: str, names: Sequence[str], defined: Mapping[str, object]) -> Iterator[Text]:
    for name in sorted(set(names) - defined.keys()):
        yield UNDEFINED.fill(key=key, name=name, known=", ".join(defined) or "—")


def _shared(document: Mapping[str, Any], table: str, keys: Sequence[str]) -> Iterator[Text]:
    """What says who is meant, a person's account or a cluster's channel, cannot mean two."""
    owners: dict[str, str] = {}
    for name, owner in _tables(document, table):
        for word in (word for key in keys for word in _words(owner, key)):
            if owners.setdefault(word, name) != name:
                yield SHARED.fill(key=f"{table}.{name}", word=word, other=owners[word])


def _tables(document: Mapping[str, Any], key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    tables = document.get(key)
    if isinstance(tables, Mapping):
        yield from ((name, table) for name, table in tables.items() if isinstance(table, Mapping))


def _list(table: Any, key: str) -> Sequence[Any]:
    value = table.get(key) if isinstance(table, Mapping) else None
    return value if isinstance(value, list) else ()


def _words(table: Any, key: str) -> list[str]:
    return [word for word in _list(table, key) if isinstance(word, str)]


TRANSPORT = Text(
    en="{key}: transport “{transport}” needs {needed}; add it",
    fr="{key} : le transport « {transport} » a besoin de {needed} ; ajoutez-le",
)
NO_NODE = Text(en="{key}: empty; list at least one node", fr="{key} : vide ; indiquez au moins un nœud")
TWICE = Text(
    en="{key}: node {name} is listed twice; keep one", fr="{key} : le nœud {name} figure deux fois ; n'en gardez qu'un"
)
INSIDE = Text(
    en="{key}: that is the node {name}; the QDevice's host must be outside the cluster, under another name",
    fr="{key} : c'est le nœud {name} ; l'hôte du QDevice doit être hors du cluster, sous un autre nom",
)
UNDEFINED = Text(
    en="{key}: “{name}” is not defined; defined are: {known}",
    fr="{key} : « {name} » n'est pas défini ; sont définis : {known}",
)
ESCALATES = Text(
    en="{key}: {other} tells “{word}” about the same requests; name one group in both",
    fr="{key} : {other} prévient « {word} » pour les mêmes demandes ; indiquez un même groupe dans les deux",
)
RESERVED = Text(
    en="{key}: no group may be called “{name}”; give it a name without * and @",
    fr="{key} : aucun groupe ne peut s'appeler « {name} » ; donnez-lui un nom sans * ni @",
)
SHARED = Text(
    en="{key}: {word} also belongs to {other}; remove it from one of them",
    fr="{key} : {word} appartient aussi à {other} ; retirez-le de l'un des deux",
)
NO_ACTION = Text(
    en="{key}: no action is called “{name}”; {hint}", fr="{key} : aucune action ne s'appelle « {name} » ; {hint}"
)
NEAR = Text(en="did you mean “{near}”?", fr="vouliez-vous dire « {near} » ?")
KNOWN = Text(en="there are: {known}", fr="il y a : {known}")
ASKS_NOTHING = Text(
    en="{key}: the rule asks for nothing; name groups, approvals, or what else it wants",
    fr="{key} : la règle ne demande rien ; indiquez des groupes, des approbations, ou ce qu'elle exige d'autre",
)
