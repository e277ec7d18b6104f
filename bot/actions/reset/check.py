"""What forbids `reset NODE`: all of it at once; and what its approvers must know."""

from __future__ import annotations

from typing import Any

from bot.action import EachNode, Finding, Level
from bot.actions.reset.facts import Args, Facts
from bot.cluster.identity import Identity
from bot.cluster.views import Views
from bot.cluster.vote_rules import quorum_of
from bot.names import NodeName
from bot.text import Text, counted


def check(args: Args, facts: Facts) -> list[Finding]:
    node = args.node
    if node not in facts.nodes:
        return [_no(NO_SUCH_NODE.fill(node=node, known=", ".join(facts.nodes)))]
    if node not in facts.identity.by_node:
        return [_no(SILENT.fill(node=node, why=facts.identity.silent[node]), CONSOLE.fill(node=node))]
    if facts.is_standalone(node):
        return [_no(ALREADY.fill(node=node))]
    return [
        *_another(node, facts.own(node), facts.rest(node)),
        *_guests(node, facts),
        *_mounts(node, facts),
        *_services(node, facts),
        *_ring(node, facts),
        *_consequences(node, facts),
    ]


def _no(text: Text, fix: Text | None = None) -> Finding:
    return Finding(Level.BAD, text, fix, blocks=True)


def _another(node: NodeName, identity: Identity, rest: Views) -> list[Finding]:
    """That it is the node that is meant: on another host, a member would vanish."""
    found = [_no(OTHER_HOST.fill(node=node, host=identity.host), CHECK_CONFIG)] if identity.host != node else []
    if identity.conf is None:
        return [*found, _no(HALF_WAY.fill(node=node), BY_HAND)]
    if rest.name and identity.cluster != rest.name:
        found.append(_no(OTHER_CLUSTER.fill(node=node, own=identity.cluster, rest=rest.name), CHECK_CONFIG))
    return found


def _guests(node: NodeName, facts: Facts) -> list[Finding]:
    """By its own copy of /etc/pve or by anybody's."""
    own = facts.guests.by_node.get(node)
    ids = sorted({id_ for each in facts.guests.by_node.values() for id_ in each.on(node)})
    found = [_no(GUESTS.fill(node=node, ids=", ".join(map(str, ids))), MOVE_AWAY)] if ids else []
    if own is not None and not own.mounted:
        found.append(_no(NO_PMXCFS.fill(node=node), START_PMXCFS.fill(node=node)))
    return found + _unknown(node, facts.guests, WHICH_GUESTS)


def _mounts(node: NodeName, facts: Facts) -> list[Finding]:
    own = facts.mounts.by_node.get(node)
    shared = ", ".join(f"{mount.target} ({mount.type})" for mount in own.shared) if own else ""
    found = [_no(SHARED.fill(node=node, mounts=shared), DETACH.fill(node=node))] if shared else []
    return found + _unknown(node, facts.mounts, WHAT_IS_MOUNTED)


def _services(node: NodeName, facts: Facts) -> list[Finding]:
    placed = {sid for ha in facts.ha.by_node.values() for sid, (on, _) in ha.services.items() if on == node}
    found = [_no(SERVICES.fill(node=node, services=", ".join(sorted(placed))), MOVE_SERVICES)] if placed else []
    return found + _unknown(node, facts.ha, WHICH_SERVICES)


def _ring(node: NodeName, facts: Facts) -> list[Finding]:
    view, best = facts.view(node), facts.rest(node).best
    is_member = best is not None and facts.node_id(node) in best.member_ids
    if _is_all_of_it(node, facts):
        found = [Finding(Level.NOTE, ENDS.fill(node=node, cluster=facts.own(node).cluster))]
    elif (view and view.quorate) or (best and best.quorate and is_member):
        found = [_no(HEALTHY.fill(node=node), USE_REMOVE.fill(node=node))]
    elif view and len(view.members) > 1:
        found = [_no(IN_RING.fill(node=node, count=len(view.members) - 1), RESTORE)]
    else:
        found = []
    if best and best.quorate and is_member:
        left = best.total - next(member.votes for member in best.members if member.id == facts.node_id(node))
        if left < quorum_of(best.expected):
            votes = counted(left, en=("vote", "votes"), fr=("voix", "voix"))
            found.append(_no(LOSES.fill(node=node, left=votes, needed=quorum_of(best.expected))))
    return found + _unknown(node, facts.quorum, ITS_RING)


def _is_all_of_it(node: NodeName, facts: Facts) -> bool:
    """Whether the cluster has no other node, as right after `create`, of which this is the way back."""
    conf = facts.own(node).conf
    return conf is not None and set(conf.nodes) == {node} and not facts.rest(node).ids


def _unknown(node: NodeName, asked: EachNode[Any], what: Text) -> list[Finding]:
    """No answer is no answer: nothing is separated on a guess."""
    return [_no(NOT_KNOWN.fill(node=node, what=what, why=asked.silent[node]))] if node in asked.silent else []


def _consequences(node: NodeName, facts: Facts) -> list[Finding]:
    rest = facts.rest(node)
    found = [Finding(Level.NOTE, BACKUP), Finding(Level.NOTE, LEFT_OVER), Finding(Level.NOTE, STORAGES.fill(node=node))]
    if not rest.seen:
        return [Finding(Level.WARNING, NOBODY_ELSE.fill(node=node)), *found]
    if rest.best is not None and not rest.best.quorate:
        found.insert(0, Finding(Level.WARNING, REST_WITHOUT_QUORUM))
    if node in rest.ids:
        found.append(Finding(Level.NOTE, STILL_LISTED.fill(node=node)))
    return found


NO_SUCH_NODE = Text(
    en="This cluster has no node “{node}”: it has {known}", fr="Ce cluster n'a pas de nœud « {node} » : il a {known}"
)
SILENT = Text(en="{node} does not answer: {why}", fr="{node} ne répond pas : {why}")
CONSOLE = Text(
    en="Repair the bot's way to {node} first: all of this runs on it",
    fr="Réparez d'abord l'accès du bot à {node} : tout se passe sur lui",
)
ALREADY = Text(
    en="{node} is in no cluster: there is nothing to separate", fr="{node} n'est dans aucun cluster : rien à séparer"
)
OTHER_HOST = Text(
    en="The host that answers as {node} is named {host}", fr="L'hôte qui répond comme {node} s'appelle {host}"
)
CHECK_CONFIG = Text(en="Check the nodes in config.toml", fr="Vérifiez les nœuds dans config.toml")
HALF_WAY = Text(
    en="{node} has no /etc/corosync/corosync.conf any more, but does not stand alone either",
    fr="{node} n'a plus de /etc/corosync/corosync.conf, mais n'est pas autonome non plus",
)
BY_HAND = Text(
    en="Finish by hand what was begun: docs/actions.md, “reset”",
    fr="Terminez à la main ce qui a été commencé : docs/actions.md, « reset »",
)
OTHER_CLUSTER = Text(
    en="{node} belongs to the cluster {own}, the others to {rest}",
    fr="{node} appartient au cluster {own}, les autres à {rest}",
)
GUESTS = Text(en="{node} has guests: {ids}", fr="{node} a des machines : {ids}")
MOVE_AWAY = Text(
    en="Migrate them, or stop them and move their files to another node in /etc/pve. If that was done while this node was cut "
    "off, its own copy is out of date: only a person at its console may decide",
    fr="Migrez-les, ou arrêtez-les et déplacez leurs fichiers vers un autre nœud dans /etc/pve. Si cela a été fait pendant que "
    "ce nœud était coupé, sa copie est périmée : seule une personne à sa console peut en décider",
)
NO_PMXCFS = Text(
    en="/etc/pve is not mounted on {node}, so nobody knows whether it has guests",
    fr="/etc/pve n'est pas monté sur {node} : personne ne sait s'il a des machines",
)
START_PMXCFS = Text(
    en="On {node}: systemctl start pve-cluster, then ask again",
    fr="Sur {node} : systemctl start pve-cluster, puis redemandez",
)
SHARED = Text(en="{node} has shared storage mounted: {mounts}", fr="{node} a du stockage partagé monté : {mounts}")
DETACH = Text(
    en="Two clusters on one storage destroy each other's disks. Leave {node} out of that storage's nodes, then unmount it there",
    fr="Deux clusters sur un même stockage détruisent leurs disques. Excluez {node} des nœuds de ce stockage, puis démontez-le",
)
SERVICES = Text(en="HA has services on {node}: {services}", fr="La HA a des services sur {node} : {services}")
MOVE_SERVICES = Text(
    en="Move them first; removing them from HA would lose their protection",
    fr="Déplacez-les d'abord ; les retirer de la HA leur ôterait sa protection",
)
ENDS = Text(
    en="{node} is all there is of the cluster {cluster}, which ends with this",
    fr="{node} est tout le cluster {cluster}, qui prend fin avec ceci",
)
HEALTHY = Text(
    en="{node} is a healthy member of a quorate ring", fr="{node} est un membre sain d'un anneau qui a le quorum"
)
USE_REMOVE = Text(
    en="To take it out for good: power it off, then on another node `pvecm delnode {node}` (pvecm(1)). "
    "This is for a node that is stuck or was removed",
    fr="Pour le retirer : éteignez-le, puis sur un autre nœud `pvecm delnode {node}` (pvecm(1)). "
    "Ceci est pour un nœud bloqué ou déjà retiré",
)
IN_RING = Text(
    en="{node} is in a ring with {count} more, without quorum: its vote counts for getting it back",
    fr="{node} est dans un anneau avec {count} autres, sans quorum : sa voix compte pour le retrouver",
)
RESTORE = Text(
    en="Restore the quorum first: /pve-cluster expected", fr="Rétablissez d'abord le quorum : /pve-cluster expected"
)
LOSES = Text(
    en="Without {node} the rest loses the quorum: {left} would be left of {needed} needed",
    fr="Sans {node} le reste perd le quorum : il resterait {left} sur les {needed} nécessaires",
)
NOT_KNOWN = Text(en="{node} does not say {what}: {why}", fr="{node} ne dit pas {what} : {why}")
WHICH_GUESTS = Text(en="which guests it has", fr="quelles machines il a")
WHAT_IS_MOUNTED = Text(en="what is mounted there", fr="ce qui y est monté")
WHICH_SERVICES = Text(en="which HA services are there", fr="quels services HA y sont")
ITS_RING = Text(en="whether its corosync is in a ring", fr="si son corosync est dans un anneau")
BACKUP = Text(
    en="/etc/pve, /etc/corosync and the database are copied on the node first; the output says where",
    fr="/etc/pve, /etc/corosync et la base sont d'abord copiés sur le nœud ; la sortie dit où",
)
LEFT_OVER = Text(
    en="Its copy of the other nodes' guests and of HA's list goes too: its own HA would take them over",
    fr="Sa copie des machines des autres nœuds et de la liste de la HA part aussi : sa propre HA les reprendrait",
)
STORAGES = Text(
    en="{node} keeps its storage.cfg: take shared storages out of it before guests are created there",
    fr="{node} garde son storage.cfg : ôtez-en les stockages partagés avant d'y créer des machines",
)
NOBODY_ELSE = Text(
    en="No other node says how the rest of the cluster is: {node} may be the last one that has its /etc/pve",
    fr="Aucun autre nœud ne dit comment va le reste du cluster : {node} est peut-être le dernier à avoir son /etc/pve",
)
REST_WITHOUT_QUORUM = Text(
    en="The rest has no quorum, which pvecm delnode needs afterwards",
    fr="Le reste n'a pas de quorum, dont pvecm delnode a besoin ensuite",
)
STILL_LISTED = Text(
    en="The rest still lists {node} and its vote: afterwards, pvecm delnode {node} on another node",
    fr="Le reste liste encore {node} et sa voix : ensuite, pvecm delnode {node} sur un autre nœud",
)
