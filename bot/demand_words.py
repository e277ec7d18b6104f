"""What a demand asks of people, in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.demand import ANYONE, REQUESTER, Demand
from bot.text import Refused, Text


def require_words(demand: Demand, reason: str, ticket: str) -> None:
    """Raise `Refused` unless the requester said why, and named a ticket, as the policy wants it."""
    if demand.needs_reason and not reason.strip():
        raise Refused(SAY_WHY)
    for pattern in demand.tickets:
        if not re.fullmatch(pattern, ticket.strip()):
            raise Refused(TICKET.fill(pattern=pattern))


def groups(demand: Demand) -> Text:
    """Who may approve, in words."""
    named = [slot.group for slot in demand.slots]
    texts = [SPECIAL.get(name, Text("{name}", "{name}", {"name": name})) for name in named]
    joined = texts[0]
    for text in texts[1:]:
        joined = AND.fill(one=joined, other=text)
    return joined


SPECIAL: Mapping[str, Text] = {
    ANYONE: Text(en="any full member but the requester", fr="tout membre à part entière sauf le demandeur"),
    REQUESTER: Text(en="the requester", fr="le demandeur"),
}
AND = Text(en="{one} and {other}", fr="{one} et {other}")
SAY_WHY = Text(
    en='The policy wants a reason: add --reason "…"', fr='La politique veut une raison : ajoutez --reason "…"'
)
TICKET = Text(
    en="The policy wants a ticket of the form {pattern}: add --ticket …",
    fr="La politique veut un ticket de la forme {pattern} : ajoutez --ticket …",
)
