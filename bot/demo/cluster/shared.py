"""/etc/pve as pmxcfs keeps it the same on all nodes of a ring. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from operator import itemgetter
from typing import Any

from bot.demo.cluster.conf import Conf
from bot.demo.cluster.pve import Pve
from bot.demo.cluster.situation import Service, Situation


def write(now: Situation, node: str, **changed: Any) -> Situation:
    """Change what `Pve` says of *node* and of all in one ring with it: who calls this has seen that it can be written.

    A member that a new list no longer has keeps what it had. With a new list, corosync expects what that says.
    """
    old = now.pve_of(node)
    new = replace(old, revision=old.revision + 1, **changed)
    stay = [n for n in now.members(node) if new.conf is None or n in new.conf.names]
    return _put(now if new.conf == old.conf else _unforced(now, stay), dict.fromkeys(stay, new))


def stand_alone(now: Situation, node: str) -> Situation:
    """Without the cluster's files: it keeps its keys, its own directory, and the cluster's root certificate."""
    old = now.pve_of(node)
    alone = replace(old, conf=None, nodes=(node,), revision=old.revision + 1)
    return _put(_unforced(now, [node]), {node: alone})


def take_over(now: Situation, node: str, conf: Conf) -> Situation:
    """*node* starts as the member that *conf* says, with nothing else yet: that comes from the others."""
    pve = replace(now.pve_of(node), conf=conf, revision=0)
    runs = replace(now, stopped=now.stopped - {(node, Service.COROSYNC)}) if node not in now.masked else now
    return _put(runs, {node: pve})


def caught_up(now: Situation) -> Situation:
    """Who comes back to a ring that has quorum takes over what was written meanwhile."""
    late: dict[str, Pve] = {}
    for ring in {now.members(node) for node in now.layout.nodes if now.is_quorate(node)}:
        newest = max((now.pve_of(node) for node in ring), key=lambda pve: pve.revision)
        late |= {node: newest for node in ring if now.pve_of(node) != newest}
    return _put(now, late, changes=0) if late else now


def _put(now: Situation, pve: dict[str, Pve], changes: int = 1) -> Situation:
    return replace(
        now, pve=tuple(sorted({**dict(now.pve), **pve}.items(), key=itemgetter(0))), changes=now.changes + changes
    )


def _unforced(now: Situation, nodes: Collection[str]) -> Situation:
    return replace(now, forced=tuple((node, n) for node, n in now.forced if node not in nodes))
