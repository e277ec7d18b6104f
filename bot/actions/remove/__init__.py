"""/pve-cluster remove NODE [--cleanup]: take a node out of its cluster for good, and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace

from bot.action import Action, Verb
from bot.actions.remove import change, outcome
from bot.actions.remove.check import check
from bot.actions.remove.facts import Args, Facts
from bot.actions.remove.left import left
from bot.planned import planned
from bot.text import Text

SUMMARY = Text(
    en="Take a node that is off out of the cluster for good, or clean up after it; needs approval",
    fr="Retirer définitivement du cluster un nœud éteint, ou nettoyer après lui ; demande approbation",
)
ACTION = Action(
    name="remove",
    summary=SUMMARY,
    verbs=(
        Verb(
            name="remove",
            summary=SUMMARY,
            args=Args,
            facts=Facts,
            further=change.further,
            report=outcome.report,
            change=replace(
                planned(change, check),
                confirm=change.confirm,
                statement=change.statement,
                settle_s=outcome.SETTLE_S,
                left=left,
                watch_s=outcome.WATCH_S,
                watch=outcome.watch,
                watch_further=change.watch_further,
            ),
        ),
    ),
    help=Text(
        en="Runs `pvecm delnode` on another node. pvecm itself would kill an online node's corosync and looks at nothing else; here "
        "the node must be off, by every member's view and by every way to try it, and hold no guest, HA service, replication job or "
        "Ceph daemon. Move guests by evacuating, never by `ha-manager remove`. It must not start again on this network as it is; the "
        "bot watches for a day. --cleanup afterwards archives and removes what is left in /etc/pve, also as a request of its own.",
        fr="Exécute `pvecm delnode` sur un autre nœud. pvecm lui-même tuerait le corosync d'un nœud en ligne et ne regarde rien "
        "d'autre ; ici le nœud doit être éteint, pour chaque membre et par tous les moyens d'essayer, sans machine, service HA, "
        "réplication ni démon Ceph. Évacuez les machines, jamais `ha-manager remove`. Il ne doit pas redémarrer tel quel sur ce "
        "réseau ; le bot surveille un jour. Ensuite --cleanup archive et enlève ce qui reste dans /etc/pve, par une autre demande.",
    ),
)
