"""What forbids `remove NODE`: all of it at once; and what its approvers must know."""

from __future__ import annotations

from bot.action import Finding, Level
from bot.actions.remove import cleanup_check, holdings, offline, refusals, standing
from bot.actions.remove.facts import Args, Facts, Removal
from bot.actions.remove.standing import no
from bot.text import Text


def check(args: Args, facts: Facts) -> list[Finding]:
    removal = facts.of(args.node)
    return cleanup_check.check(removal) if args.cleanup else _check(removal)


def _check(removal: Removal) -> list[Finding]:
    if not removal.ring:
        return [no(refusals.NO_VIEW.fill(node=removal.node), START_COROSYNC)]
    if not removal.is_listed:
        return [_no_such_node(removal)]
    found = [*standing.check(removal), *offline.check(removal), *holdings.check(removal)]
    return [
        *found,
        *standing.consequences(removal),
        *offline.tried(removal),
        *holdings.named(removal),
        *_notes(removal),
    ]


def _no_such_node(removal: Removal) -> Finding:
    known = ", ".join(removal.views.ids)
    text = refusals.NO_SUCH_NODE.fill(cluster=removal.views.name, node=removal.node, known=known)
    return no(text, CLEANUP.fill(node=removal.node))


def _notes(removal: Removal) -> list[Finding]:
    return [Finding(Level.NOTE, HARMLESS), Finding(Level.NOTE, LEAVES.fill(node=removal.node))]


START_COROSYNC = Text(
    en="Start corosync on one of them: /pve-cluster status", fr="Démarrez corosync sur l'un d'eux : /pve-cluster status"
)
CLEANUP = Text(
    en="If it was removed before, what is left of it: /pve-cluster remove {node} --cleanup",
    fr="S'il a été retiré avant, ce qu'il en reste : /pve-cluster remove {node} --cleanup",
)
HARMLESS = Text(
    en="`Could not kill node (error = CS_ERR_NOT_EXIST)` in the output is harmless: it only says that the node is off",
    fr="`Could not kill node (error = CS_ERR_NOT_EXIST)` dans la sortie est sans gravité : le nœud est éteint, rien d'autre",
)
LEAVES = Text(
    en="It leaves /etc/pve/nodes/{node} and the node's keys; the report says what, and --cleanup takes it away",
    fr="Cela laisse /etc/pve/nodes/{node} et les clés du nœud ; le rapport le dit, et --cleanup l'enlève",
)
