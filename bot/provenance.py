"""Whether a request is what the ledger says it is: the plan that was shown, the people who said yes. Pure.

Who can write the database can change a row; the ledger is the second witness, and it is chained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.event import Kind
from bot.plan import hash_of
from bot.request import Request, Verdict, Vote
from bot.text import Text


@dataclass(frozen=True)
class Told:
    """One event of a request, as the ledger has it."""

    kind: str
    actor: str
    outcome: str | None
    detail: Mapping[str, Any]


def broken(request: Request, story: Sequence[Told]) -> Text | None:
    """What of *request* is not as *story*, all that the ledger says of it, has it; None if all of it is."""
    created = [told for told in story if told.kind == Kind.REQUEST_CREATED]
    if len(created) != 1:
        return NEVER_CREATED
    first = created[0]
    if not (hash_of(request.plan_text) == request.plan_hash == first.detail.get("plan_hash")):
        return OTHER_PLAN
    same = {"plan": request.plan_text, "demand": request.demand.text, "person": request.person}
    if first.actor != str(request.requester) or any(first.detail.get(key) != value for key, value in same.items()):
        return OTHER_PLAN
    unheard = [vote.name for vote in request.said(Verdict.APPROVE) if not _is_heard(request, vote, story)]
    return NEVER_SAID.fill(names=", ".join(unheard)) if unheard else None


def _is_heard(request: Request, vote: Vote, story: Sequence[Told]) -> bool:
    wanted = (Kind.VOTE_RECORDED, Verdict.APPROVE, vote.person, request.plan_hash)
    return vote.plan_hash == request.plan_hash and any(
        (t.kind, t.outcome, t.detail.get("person"), t.detail.get("plan_hash")) == wanted for t in story
    )


NEVER_CREATED = Text(
    en="The ledger knows of no such request: somebody wrote to the database. Find out who",
    fr="Le registre ne connaît pas cette demande : quelqu'un a écrit dans la base. Cherchez qui",
)
OTHER_PLAN = Text(
    en="The plan in the database is not the one in the ledger: somebody changed it. Find out who",
    fr="Le plan dans la base n'est pas celui du registre : quelqu'un l'a modifié. Cherchez qui",
)
NEVER_SAID = Text(
    en="The ledger knows of no approval by {names}: somebody wrote to the database. Find out who",
    fr="Le registre ne connaît aucune approbation de {names} : quelqu'un a écrit dans la base. Cherchez qui",
)
