"""What forbids `remove NODE --cleanup`: all of it at once; and what its approvers must know."""

from __future__ import annotations

from bot.action import Finding, Level
from bot.actions.remove import cleanup, holdings, refusals_cleanup, standing
from bot.actions.remove.facts import Removal
from bot.actions.remove.standing import no
from bot.text import Text


def check(removal: Removal) -> list[Finding]:
    if not removal.ring:
        return [no(refusals_cleanup.NO_VIEW)]
    forbids = [*_writable(removal), *_still_there(removal), *_silent(removal), *_held(removal), *_unknown(removal)]
    if not forbids and not cleanup.traces(removal).any:
        forbids = [no(refusals_cleanup.NOTHING.fill(node=removal.node))]
    return [*forbids, *_notes(removal)]


def _writable(removal: Removal) -> list[Finding]:
    view = removal.view
    if not view.quorate:
        return [no(refusals_cleanup.NO_QUORUM.fill(votes=view.total, needed=view.needed), standing.EXPECTED)]
    if not standing.can_write(removal):
        return [no(refusals_cleanup.READ_ONLY.fill(executor=removal.executor), standing.WAIT)]
    return []


def _still_there(removal: Removal) -> list[Finding]:
    node, facts = removal.node, removal.facts
    remove_first = REMOVE_FIRST.fill(node=node)
    listed = [name for name, conf in facts.conf.by_node.items() if node in conf.nodes and name != node]
    known = [name for name, members in facts.members.by_node.items() if node in members.nodes and name != node]
    own = facts.members.by_node.get(node)
    found = [no(refusals_cleanup.STILL_LISTED.fill(node=node, nodes=", ".join(listed)), remove_first)] if listed else []
    if known:
        found.append(no(refusals_cleanup.STILL_A_MEMBER.fill(node=node, nodes=", ".join(known)), remove_first))
    if own is not None and own.cluster == removal.views.name and not (listed or known):
        found.append(no(refusals_cleanup.THINKS_IT_IS_A_MEMBER.fill(node=node), RESET.fill(node=node)))
    return found


def _silent(removal: Removal) -> list[Finding]:
    fix = standing.TELL_THE_BOT
    text = refusals_cleanup.MEMBER_SILENT.fill(node=removal.node)
    return [no(text.fill(member=m, why=why), fix.fill(member=m)) for m, why in standing.silent(removal).items()]


def _held(removal: Removal) -> list[Finding]:
    """What may still be needed, or must not be touched."""
    node, lists = removal.node, removal.facts.keys.by_node.get(removal.executor)
    found = [
        *standing.changing(removal, refusals_cleanup.CHANGING),
        *holdings.guests(removal, refusals_cleanup.GUESTS),
        *holdings.services(removal, refusals_cleanup.SERVICES),
    ]
    if lists and lists.bot in lists.logins_of(node):
        found.append(no(refusals_cleanup.BOT_KEY.fill(node=node, name=lists.bot.split()[-1]), RENAME))
    return found


def _unknown(removal: Removal) -> list[Finding]:
    facts = removal.facts
    more = ((facts.storages, WHICH_STORAGES), (facts.folders, WHICH_FOLDERS), (facts.keys, WHICH_KEYS))
    return holdings.unknown(removal, refusals_cleanup.NOT_KNOWN, (*holdings.common(facts), *more))


def _notes(removal: Removal) -> list[Finding]:
    """What is told, and not touched."""
    alone = [id_ for id_, left in holdings.storages(removal).items() if not left]
    lonely = [rule for rule in holdings.rules(removal) if not rule.without(removal.node)]
    found = [
        Finding(
            Level.NOTE,
            holdings.ONLY_IN_STORAGE.fill(node=removal.node, storage=id_),
            holdings.REMOVE_STORAGE.fill(storage=id_),
        )
        for id_ in alone
    ]
    return [
        *found,
        *(
            Finding(Level.WARNING, LONELY_RULE.fill(node=removal.node, rule=r.name), holdings.give_it_another(r))
            for r in lonely
        ),
        *([Finding(Level.NOTE, HA_FORGETS.fill(node=removal.node))] if _is_in_ha(removal) else []),
    ]


def _is_in_ha(removal: Removal) -> bool:
    own = removal.facts.ha.by_node.get(removal.executor)
    return own is not None and removal.node in own.nodes


REMOVE_FIRST = Text(en="First: /pve-cluster remove {node}", fr="D'abord : /pve-cluster remove {node}")
RESET = Text(
    en="Power it off, or separate it: /pve-cluster reset {node}",
    fr="Éteignez-le, ou séparez-le : /pve-cluster reset {node}",
)
RENAME = Text(
    en="Give the bot's key another comment in /etc/pve/priv/authorized_keys",
    fr="Donnez un autre commentaire à la clé du bot dans /etc/pve/priv/authorized_keys",
)
WHICH_STORAGES = Text(en="what the storages name", fr="ce que nomment les stockages")
WHICH_FOLDERS = Text(en="what lies in /etc/pve/nodes", fr="ce qu'il y a dans /etc/pve/nodes")
WHICH_KEYS = Text(en="which keys the cluster knows", fr="quelles clés le cluster connaît")
LONELY_RULE = Text(
    en="The HA rule {rule} is for {node} alone: it is not touched",
    fr="La règle HA {rule} est pour {node} seul : elle reste telle quelle",
)
HA_FORGETS = Text(
    en="HA still lists {node}; it forgets a removed node by itself after a while",
    fr="La HA liste encore {node} ; elle oublie d'elle-même un nœud retiré au bout d'un moment",
)
