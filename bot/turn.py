"""Whose turn it is: approved requests wait in line, one running at a time on each cluster. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.docket import InLine
from bot.request import BUSY, State


def runnable(
    line: Sequence[InLine], at_us: int, live: Collection[str] = (), resting: Collection[str] = ()
) -> list[InLine]:
    """What to pick up now: runs that nobody works on, then of each free cluster the request approved first.

    *live*: those that somebody works on. *resting*: those that could not be run a moment ago; others pass them by.
    """
    orphans = [one for one in line if one.state is State.RUNNING and one.id not in {*live, *resting}]
    taken = {one.cluster for one in line if one.state in BUSY or one.id in live}
    waiting = [one for one in line if one.state is State.APPROVED and (one.not_before_us or 0) <= at_us]
    for one in sorted(waiting, key=lambda one: (one.approved_us or 0, one.id)):
        if one.cluster not in taken and one.id not in resting:
            taken.add(one.cluster)
            orphans.append(one)
    return orphans
