"""expected N: lower the expected votes on a surviving side, when the others are known to be off."""

from __future__ import annotations

from bot.action import Json, Level, Report, Step, Votes
from bot.actions.expected.facts import Args, Facts
from bot.cluster import guard
from bot.cluster.views_data import votes_data
from bot.cluster.vote_rules import outcome, survived_failures
from bot.names import NodeName
from bot.text import Text, counted, same

SETTLE_S = 15


def words(args: Args, facts: Facts) -> Text:
    return WORDS.fill(n=args.n, votes=_votes(facts.view.total), cluster=facts.views.name, node=facts.survivor)


def plan(args: Args, facts: Facts) -> tuple[Step, ...]:
    """Where corosync is stopped on a node that is up, it is kept from starting in the middle."""
    lower = Step(
        facts.survivor, SET.fill(n=args.n), ("pvecm", "expected", str(int(args.n))), _unchanged(facts), timeout_s=30
    )
    return (*map(_hold, facts.stopped), lower, *map(_free, facts.stopped))


def _hold(node: NodeName) -> Step:
    is_still_down = guard.guard(guard.host(node), guard.corosync_is_down())
    return Step(node, HOLD.fill(node=node), ("systemctl", "mask", "--runtime", "corosync"), is_still_down)


def _free(node: NodeName) -> Step:
    argv = ("systemctl", "unmask", "--runtime", "corosync")
    return Step(node, FREE.fill(node=node), argv, guard.guard(guard.host(node)))


def _unchanged(facts: Facts) -> str:
    """On the node itself, right before: the same host, cluster, ring and votes as those that were approved."""
    conf = facts.own_conf
    version = conf.version if conf else 0
    return guard.guard(guard.host(facts.survivor), *guard.conf(facts.views.name, version), *guard.ring(facts.view))


def rests_on(_args: Args, facts: Facts) -> dict[str, Json]:
    view, views = facts.view, facts.views
    absent: dict[str, Json] = {node: "stopped" if node in facts.stopped else "silent" for node in facts.absent}
    return {
        "cluster": views.name,
        "config_version": views.file.version if views.file else None,
        "ring": [*sorted(view.member_ids)],
        "votes": view.total,
        "expected": view.expected,
        "quorate": view.quorate,
        "absent": absent,
    }


def votes(args: Args, facts: Facts) -> tuple[Votes, Votes]:
    view, after = facts.view, outcome(facts.view, int(args.n))
    before = Votes(view.total, view.expected, view.needed, view.quorate, survived_failures(view))
    return before, Votes(view.total, int(args.n), after.needed, after.quorate, after.survives)


def _votes(n: int) -> Text:
    return counted(n, en=("vote", "votes"), fr=("voix", "voix"))


def undo(_args: Args, facts: Facts) -> Text:
    climbs = UNDO.fill(expected=facts.view.expected)
    return UNDO_HELD.fill(climbs=climbs, nodes=", ".join(facts.stopped)) if facts.stopped else climbs


def confirm(_args: Args, facts: Facts) -> str:
    return facts.views.name


def statement(_args: Args, facts: Facts) -> Text | None:
    return HOW_KNOWN.fill(nodes=", ".join(facts.silent)) if facts.silent else None


def report(args: Args, _before: Facts, after: Facts) -> Report:
    if after.views.best is None:
        return Report(Level.UNKNOWN, NOT_SEEN, data={"quorate": None})
    view = after.view
    level, text = _verdict(after)
    headline = text.fill(votes=_votes(view.total), expected=view.expected, needed=view.needed, n=args.n)
    return Report(level, headline, next=(same("/pve-cluster status"),), data=votes_data(after.views, view))


def _verdict(after: Facts) -> tuple[Level, Text]:
    """Quorum alone mends nothing: what people wait for is that /etc/pve can be written again, some seconds later."""
    if not after.view.quorate:
        return Level.BAD, STILL_NONE
    can_write = any(after.members.by_node[node].quorate for node in after.side if node in after.members.by_node)
    return (Level.GOOD, QUORATE) if can_write else (Level.WARNING, READ_ONLY)


WORDS = Text(
    en="Set the expected votes of {cluster} to {n}, with {votes} present (on {node})",
    fr="Régler les voix attendues de {cluster} à {n} ; présence : {votes} (sur {node})",
)
SET = Text(en="Set the expected votes to {n}", fr="Régler les voix attendues à {n}")
HOLD = Text(
    en="Keep corosync on {node} from starting meanwhile", fr="Empêcher corosync de démarrer sur {node} entre-temps"
)
FREE = Text(en="Let corosync on {node} start again", fr="Permettre à corosync de redémarrer sur {node}")
UNDO = Text(
    en="It undoes itself: as the missing nodes come back, the expected votes climb to {expected} again",
    fr="Cela s'annule de soi-même : au retour des nœuds absents, les voix attendues remontent à {expected}",
)
UNDO_HELD = Text(
    en="{climbs}. If it stops half-way, on each of {nodes}: systemctl unmask --runtime corosync",
    fr="{climbs}. En cas d'arrêt à mi-chemin, sur chacun de {nodes} : systemctl unmask --runtime corosync",
)
HOW_KNOWN = Text(
    en="How do you know that these are off: {nodes}?", fr="Comment savez-vous que ceux-ci sont éteints : {nodes} ?"
)
QUORATE = Text(
    en="Quorum: {votes} of {expected} expected, {needed} needed",
    fr="Quorum : {votes} sur {expected} attendues, {needed} nécessaires",
)
READ_ONLY = Text(
    en="Quorum: {votes} of {expected} expected, {needed} needed; but /etc/pve is still read-only",
    fr="Quorum : {votes} sur {expected} attendues, {needed} nécessaires ; mais /etc/pve est encore en lecture seule",
)
STILL_NONE = Text(
    en="Still no quorum: {votes} of {expected} expected, {needed} needed; {n} was set",
    fr="Toujours pas de quorum : {votes} sur {expected} attendues, {needed} nécessaires ; {n} était demandé",
)
NOT_SEEN = Text(en="No node can say how the votes stand now", fr="Aucun nœud ne peut dire où en sont les voix")
