"""The arithmetic of votes, as corosync's votequorum does it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.cluster.quorum import View

_NEAR = 200  # a vote can count up to 2 ** 32


@dataclass(frozen=True)
class Outcome:
    """What `expected N` would do. *needed* and *quorate* are what they would be; unchanged if it is refused."""

    n: int
    accepted: bool
    needed: int
    quorate: bool
    survives: int


def quorum_of(expected: int) -> int:
    """More than half, the QDevice's votes included."""
    return expected // 2 + 1


def voters(view: View) -> tuple[int, ...]:
    """The votes of everybody who votes now, the QDevice being one of them."""
    cast = view.qdevice.cast if view.qdevice else 0
    return tuple(votes for votes in (*(member.votes for member in view.members), cast) if votes)


def survives(votes: Iterable[int], needed: int) -> int:
    """How many more voters may fail, whichever they are: the heaviest are taken first."""
    left = sorted(votes)
    count = -1
    while sum(left) >= needed:
        count += 1
        if not left:
            break
        left.pop()
    return max(count, 0)


def survived_failures(view: View) -> int:
    return survives(voters(view), view.needed)


def outcome(view: View, n: int) -> Outcome:
    """Corosync refuses N below the votes present, and on a quorate cluster an N that would end the quorum."""
    needed = quorum_of(n)
    enough = needed <= view.total
    if n < max(view.total, 1) or (view.quorate and not enough):
        return Outcome(n, accepted=False, needed=view.needed, quorate=view.quorate, survives=survived_failures(view))
    return Outcome(n, accepted=True, needed=needed, quorate=enough, survives=survives(voters(view), needed))


def outcomes(view: View) -> tuple[Outcome, ...]:
    """Every N worth looking at: from 1 to the first too large one, and to what is expected now; of very many the nearest."""
    first = max(1, view.total - _NEAR)
    most = min(max(2 * view.total, view.highest, view.expected, first), first + 2 * _NEAR)
    return tuple(outcome(view, n) for n in range(first, most + 1))


def proposal(view: View) -> int | None:
    """The N that brings the quorum back: the votes present. None while there is quorum, or nobody votes."""
    return None if view.quorate or not view.total else view.total
