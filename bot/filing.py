"""From a proposal to a request that people are asked to approve. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.action import Json
from bot.docket import happened
from bot.event import Event, Kind
from bot.message import Asked
from bot.people import Who
from bot.plan import hash_of
from bot.request import Request, State, StepRun
from bot.units import SECOND_US
from bot.workflow import Proposal


@dataclass(frozen=True)
class Filing:
    """A new request, and where its cards are put up: channels, and people to whom one goes directly."""

    request: Request
    places: tuple[str, ...]


def filed(proposal: Proposal, asked: Asked, who: Who, id_: str, channel: str, at_us: int) -> Request:
    """*id_*: `[a-z0-9-]`, for it names units on nodes. *channel*: where its card is shown."""
    text = proposal.plan.text
    return Request(
        id=id_,
        state=State.PENDING,
        version=1,
        cluster=proposal.plan.cluster,
        requester=asked.account,
        person=who.person,
        name=who.name,
        channel=channel,
        plan_text=text,
        plan_hash=hash_of(text),
        demand=proposal.demand,
        created_us=at_us,
        approve_by_us=at_us + proposal.demand.approve_within_s * SECOND_US,
        reason=proposal.reason,
        ticket=proposal.ticket,
        steps=tuple(StepRun(number) for number in range(len(proposal.plan.steps))),
    )


def created(request: Request) -> Event:
    """What the ledger says of a new request: all that people are shown, in the bytes that they approve."""
    detail: dict[str, Json] = {
        "plan": request.plan_text,
        "demand": request.demand.text,
        "person": request.person,
        "reason": request.reason,
        "ticket": request.ticket,
        "approve_by_us": request.approve_by_us,
    }
    return happened(request, Kind.REQUEST_CREATED, str(request.requester), State.PENDING, **detail)
