"""The script of `reset` on a simulated node, as it ends when nothing goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.demo.cluster import shared
from bot.demo.cluster.acting import Scripts, act
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation

SEPARATE_S = 2.0


def _separate(now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
    made = datetime.fromtimestamp(clock, UTC).strftime("%Y%m%dT%H%M%SZ")
    keys = len(now.pve_of(node).keys)
    return Said(SEPARATED.format(node=node, made=made, keys=keys)), shared.stand_alone(now, node)


SEPARATED = (
    "pve-cluster-bot: backup in /var/lib/pve-cluster-bot/backup-{made}\n"
    "pve-cluster-bot: {node} stands alone; {keys} keys may log in again, and one did; "
    "backup in /var/lib/pve-cluster-bot/backup-{made}\n"
)

SCRIPTS: Scripts = {"separate": lambda _asked: act(_separate, SEPARATE_S)}
