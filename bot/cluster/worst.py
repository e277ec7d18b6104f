"""Of several levels the one that counts for the whole."""

from __future__ import annotations

from collections.abc import Iterable

from bot.action import Level

_BADNESS = (Level.BAD, Level.WARNING, Level.NOTE)


def worst_of(levels: Iterable[Level], *, answered: bool = True) -> Level:
    """Good if there is none; unknown if nobody answered, for then nothing was seen to be good or bad."""
    if not answered:
        return Level.UNKNOWN
    found = set(levels)
    return next((level for level in _BADNESS if level in found), Level.GOOD)
