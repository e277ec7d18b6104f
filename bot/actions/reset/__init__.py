"""/pve-cluster reset NODE: separate a node that is stuck in a cluster, or was removed from it."""

from __future__ import annotations

from dataclasses import replace

from bot.action import Action, Verb
from bot.actions.reset import change
from bot.actions.reset.check import check
from bot.actions.reset.facts import Args, Facts
from bot.planned import planned
from bot.text import Text

SUMMARY = Text(
    en="Separate a node that is stuck or was removed, so that it can join anew; needs approval",
    fr="Séparer un nœud bloqué ou déjà retiré, pour qu'il puisse rejoindre à nouveau ; demande approbation",
)
ACTION = Action(
    name="reset",
    summary=SUMMARY,
    verbs=(
        Verb(
            name="reset",
            summary=SUMMARY,
            args=Args,
            facts=Facts,
            report=change.report,
            change=replace(planned(change, check), confirm=change.confirm, settle_s=change.SETTLE_S),
        ),
    ),
    help=Text(
        en="The documented separation (pve-cluster stopped, pmxcfs -l, corosync.conf and authkey removed, pve-cluster started), "
        "as one script: step by step over SSH it locks you out, for root's keys lie in /etc/pve. It backs up first and says "
        "where. Refused with guests, shared storage, HA services, or on a healthy member. A reinstallation is cleaner.",
        fr="La séparation documentée (pve-cluster arrêté, pmxcfs -l, corosync.conf et authkey supprimés, pve-cluster relancé), "
        "en un seul script : étape par étape en SSH on s'enferme dehors, car les clés de root sont dans /etc/pve. Il sauvegarde "
        "d'abord et dit où. Refusé avec des machines, du stockage partagé, des services HA, ou sur un membre sain. Une "
        "réinstallation est plus propre.",
    ),
)
