"""What a demand asks of people, in words. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from bot.demand import ANYONE, REQUESTER, Demand
from bot.own_words import require_short
from bot.text import Refused, Text, same

TICKET_MAX = 64  # the pattern is somebody's; on a long text it might take for ever


def require_words(demand: Demand, reason: str, ticket: str) -> None:
    """Raise `Refused` unless the requester said why, not at any length, and named a ticket, as the policy wants it."""
    require_short(reason, ticket)
    if demand.needs_reason and not reason.strip():
        raise Refused(SAY_WHY)
    for pattern in demand.tickets:
        if len(ticket) > TICKET_MAX or not re.fullmatch(pattern, ticket.strip()):
            raise Refused(TICKET.fill(pattern=pattern))


def groups(demand: Demand) -> Text:
    """Who may approve, in words."""
    seats: Counter[str] = Counter()
    for slot in demand.slots:
        seats[slot.group] += slot.count
    texts = [_seats(SPECIAL.get(name, same(name)), count) for name, count in seats.items()]
    joined = texts[0]
    for text in texts[1:]:
        joined = AND.fill(one=joined, other=text)
    return joined


def _seats(group: Text, count: int) -> Text:
    return group if count == 1 else OF.fill(count=count, group=group)


SPECIAL: Mapping[str, Text] = {
    ANYONE: Text(en="any full member but the requester", fr="tout membre à part entière sauf le demandeur"),
    REQUESTER: Text(en="the requester", fr="le demandeur"),
}
OF = Text(en="{count} of: {group}", fr="{count} parmi : {group}")
AND = Text(en="{one} and {other}", fr="{one} et {other}")
SAY_WHY = Text(
    en='The policy wants a reason: add --reason "…"', fr='La politique veut une raison : ajoutez --reason "…"'
)
TICKET = Text(
    en="The policy wants a ticket of the form {pattern}: add --ticket …",
    fr="La politique veut un ticket de la forme {pattern} : ajoutez --ticket …",
)
