"""What a request must have before it may run: people, words and times. Frozen into the request when it is made. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from bot.event import canonical
from bot.people import Who

ANYONE = "*"  # any full member but the requester
REQUESTER = "@requester"  # the requester, who confirms


@dataclass(frozen=True)
class Slot:
    """*count* distinct people of *group*: a name of `[groups]`, ANYONE or REQUESTER."""

    group: str
    count: int = 1


@dataclass(frozen=True)
class Demand:
    """Times are seconds. *ticket*: a pattern that the ticket must match, "" for none. *hours*: when it may be
    approved and run, as `Mon-Fri 08:00-18:00 Europe/Paris`, "" for always; each of several must allow it.
    """

    slots: tuple[Slot, ...]
    needs_reason: bool = False
    typed: bool = False
    tickets: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    approve_within_s: int = 4 * 3600
    execute_within_s: int = 900
    cooldown_s: int = 0
    escalate_to: str | None = None

    def only(self, slots: tuple[Slot, ...]) -> Demand:
        return replace(self, slots=slots)

    @property
    def text(self) -> str:
        return canonical(json.loads(json.dumps(asdict(self))))


def read(text: str) -> Demand:
    """The demand of a stored text."""
    document = json.loads(text)
    made = {"slots": tuple(Slot(**slot) for slot in document["slots"])}
    made |= {name: tuple(document[name]) for name in ("tickets", "hours")}
    return Demand(**{**document, **made})


def fills(who: Who, slot: Slot, requester: str) -> bool:
    """Whether this person, as they are now, may fill *slot* of a request of the person *requester*."""
    if not who.is_member:
        return False
    if slot.group == REQUESTER:
        return who.person == requester
    return who.person != requester and (slot.group == ANYONE or slot.group in who.groups)


def unfilled(slots: Sequence[Slot], people: Iterable[Who], requester: str) -> tuple[Slot, ...]:
    """The seats, one at a time, that stay empty when as many as possible are taken, each person taking one.

    Several accounts of one person are one: whatever any of them may fill, the person may.
    """
    seats = [Slot(slot.group) for slot in slots for _ in range(slot.count)]
    suits: dict[str, set[int]] = {}
    for who in people:
        suits.setdefault(who.person, set()).update(
            number for number, seat in enumerate(seats) if fills(who, seat, requester)
        )
    taken: dict[int, str] = {}
    for person in sorted(suits):
        _seat(person, suits, taken, set())
    return tuple(seat for number, seat in enumerate(seats) if number not in taken)


def _seat(person: str, suits: Mapping[str, set[int]], taken: dict[int, str], tried: set[int]) -> bool:
    """Find *person* a seat, asking those who sit to move (an augmenting path of a bipartite matching)."""
    for number in sorted(suits[person] - tried):
        tried.add(number)
        if number not in taken or _seat(taken[number], suits, taken, tried):
            taken[number] = person
            return True
    return False
