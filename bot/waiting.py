"""How much one person may ask for at once: a flood of cards is where the one that matters is overlooked. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.plan import Plan
from bot.request import Request
from bot.text import Refused, Text

MOST = 5


def require_room(waiting: Sequence[Request], asked: Plan) -> None:
    """Raise `Refused` if the same waits already, or too much does. *waiting*: what this person asked for, undecided."""
    for request in waiting:
        if (request.cluster, request.plan_text) == (asked.cluster, asked.text):
            raise Refused(WAITS_ALREADY.fill(id=request.id))
    if len(waiting) >= MOST:
        raise Refused(TOO_MANY.fill(number=len(waiting)))


WAITS_ALREADY = Text(
    en="The same waits for approval already, as request {id}. Its card: /pve-cluster requests {id}",
    fr="La même attend déjà d'être approuvée : demande {id}. Sa carte : /pve-cluster requests {id}",
)
TOO_MANY = Text(
    en="{number} of your requests wait already: have them decided, or cancel some (/pve-cluster requests mine)",
    fr="{number} de vos demandes attendent déjà : faites-les décider, ou annulez-en (/pve-cluster requests mine)",
)
