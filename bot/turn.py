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
    for one in sorted(waiting, key=_turn):
        if one.cluster not in taken and one.id not in resting:
            taken.add(one.cluster)
            orphans.append(one)
    return orphans


def ahead(line: Sequence[InLine], id_: str) -> InLine | None:
    """What the approved request *id_* waits for: the one that has its cluster, else whose turn is before; None: nothing."""
    mine = next((one for one in line if one.id == id_), None)
    others = [one for one in line if mine and one.cluster == mine.cluster and one.id != id_]
    if mine is None or mine.state is not State.APPROVED:
        return None
    holders = [one for one in others if one.state in BUSY]
    before = [one for one in others if _turn(one) < _turn(mine)]
    return next(iter([*holders, *sorted(before, key=_turn)]), None)


def _turn(one: InLine) -> tuple[int, str]:
    return (one.approved_us or 0, one.id)
