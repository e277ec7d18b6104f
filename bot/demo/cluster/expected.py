"""The votes that corosync expects, while it runs: set by `pvecm expected`, climbing as voters come back. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.demo.cluster.shared import caught_up
from bot.demo.cluster.situation import Situation


def accepts(now: Situation, node: str, n: int) -> bool:
    """Corosync's own rule (votequorum.c): not below the votes present, and never out of quorum."""
    votes = now.votes(node)
    return n >= votes and not (now.is_quorate(node) and n // 2 + 1 > votes)


def force(now: Situation, node: str, n: int) -> Situation:
    """Set on *node* and all that are in one ring with it."""
    own = {**dict(now.forced), **dict.fromkeys(now.members(node), n)}
    return settled(replace(now, forced=tuple(sorted(own.items()))))


def settled(now: Situation) -> Situation:
    """After any change: who joins takes the ring's files and number over, which is never below the votes present (seen).

    It lives in the memory of corosync: a node on which that stopped has none.
    """
    now = caught_up(now)
    found: dict[str, int] = {}
    for ring in {now.members(node) for node in now.layout.nodes if now.has_corosync(node)}:
        set_ = [n for node, n in now.forced if node in ring]
        listed = now.member_conf(ring[0]).expected
        expected = max(min(set_), now.votes(ring[0])) if set_ else listed
        found |= dict.fromkeys(ring, expected) if expected != listed else {}
    return replace(now, forced=tuple(sorted(found.items())))
