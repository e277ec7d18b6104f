"""Whose turn it is: approved requests wait in line, one running at a time on each cluster. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.request import BUSY, Request, State


def runnable(requests: Sequence[Request], at_us: int, live: Collection[str] = ()) -> list[str]:
    """What to pick up now: runs that nobody works on, then of each free cluster the request approved first.

    *requests*: all that are approved, running or of unknown outcome. *live*: those that somebody works on.
    """
    orphans = [one.id for one in requests if one.state is State.RUNNING and one.id not in live]
    taken = {one.cluster for one in requests if one.state in BUSY or one.id in live}
    waiting = [one for one in requests if one.state is State.APPROVED and (one.not_before_us or 0) <= at_us]
    for one in sorted(waiting, key=lambda one: (one.approved_us or 0, one.id)):
        if one.cluster not in taken:
            taken.add(one.cluster)
            orphans.append(one.id)
    return orphans
