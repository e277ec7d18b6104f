"""What is left when a step of `remove` did not succeed: which of the known half-finished states is seen, and what to do."""

from __future__ import annotations

from dataclasses import replace

from bot.action import Finding, Level, Report
from bot.actions.remove import cleanup, standing
from bot.actions.remove.facts import Args, Facts, Removal
from bot.actions.remove.outcome import NOT_SEEN, lagging, reload
from bot.actions.remove.remains import remains
from bot.cluster.conf_change import EXPIRES_S
from bot.text import Text, same

STATUS = "/pve-cluster status"


def left(args: Args, before: Facts, after: Facts, number: int) -> Report:
    removal = after.of(args.node)
    if not removal.ring:
        return Report(Level.UNKNOWN, NOT_SEEN.fill(node=args.node), next=(same(STATUS),))
    return _of_cleanup(removal, number) if args.cleanup else _of_removal(before.of(args.node), removal)


def _of_removal(before: Removal, after: Removal) -> Report:
    if not after.is_listed:
        return _written(before, after)
    if _lists_it(after) != len(after.ring):
        return _told(Level.BAD, DIFFERENT_FILES.fill(node=after.node), after, STATUS)
    return _unchanged(after)


def _lists_it(after: Removal) -> int:
    return sum(after.node in conf.nodes for name, conf in after.facts.conf.by_node.items() if name in after.ring)


def _written(before: Removal, after: Removal) -> Report:
    """The file is out on every node's disk; corosync may still run with the one before."""
    behind = lagging(before, after)
    if not behind:
        return _told(Level.WARNING, REMOVED_ALL_THE_SAME.fill(node=after.node), after, STATUS)
    told = _told(Level.BAD, NOT_RELOADED.fill(node=after.node, nodes=", ".join(behind)), after, STATUS)
    return replace(told, code=(reload(after),))


def _unchanged(after: Removal) -> Report:
    change = after.facts.change.by_node.get(after.executor)
    if not after.view.quorate:
        return _told(Level.BAD, LOST_QUORUM.fill(node=after.node), after, "/pve-cluster expected")
    if change is not None and (change.locked or change.prepared):
        return _told(Level.WARNING, LOCKED.fill(node=after.node, seconds=EXPIRES_S), after, _again(after))
    if not standing.can_write(after):
        return _told(Level.WARNING, READ_ONLY.fill(node=after.node), after, _again(after))
    return _told(Level.WARNING, UNCHANGED.fill(node=after.node), after, _again(after))


def _again(after: Removal) -> str:
    return f"/pve-cluster remove {after.node}"


def _told(level: Level, headline: Text, after: Removal, command: str) -> Report:
    found = standing.check(after) if after.is_listed else []
    seen = tuple(Finding(each.level, each.text, each.fix) for each in found)
    return Report(level, headline, findings=seen, next=(same(command),))


def _of_cleanup(after: Removal, number: int) -> Report:
    is_left = cleanup.traces(after).any
    text = (STOPPED_AT if is_left else NOTHING_LEFT).fill(number=number + 1, node=after.node)
    again = same(f"/pve-cluster remove {after.node} --cleanup" if is_left else STATUS)
    return Report(Level.WARNING, text, findings=remains(after), next=(again,))


REMOVED_ALL_THE_SAME = Text(
    en="{node} is out of the cluster all the same: every member sees it so",
    fr="{node} est malgré tout hors du cluster : chaque membre le voit ainsi",
)
NOT_RELOADED = Text(
    en="Half done: {node} is out of corosync.conf, but corosync on {nodes} still runs with the file before",
    fr="À moitié fait : {node} n'est plus dans corosync.conf, mais corosync sur {nodes} tourne encore avec l'ancien fichier",
)
DIFFERENT_FILES = Text(
    en="Half done: some members have a corosync.conf without {node}, others one with it; no node may restart corosync until all "
    "have the same",
    fr="À moitié fait : des membres ont un corosync.conf sans {node}, d'autres avec ; aucun nœud ne doit redémarrer corosync avant "
    "que tous aient le même",
)
LOST_QUORUM = Text(
    en="Nothing was changed: the quorum was lost, and {node} is still listed",
    fr="Rien n'a été changé : le quorum a été perdu, et {node} est encore listé",
)
LOCKED = Text(
    en="Nothing was changed: somebody else holds the lock of corosync.conf. It ends with their command, or {seconds} s after it died; "
    "{node} is still listed",
    fr="Rien n'a été changé : quelqu'un d'autre tient le verrou de corosync.conf. Il finit avec sa commande, ou {seconds} s après sa "
    "mort ; {node} est encore listé",
)
READ_ONLY = Text(
    en="Nothing was changed: /etc/pve could not be written, and {node} is still listed",
    fr="Rien n'a été changé : /etc/pve n'acceptait aucune écriture, et {node} est encore listé",
)
UNCHANGED = Text(
    en="Nothing was changed: {node} is still a node of the cluster for every member; the output of the step says why",
    fr="Rien n'a été changé : {node} est encore un nœud du cluster pour chaque membre ; la sortie de l'étape dit pourquoi",
)
STOPPED_AT = Text(
    en="The clean-up stopped at step {number}; this is still left of {node}, and the steps before it are done",
    fr="Le nettoyage s'est arrêté à l'étape {number} ; il reste ceci de {node}, et les étapes d'avant sont faites",
)
NOTHING_LEFT = Text(
    en="Step {number} did not end well, but nothing is left of {node}",
    fr="L'étape {number} a mal fini, mais il ne reste rien de {node}",
)
