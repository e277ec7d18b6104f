"""The votes before and after a removal, and whether all members see the same cluster and can be written to."""

from __future__ import annotations

from collections.abc import Mapping

from bot.action import Finding, Level, Votes
from bot.actions.remove import refusals
from bot.actions.remove.facts import Removal
from bot.cluster.conf_change import EXPIRES_S, LOCK, NEW
from bot.cluster.quorum import View
from bot.cluster.views import side_by_side
from bot.cluster.vote_rules import quorum_of, survived_failures, survives, voters
from bot.names import NodeName
from bot.text import Text


def before(removal: Removal) -> Votes:
    view = removal.view
    return Votes(view.total, view.expected, view.needed, view.quorate, survived_failures(view))


def after(removal: Removal) -> Votes:
    """Of the file as `delnode` leaves it: a reload counts anew what it lists, whatever was expected in between."""
    view, conf = removal.view, removal.conf
    listed = {name: node.votes for name, node in conf.nodes.items()} if conf else {}
    device = conf.device.votes if conf and conf.device else 0
    expected = sum(listed.values()) + device - listed.get(removal.node, 0)
    needed = quorum_of(expected)
    return Votes(view.total, expected, needed, view.total >= needed, survives(voters(view), needed))


def check(removal: Removal) -> list[Finding]:
    """What forbids it, by the votes and by those who count them."""
    return [*_writable(removal), *_silent(removal), *_disagreeing(removal), *_strays(removal), *_changing(removal)]


def no(text: Text, fix: Text | None = None) -> Finding:
    return Finding(Level.BAD, text, fix, blocks=True)


def _writable(removal: Removal) -> list[Finding]:
    view, then = removal.view, after(removal)
    if not view.quorate:
        return [no(refusals.NO_QUORUM.fill(votes=view.total, needed=view.needed), EXPECTED)]
    found = [no(refusals.READ_ONLY.fill(executor=removal.executor), WAIT)] if not can_write(removal) else []
    if not then.quorate:
        lost = {"needed": then.needed, "expected": then.expected, "votes": then.present}
        found.append(no(refusals.LOSES_QUORUM.fill(node=removal.node, **lost), BRING_BACK))
    return found


def can_write(removal: Removal) -> bool:
    own = removal.facts.members.by_node.get(removal.executor)
    return own is not None and own.quorate


def _silent(removal: Removal) -> list[Finding]:
    """Members whose own view is missing: of the ring, or of what they list."""
    return [
        no(refusals.MEMBER_SILENT.fill(member=member, node=removal.node, why=why), TELL_THE_BOT.fill(member=member))
        for member, why in silent(removal).items()
    ]


def silent(removal: Removal) -> dict[NodeName, Text]:
    facts = removal.facts
    of_ring = {member: facts.quorum.silent.get(member, UNCONFIGURED) for member in removal.silent_members}
    asked = (facts.members, facts.conf)
    return of_ring | {name: each.silent[name] for name in removal.ring for each in asked if name in each.silent}


def _disagreeing(removal: Removal) -> list[Finding]:
    """Of another cluster's node the numbers may all be alike: it is told by its name alone."""
    ring, confs = removal.ring, removal.views.conf.by_node
    compared: tuple[tuple[Text, Mapping[NodeName, object]], ...] = (
        (CLUSTER, {name: conf.name for name, conf in confs.items()}),
        (WHO, {name: _ids(view) for name, view in ring.items()}),
        (EXPECTED_VOTES, {name: view.expected for name, view in ring.items()}),
        (VERSION, {name: conf.version for name, conf in confs.items() if name in ring}),
    )
    return [
        no(refusals.MEMBERS_DISAGREE.fill(what=what, views=side_by_side(said)), ASK_AGAIN)
        for what, said in compared
        if len(set(said.values())) > 1
    ]


def _ids(view: View) -> str:
    return ",".join(map(str, sorted(view.member_ids)))


def _strays(removal: Removal) -> list[Finding]:
    """Others that are not in the ring: one that is up goes on with its old file."""
    up = [other for other in removal.absent if removal.answers(other) or other in removal.facts.api.by_node]
    return [no(refusals.OTHER_ALIVE.fill(other=other, node=removal.node), REPAIR.fill(other=other)) for other in up]


def _changing(removal: Removal) -> list[Finding]:
    return changing(removal, refusals.CHANGING)


def changing(removal: Removal, text: Text) -> list[Finding]:
    found = removal.facts.change.by_node.get(removal.executor)
    if found is None:
        return []
    locked = [no(text.fill(path=LOCK), EXPIRES.fill(seconds=EXPIRES_S))] if found.locked else []
    return [*locked, *([no(text.fill(path=NEW), FINISH.fill(path=NEW))] if found.prepared else [])]


def consequences(removal: Removal) -> list[Finding]:
    """What its approvers must know of the votes."""
    then, conf = after(removal), removal.conf
    found = [Finding(Level.WARNING, SURVIVES_NONE)] if then.quorate and then.survives == 0 else []
    if conf and conf.device:
        parity = ODD if (len(conf.nodes) - 1) % 2 else EVEN
        found.append(Finding(Level.NOTE, DEVICE.fill(host=conf.device.host), parity))
    off = [other for other in removal.absent if not removal.answers(other)]
    version = conf.version if conf else 0
    return [*found, *(Finding(Level.WARNING, ALSO_OFF.fill(other=other, version=version)) for other in off)]


EXPECTED = Text(en="Restore it first: /pve-cluster expected", fr="Rétablissez-le d'abord : /pve-cluster expected")
WAIT = Text(
    en="That is normal for some seconds after a start: ask again",
    fr="C'est normal quelques secondes après un démarrage : redemandez",
)
BRING_BACK = Text(
    en="A reload counts all votes of corosync.conf anew, also where they were lowered: bring another node back first",
    fr="Un rechargement recompte toutes les voix de corosync.conf, même abaissées : ramenez d'abord un autre nœud",
)
UNCONFIGURED = Text(en="it is not in config.toml", fr="il n'est pas dans config.toml")
TELL_THE_BOT = Text(
    en="Repair the bot's way to {member}, or add it to config.toml",
    fr="Réparez l'accès du bot à {member}, ou ajoutez-le à config.toml",
)
CLUSTER = Text(en="the name of the cluster", fr="le nom du cluster")
WHO = Text(en="who is in the ring (node IDs)", fr="les membres de l'anneau (ID des nœuds)")
EXPECTED_VOTES = Text(en="the expected votes", fr="les voix attendues")
VERSION = Text(en="the version of corosync.conf", fr="la version de corosync.conf")
ASK_AGAIN = Text(
    en="During a change that lasts seconds: ask again. If it stays: /pve-cluster status",
    fr="Pendant un changement, cela dure quelques secondes : redemandez. Si cela dure : /pve-cluster status",
)
REPAIR = Text(
    en="Bring it back into the ring (/pve-cluster corosync log {other}), or power it off",
    fr="Ramenez-le dans l'anneau (/pve-cluster corosync log {other}), ou éteignez-le",
)
EXPIRES = Text(
    en="Wait until that `pvecm` is done; what a dead one left expires after {seconds} s",
    fr="Attendez la fin de ce `pvecm` ; ce qu'un `pvecm` mort a laissé expire après {seconds} s",
)
FINISH = Text(
    en="Ask who prepares it, or remove it: rm {path}", fr="Demandez qui le prépare, ou supprimez-le : rm {path}"
)
SURVIVES_NONE = Text(
    en="After it the cluster survives no further failure", fr="Ensuite le cluster ne supportera plus aucune panne"
)
DEVICE = Text(
    en="There is a QDevice ({host}). The documented order, QDevice first, does not work with a dead node: "
    "`pvecm qdevice remove` wants all nodes online. So the node goes first",
    fr="Il y a un QDevice ({host}). L'ordre documenté, QDevice d'abord, ne marche pas avec un nœud mort : "
    "`pvecm qdevice remove` veut tous les nœuds en ligne. Le nœud part donc d'abord",
)
ODD = Text(
    en="An odd number of nodes is left, which wants no QDevice: `pvecm qdevice remove` afterwards",
    fr="Il reste un nombre impair de nœuds, qui se passe de QDevice : `pvecm qdevice remove` ensuite",
)
EVEN = Text(
    en="An even number of nodes is left; the QDevice was set up for an odd one: remove it and set it up again afterwards",
    fr="Il reste un nombre pair de nœuds ; le QDevice était réglé pour un impair : retirez-le puis remettez-le ensuite",
)
ALSO_OFF = Text(
    en="{other} is off too: when it comes back it still has version {version} of corosync.conf. Before corosync 3.1.10-pve3 that "
    "can stop /etc/pve on all nodes: let it come back first if you can",
    fr="{other} est éteint aussi : à son retour il aura encore la version {version} de corosync.conf. Avant corosync 3.1.10-pve3, "
    "cela peut figer /etc/pve partout : laissez-le revenir d'abord si vous pouvez",
)
