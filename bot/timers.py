"""What time does to a request: reminders, escalation, expiry. Times are data; nothing here waits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.request import Move, Moved, Request, State
from bot.text import Text

REMIND_AT = (0.5, 0.8)  # of the time to approve


class Due(StrEnum):
    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRE = "expire"


@dataclass(frozen=True)
class Timer:
    """What is due; *reminded*: how many reminders there are then."""

    due: Due
    moved: Moved | None = None
    reminded: int = 0


def due(request: Request, at_us: int) -> Timer | None:
    """What *at_us* makes due, the gravest first; None for nothing."""
    if request.state is State.PENDING:
        if at_us >= request.approve_by_us:
            return Timer(Due.EXPIRE, Moved(Move.EXPIRE, NOT_APPROVED))
        return _reminder(request, at_us)
    if request.state is State.APPROVED and at_us >= (request.execute_by_us or 0):
        return Timer(Due.EXPIRE, Moved(Move.EXPIRE, NOT_RUN))
    return None


def next_us(request: Request) -> int | None:
    """When to look at it again; None: never."""
    if request.state is State.PENDING:
        left = [reminder_us(request, number) for number in range(request.reminded, len(REMIND_AT))]
        return min([*left, request.approve_by_us])
    return request.execute_by_us if request.state is State.APPROVED else None


def _reminder(request: Request, at_us: int) -> Timer | None:
    passed = sum(at_us >= reminder_us(request, number) for number in range(len(REMIND_AT)))
    if passed <= request.reminded:
        return None
    is_last = passed == len(REMIND_AT)
    return Timer(Due.ESCALATE if is_last and request.demand.escalate_to else Due.REMIND, reminded=passed)


def reminder_us(request: Request, number: int) -> int:
    whole_us = request.approve_by_us - request.created_us
    return request.created_us + round(whole_us * REMIND_AT[number])


NOT_APPROVED = Text(en="Nobody approved it in time", fr="Personne ne l'a approuvée à temps")
NOT_RUN = Text(en="It could not be run in time", fr="Elle n'a pas pu être exécutée à temps")
