"""expected without a number: the vote arithmetic, and what another number of expected votes would do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.action import Cell, EachNode, Finding, Json, Level, NoArgs, Report, Table
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.members import Members
from bot.cluster.quorum import Quorum, View
from bot.cluster.views import Views, findings
from bot.cluster.views_data import votes_data
from bot.cluster.vote_rules import Outcome, outcomes, proposal, survived_failures
from bot.text import Text, counted, same

_MOST_ROWS = 12


@dataclass(frozen=True)
class Facts:
    quorum: EachNode[Quorum]
    members: EachNode[Members]
    conf: EachNode[CorosyncConf]


def report(_args: NoArgs, facts: Facts, _after: Facts) -> Report:
    views = Views(facts.quorum, facts.members, facts.conf)
    found = findings(views)
    view = views.best
    if view is None:
        level = Level.NOTE if views.standalone else Level.UNKNOWN
        return Report(level, STANDALONE if views.standalone else NO_VIEW, findings=found, data={"quorate": None})
    return Report(
        level=Level.UNKNOWN if views.unheard else Level.GOOD if view.quorate else Level.BAD,
        headline=_headline(views, view),
        pairs=_pairs(views, view),
        findings=(*_dangers(views, view), *found),
        tables=(_table(view),),
        next=tuple(same(f"/pve-cluster {command}") for command in ("status", "nodes")),
        data=_data(views, view),
    )


def _headline(views: Views, view: View) -> Text:
    if views.unheard:
        text = ONE_SIDE if view.total else ONE_SIDE_WITHOUT_VOTES
        return text.fill(heard=", ".join(views.heard), unheard=", ".join(views.unheard), n=proposal(view))
    n = proposal(view)
    if n is None:
        return NOTHING_TO_DO.fill(votes=view.total, expected=view.expected) if view.quorate else NO_VOTES
    votes = counted(view.total, en=("vote", "votes"), fr=("voix", "voix"))
    return PROPOSED.fill(n=n, votes=votes, needed=view.needed)


def _pairs(views: Views, view: View) -> tuple[tuple[Text, Cell], ...]:
    numbers = (
        (PRESENT, view.total),
        (EXPECTED, view.expected),
        (HIGHEST, view.highest),
        (NEEDED, view.needed),
    )
    survives = UNKNOWN if views.unheard else str(survived_failures(view))
    return (*((name, str(number)) for name, number in numbers), (SURVIVES, survives))


def _table(view: View) -> Table:
    shown = outcomes(view)
    first = max(0, min(view.total - shown[0].n - 3, len(shown) - _MOST_ROWS))
    rows = tuple(_row(each, view) for each in shown[first : first + _MOST_ROWS])
    return Table((N, ANSWER, QUORUM_AFTER, QUORATE, SURVIVES), rows, title=WHAT_N_DOES)


def _row(each: Outcome, view: View) -> tuple[Cell, ...]:
    name = f"{each.n} ←" if each.n == view.expected else str(each.n)
    if not each.accepted:
        return (name, TOO_LOW if each.n < view.total else TOO_HIGH, "—", "—", "—")
    answer = ACCEPTED if each.quorate else USELESS
    return (name, answer, str(each.needed), YES if each.quorate else NO, str(each.survives))


def _dangers(views: Views, view: View) -> tuple[Finding, ...]:
    if view.quorate:
        return (Finding(Level.NOTE, RAISING, None),) if view.expected >= view.total else ()
    answering = [n for n in views.missing() if n in views.quorum.by_node or n in views.members.by_node]
    return (
        *(Finding(Level.BAD, STILL_ALIVE.fill(node=node), POWER_OFF.fill(node=node)) for node in answering),
        Finding(Level.WARNING, LAST_RESORT, PROVE_OFF.fill(nodes=", ".join(views.missing()) or "—")),
        Finding(Level.NOTE, NOT_LASTING),
    )


def _data(views: Views, view: View) -> dict[str, Json]:
    return {
        **votes_data(views, view),
        "proposal": proposal(view),
        "only_if_off": [*views.unheard],
        "outcomes": [
            {"n": o.n, "accepted": o.accepted, "needed": o.needed, "quorate": o.quorate, "survives": o.survives}
            for o in outcomes(view)
        ],
    }


NOTHING_TO_DO = Text(
    en="There is quorum with {votes} of {expected} votes: the expected votes need no change",
    fr="Il y a quorum avec {votes} voix sur {expected} : les voix attendues n'ont pas à changer",
)
PROPOSED = Text(
    en="No quorum: {votes} of {needed} needed. As a last resort, expected {n} would restore it",
    fr="Pas de quorum : {votes} sur les {needed} nécessaires. En dernier recours, expected {n} le rétablirait",
)
ONE_SIDE = Text(
    en="No quorum on {heard}. Whether there is quorum among {unheard} is unknown. Only if they are all off, as a last "
    "resort: expected {n}",
    fr="Pas de quorum sur {heard}. On ne sait pas s'il y a quorum parmi {unheard}. Seulement s'ils sont tous éteints, en "
    "dernier recours : expected {n}",
)
ONE_SIDE_WITHOUT_VOTES = Text(
    en="No quorum and no vote on {heard}; whether there is quorum among {unheard} is unknown",
    fr="Ni quorum ni voix sur {heard} ; on ne sait pas s'il y a quorum parmi {unheard}",
)
UNKNOWN = Text(en="unknown", fr="inconnu")
NO_VOTES = Text(
    en="No quorum and no vote: no number of expected votes helps",
    fr="Ni quorum ni voix : aucun nombre de voix attendues n'aide",
)
NO_VIEW = Text(en="No node could say how the votes stand", fr="Aucun nœud n'a pu dire où en sont les voix")
STANDALONE = Text(
    en="Not in a cluster: there are no votes to count", fr="Pas de cluster : il n'y a pas de voix à compter"
)
PRESENT = Text(en="Votes present", fr="Voix présentes")
EXPECTED = Text(en="Expected votes", fr="Voix attendues")
HIGHEST = Text(en="Highest expected", fr="Maximum attendu")
NEEDED = Text(en="Votes needed", fr="Voix nécessaires")
SURVIVES = Text(en="Failures survived", fr="Pannes supportées")
WHAT_N_DOES = Text(en="What each number would do (← now)", fr="Ce que ferait chaque nombre (← actuel)")
N = Text(en="N", fr="N")
ANSWER = Text(en="corosync says", fr="corosync répond")
QUORUM_AFTER = Text(en="Votes needed", fr="Voix nécessaires")
QUORATE = Text(en="Quorum", fr="Quorum")
ACCEPTED = Text(en="accepted", fr="accepté")
USELESS = Text(en="accepted, useless", fr="accepté, inutile")
TOO_LOW = Text(en="refused: below the votes present", fr="refusé : moins que les voix présentes")
TOO_HIGH = Text(en="refused: it would end the quorum", fr="refusé : le quorum serait perdu")
YES = Text(en="yes", fr="oui")
NO = Text(en="no", fr="non")
RAISING = Text(
    en="A higher number only makes the cluster more fragile: more votes are needed, none is added",
    fr="Un nombre plus grand ne fait que fragiliser : il faut plus de voix, aucune ne s'ajoute",
)
STILL_ALIVE = Text(
    en="{node} is missing from the ring but answers the bot: it is not off, and its guests may be running",
    fr="{node} manque à l'anneau mais répond au bot : il n'est pas éteint, ses machines tournent peut-être",
)
POWER_OFF = Text(
    en="Repair its corosync (/pve-cluster corosync log {node}), or power it off",
    fr="Réparez son corosync (/pve-cluster corosync log {node}), ou éteignez-le",
)
LAST_RESORT = Text(
    en="Lowering the expected votes while a missing node still runs starts guests twice and destroys their disks",
    fr="Baisser les voix attendues quand un nœud absent tourne encore démarre des machines en double et détruit leurs disques",
)
PROVE_OFF = Text(
    en="First make sure that these are powered off: {nodes}",
    fr="Assurez-vous d'abord que ceux-ci sont éteints : {nodes}",
)
NOT_LASTING = Text(
    en="The number is not kept: it climbs again as nodes return, and a reload of corosync.conf recomputes it",
    fr="Le nombre n'est pas conservé : il remonte au retour des nœuds, et recharger corosync.conf le recalcule",
)
