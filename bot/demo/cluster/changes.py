"""What the commands of a plan do to the simulated cluster: which text they print, and what is otherwise afterwards. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.demo.cluster import disk, expected
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation
from bot.demo.cluster.tools import NO_CLUSTER, NO_CMAP

Effect = Callable[[Situation, str, float], tuple[Said, Situation]]
"""Of the situation, the node, and Unix time in seconds."""

SEPARATE_S = 2.0


@dataclass(frozen=True)
class Act:
    """*takes_s*: how long until it has its *effect* on the situation."""

    effect: Effect
    takes_s: float = 0.0


def read_act(argv: tuple[str, ...]) -> Act:
    match argv:
        case ("pvecm", "expected", n):
            return Act(lambda now, node, _clock: _expected(now, node, n))
        case ("systemctl", "mask", "--runtime", "corosync"):
            return Act(lambda now, node, _clock: (Said("", MASKED), replace(now, masked=now.masked | {node})))
        case ("systemctl", "unmask", "--runtime", "corosync"):
            return Act(lambda now, node, _clock: (Said("", UNMASKED), replace(now, masked=now.masked - {node})))
        case ("sh", "-c", _, "separate", _):
            return Act(_separate, SEPARATE_S)
        case ("sleep", seconds):
            return Act(lambda now, _node, _clock: (Said(), now), float(seconds))
    return Act(lambda now, _node, _clock: (Said("", f"{argv[0]}: not on this node\n", 127), now))


def _expected(now: Situation, node: str, n: str) -> tuple[Said, Situation]:
    if node in now.separated:
        return NO_CLUSTER, now
    if not now.has_corosync(node):
        return NO_CMAP, now
    if not n.isdecimal() or not expected.accepts(now, node, int(n)):
        return REFUSED, now
    return Said(), expected.force(now, node, int(n))


def _separate(now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
    """The script of `reset`, as it ends when nothing goes wrong."""
    made = datetime.fromtimestamp(clock, UTC).strftime("%Y%m%dT%H%M%SZ")
    return Said(SEPARATED.format(node=node, made=made, keys=disk.keys(now))), replace(
        now, separated=now.separated | {node}, changes=now.changes + 1
    )


SEPARATED = (
    "pve-cluster-bot: backup in /var/lib/pve-cluster-bot/backup-{made}\n"
    "pve-cluster-bot: {node} stands alone; {keys} keys may log in again, and one did; "
    "backup in /var/lib/pve-cluster-bot/backup-{made}\n"
)
REFUSED = Said("", "Unable to set expected votes: CS_ERR_INVALID_PARAM\n", 1)
MASKED = "Created symlink /run/systemd/system/corosync.service → /dev/null.\n"
UNMASKED = 'Removed "/run/systemd/system/corosync.service".\n'
