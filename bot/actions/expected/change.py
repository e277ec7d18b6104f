"""expected N: lower the expected votes on a surviving side, when the others are known to be off."""

from __future__ import annotations

from dataclasses import dataclass

from bot.action import EachNode, Finding, Json, Level, Report, Step, Votes
from bot.cluster.api_status import ApiStatus
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.guests import Guests
from bot.cluster.ha import Ha
from bot.cluster.members import Members
from bot.cluster.quorum import Quorum, View
from bot.cluster.views import Views
from bot.cluster.views_data import votes_data
from bot.cluster.vote_rules import outcome, proposal, survived_failures
from bot.names import NodeName, Number
from bot.text import Text, same


@dataclass(frozen=True)
class Args:
    n: Number


@dataclass(frozen=True)
class Facts:
    quorum: EachNode[Quorum]
    members: EachNode[Members]
    conf: EachNode[CorosyncConf]
    guests: EachNode[Guests]
    ha: EachNode[Ha]
    api: EachNode[ApiStatus]

    @property
    def views(self) -> Views:
        return Views(self.quorum, self.members, self.conf)

    @property
    def view(self) -> View:
        """Of the side that counts; `check` refuses where there is none."""
        view = self.views.best
        if view is None:
            raise ValueError("no node has a view of the quorum")
        return view

    @property
    def absent(self) -> tuple[NodeName, ...]:
        """The nodes of the cluster that are not in the ring of this side."""
        return tuple(node for node, id_ in self.views.ids.items() if id_ not in self.view.member_ids)

    @property
    def stopped(self) -> tuple[NodeName, ...]:
        """Absent, but up: they answer, and say that their corosync does not run."""
        heard = self.quorum.by_node
        return tuple(node for node in self.absent if node in heard and heard[node].view is None)

    @property
    def silent(self) -> tuple[NodeName, ...]:
        return tuple(node for node in self.absent if node not in self.quorum.by_node)

    @property
    def survivor(self) -> NodeName:
        """Where the number is set: the node of this side with the lowest id that answers."""
        seen = [node for node, view in self.views.seen.items() if view.node_id in self.view.member_ids]
        return min(seen, key=lambda node: (self.views.ids.get(node, 0), node))


def words(args: Args, facts: Facts) -> Text:
    return WORDS.fill(n=args.n, votes=facts.view.total, cluster=facts.views.name, node=facts.survivor)


def check(args: Args, facts: Facts) -> list[Finding]:
    if facts.views.best is None:
        return [Finding(Level.BAD, STANDALONE if facts.views.standalone else NO_VIEW, blocks=True)]
    return [*_by_corosync(args, facts.view), *_alive(facts), *_half_alive(facts), *_consequences(facts)]


def _by_corosync(args: Args, view: View) -> list[Finding]:
    """Corosync's own rule, before anybody is asked (votequorum.c)."""
    n, found = int(args.n), outcome(view, int(args.n))
    right = proposal(view)
    fix = TRY.fill(n=right) if right else None
    if n < view.total:
        return [Finding(Level.BAD, TOO_LOW.fill(n=n, votes=view.total), fix, blocks=True)]
    if not found.accepted:
        values = {"n": n, "needed": n // 2 + 1, "votes": view.total}
        return [Finding(Level.BAD, TOO_HIGH.fill(**values), blocks=True)]
    if not found.quorate:
        return [Finding(Level.BAD, USELESS.fill(n=n, needed=found.needed, votes=view.total), fix, blocks=True)]
    if n == view.expected:
        return [Finding(Level.BAD, ALREADY.fill(n=n), blocks=True)]
    if view.quorate:
        return [_on_quorate(n, view)]
    return []


def _on_quorate(n: int, view: View) -> Finding:
    """With quorum there is no emergency: raising makes it fragile, lowering takes away what guards against a split."""
    text = RAISES if n > view.expected else LOWERS
    return Finding(Level.BAD, text.fill(n=n, expected=view.expected, votes=view.total), blocks=True)


def _alive(facts: Facts) -> list[Finding]:
    """A node that is alive on another side: no approval can override that."""
    found: list[Finding] = []
    for node in facts.absent:
        view = facts.views.seen.get(node)
        if view is not None:
            found.append(Finding(Level.BAD, OTHER_SIDE.fill(node=node), LINKS, blocks=True))
        elif node in facts.api.by_node and facts.api.by_node[node].quorate:
            found.append(Finding(Level.BAD, QUORATE_BY_API.fill(node=node), LINKS, blocks=True))
        elif node in facts.members.by_node and facts.members.by_node[node].quorate:
            found.append(Finding(Level.BAD, QUORATE_BY_FILES.fill(node=node), LINKS, blocks=True))
    return found


def _half_alive(facts: Facts) -> list[Finding]:
    found = [
        Finding(Level.WARNING, STOPPED.fill(node=n, guests=_running(facts, n)), KEPT_STOPPED) for n in facts.stopped
    ]
    answering = [n for n in facts.silent if n in facts.api.by_node]
    found += [Finding(Level.WARNING, ONLY_API.fill(node=node), POWER_OFF.fill(node=node)) for node in answering]
    return found


def _running(facts: Facts, node: NodeName) -> int:
    own = facts.guests.by_node.get(node)
    return own.on(node).running if own else 0


def _consequences(facts: Facts) -> list[Finding]:
    found = [Finding(Level.WARNING, DANGER.fill(nodes=", ".join(facts.absent)))] if facts.absent else []
    armed = sorted({node for ha in facts.ha.by_node.values() for node in ha.armed})
    if armed:
        found.append(Finding(Level.WARNING, WATCHDOG.fill(seconds=Ha.WATCHDOG_S, nodes=", ".join(armed))))
    return [*found, Finding(Level.NOTE, CLIMBS)]


def plan(args: Args, facts: Facts) -> tuple[Step, ...]:
    """Where corosync is stopped on a node that is up, it is kept from starting in the middle."""
    hold = [
        Step(node, HOLD.fill(node=node), ("systemctl", "mask", "--runtime", "corosync"), _is_down(node))
        for node in facts.stopped
    ]
    free = [
        Step(node, FREE.fill(node=node), ("systemctl", "unmask", "--runtime", "corosync")) for node in facts.stopped
    ]
    guard = _unchanged(facts)
    lower = Step(facts.survivor, SET.fill(n=args.n), ("pvecm", "expected", str(int(args.n))), guard, timeout_s=30)
    return (*hold, lower, *free)


def _is_down(node: NodeName) -> str:
    return f'set -eu\n[ "$(hostname)" = {node} ]\n! systemctl is-active --quiet corosync\n'


def _unchanged(facts: Facts) -> str:
    """On the node itself, right before: the same host, ring and votes as those that were approved."""
    view = facts.view
    ring = " ".join(f"0x{member:08x}" for member in sorted(view.member_ids))
    return (
        "set -eu\n"
        f'[ "$(hostname)" = {facts.survivor} ]\n'
        "said=$(corosync-quorumtool -siH) || [ $? -eq 2 ]\n"
        f'[ "$(echo "$said" | sed -n "s/^Total votes: *//p")" = {view.total} ]\n'
        f'[ "$(echo "$said" | sed -n "s/^Expected votes: *//p")" = {view.expected} ]\n'
        f'[ "$(echo "$said" | sed -n "s/^Quorate: *//p")" = {"Yes" if view.quorate else "No"} ]\n'
        'ring=$(echo "$said" | sed -n "s/^ *\\(0x[0-9a-f]*\\) .*/\\1/p" | grep -v 0x00000000 | sort | tr "\\n" " ")\n'
        f'[ "$ring" = "{ring} " ]\n'
    )


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


def undo(_args: Args, facts: Facts) -> Text:
    return UNDO.fill(expected=facts.view.expected)


def confirm(_args: Args, facts: Facts) -> str:
    return facts.views.name


def statement(_args: Args, facts: Facts) -> Text | None:
    return HOW_KNOWN.fill(nodes=", ".join(facts.silent)) if facts.silent else None


def report(args: Args, _before: Facts, after: Facts) -> Report:
    view = after.views.best
    if view is None:
        return Report(Level.UNKNOWN, NOT_SEEN, data={"quorate": None})
    level, text = (Level.GOOD, QUORATE) if view.quorate else (Level.BAD, STILL_NONE)
    headline = text.fill(votes=view.total, expected=view.expected, needed=view.needed, n=args.n)
    return Report(level, headline, next=(same("/pve-cluster status"),), data=votes_data(after.views, view))


WORDS = Text(
    en="Set the expected votes of {cluster} to {n}, where {votes} are present (on {node})",
    fr="Régler les voix attendues de {cluster} à {n}, avec {votes} présentes (sur {node})",
)
SET = Text(en="Set the expected votes to {n}", fr="Régler les voix attendues à {n}")
HOLD = Text(
    en="Keep corosync on {node} from starting meanwhile", fr="Empêcher corosync de démarrer sur {node} entre-temps"
)
FREE = Text(en="Let corosync on {node} start again", fr="Permettre à corosync de redémarrer sur {node}")
STANDALONE = Text(en="Not in a cluster: there are no votes", fr="Pas de cluster : il n'y a pas de voix")
NO_VIEW = Text(
    en="No node could say how the votes stand: start corosync on one",
    fr="Aucun nœud n'a pu dire où en sont les voix : démarrez corosync sur l'un d'eux",
)
TOO_LOW = Text(
    en="corosync refuses {n}: it is below the {votes} votes that are present",
    fr="corosync refuse {n} : c'est moins que les {votes} voix présentes",
)
TOO_HIGH = Text(
    en="corosync refuses {n}: that needs {needed} votes, {votes} are present, and the quorum would be lost",
    fr="corosync refuse {n} : il faudrait {needed} voix, {votes} sont présentes, et le quorum serait perdu",
)
USELESS = Text(
    en="{n} would change nothing: that needs {needed} votes, and {votes} are present",
    fr="{n} ne changerait rien : il faudrait {needed} voix, et {votes} sont présentes",
)
TRY = Text(en="To restore quorum: expected {n}", fr="Pour rétablir le quorum : expected {n}")
ALREADY = Text(en="{n} votes are expected already", fr="{n} voix sont déjà attendues")
RAISES = Text(
    en="There is quorum with {votes} of {expected} votes; expecting {n} adds no vote, it only makes the next failure fatal",
    fr="Il y a quorum avec {votes} voix sur {expected} ; en attendre {n} n'ajoute aucune voix et rend la panne suivante fatale",
)
LOWERS = Text(
    en="There is quorum with {votes} of {expected} votes: lowering it to {n} only removes what guards against a split",
    fr="Il y a quorum avec {votes} voix sur {expected} : l'abaisser à {n} ne fait qu'ôter la protection contre la scission",
)
OTHER_SIDE = Text(
    en="{node} is alive: its corosync runs in another partition. Two sides would have quorum at once",
    fr="{node} est vivant : son corosync tourne dans une autre partition. Deux côtés auraient le quorum en même temps",
)
QUORATE_BY_API = Text(
    en="{node} is alive and has quorum, says its API on port 8006",
    fr="{node} est vivant et a le quorum, dit son API sur le port 8006",
)
QUORATE_BY_FILES = Text(
    en="{node} is alive: its /etc/pve says that it has quorum",
    fr="{node} est vivant : son /etc/pve dit qu'il a le quorum",
)
LINKS = Text(
    en="Repair the links instead: /pve-cluster links status", fr="Réparez plutôt les liens : /pve-cluster links status"
)
STOPPED = Text(
    en="{node} is up with corosync stopped; {guests} of its guests run there",
    fr="{node} est allumé, corosync arrêté ; {guests} de ses machines y tournent",
)
KEPT_STOPPED = Text(
    en="Its corosync is kept from starting while this runs; repair it afterwards",
    fr="Son corosync est empêché de démarrer pendant l'opération ; réparez-le ensuite",
)
ONLY_API = Text(
    en="{node} does not answer over SSH, but its API does: it is not off",
    fr="{node} ne répond pas en SSH, mais son API répond : il n'est pas éteint",
)
POWER_OFF = Text(en="Power {node} off, or repair it", fr="Éteignez {node}, ou réparez-le")
DANGER = Text(
    en="If one of these still runs, guests start twice and destroy their disks: {nodes}",
    fr="Si l'un d'eux tourne encore, des machines démarrent en double et détruisent leurs disques : {nodes}",
)
WATCHDOG = Text(
    en="HA is armed: {nodes} reset themselves {seconds} s after the quorum is lost, and HA restarts their services elsewhere "
    "once there is quorum",
    fr="La HA est armée : {nodes} se réinitialisent {seconds} s après la perte du quorum, et la HA relance leurs services "
    "ailleurs dès qu'il y a quorum",
)
CLIMBS = Text(
    en="The number is not kept: it climbs again as nodes come back, and a reload of corosync.conf recomputes it",
    fr="Le nombre n'est pas conservé : il remonte au retour des nœuds, et recharger corosync.conf le recalcule",
)
UNDO = Text(
    en="It undoes itself: as the missing nodes come back, the expected votes climb to {expected} again. "
    "If a step stops half-way: systemctl unmask --runtime corosync on the nodes that were held",
    fr="Cela s'annule de soi-même : au retour des nœuds absents, les voix attendues remontent à {expected}. "
    "Si une étape s'arrête à mi-chemin : systemctl unmask --runtime corosync sur les nœuds retenus",
)
HOW_KNOWN = Text(en="How do you know that {nodes} are off?", fr="Comment savez-vous que {nodes} sont éteints ?")
QUORATE = Text(
    en="Quorum: {votes} votes of {expected} expected, {needed} needed",
    fr="Quorum : {votes} voix sur {expected} attendues, {needed} nécessaires",
)
STILL_NONE = Text(
    en="Still no quorum: {votes} votes of {expected} expected, {needed} needed; {n} was set",
    fr="Toujours pas de quorum : {votes} voix sur {expected} attendues, {needed} nécessaires ; {n} était demandé",
)
NOT_SEEN = Text(en="No node can say how the votes stand now", fr="Aucun nœud ne peut dire où en sont les voix")
