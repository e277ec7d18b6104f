"""Hears every act on a request: who it is, asked anew; what `decide` says; written down, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.act import Act, Deed
from bot.action import Json
from bot.decide import Decision, Glass, approved, decide, reconciled
from bot.decide_words import UNREVIEWED
from bot.demand import Demand
from bot.docket import BOT, Docket, Edit, Gone, Illegible, Unreviewed, happened
from bot.event import Event, Kind
from bot.message import Letter
from bot.names import shortened
from bot.people import Account, Who
from bot.plan import Plan
from bot.propose import OTHER_POLICY
from bot.request import Move, Moved, Request, State, Verdict, Vote
from bot.text import Refused, Text

Alert = Callable[[Request, Text], tuple[Letter, ...]]
"""The messages by which everybody is told of a break-glass."""


class People(Protocol):
    """Who people are, as Slack says now: nothing of it remembered from before."""

    def who_now(self, account: Account) -> Who:
        """Raise `Refused` if it cannot be known now."""


class Rules(Protocol):
    """What the policy is now."""

    def demand_now(self, approved: Plan) -> Demand | None:
        """What it wants for that plan; None if there is no such command or cluster any more."""


class Channels(Protocol):
    """Who reads where, as Slack says now: a channel may be shared after a card was put up there."""

    def require_ours_now(self, channel: str) -> None:
        """Raise `Refused` if another organisation reads in *channel*, or if it cannot be known now."""


class Newcomers(Exception):
    """Voters of whom it is not known yet who they are now."""

    def __init__(self, accounts: tuple[Account, ...]) -> None:
        super().__init__(accounts)
        self.accounts = accounts


@dataclass(frozen=True)
class Judge:
    docket: Docket
    people: People
    record: Callable[[Event], object]
    alert: Alert
    glass_group: str = ""
    rules: Rules = field(kw_only=True)
    channels: Channels = field(kw_only=True)

    def hear(self, act: Act, account: Account, channel: str | None = None) -> Text:
        """One sentence for *account*. *channel*: where they acted, None: where its card hangs.

        A refusal is recorded, then raised as `Refused`; nothing is changed by it.
        """
        request = self._found(act, account)
        try:
            return self._heard(request, act, account, channel or request.channel)
        except Refused as refused:
            self._refused(request, act, account, refused.text)
            raise

    def foresee(self, act: Act, who: Who, at_us: int) -> None:
        """Before a person is asked for more: raise `Refused`, recorded, if *act* would be refused of *who* as things
        stand. Nothing is changed by it, nor is anything decided.
        """
        request = self._found(act, who.account)
        try:
            decide(request, act, who, at_us, self._glass(act))
        except Refused as refused:
            self._refused(request, act, who.account, refused.text)
            raise

    def _found(self, act: Act, account: Account) -> Request:
        """Raise `Refused`, recorded, if there is none, or none that can be read."""
        try:
            request = self.docket.get(act.request_id)
        except Illegible as illegible:
            detail = _refusal(act, illegible.text)
            why = Event(Kind.VOTE_REFUSED, str(account), request_id=illegible.id, outcome="refused", detail=detail)
            self.record(why)
            raise
        if request is None:
            raise Refused(self._unknown(act, account))
        return request

    def _refused(self, request: Request, act: Act, account: Account, why: Text) -> None:
        self.record(happened(request, Kind.VOTE_REFUSED, str(account), "refused", **_refusal(act, why)))

    def _glass(self, act: Act) -> Glass:
        return Glass(self.glass_group, self.docket.unreviewed() if act.deed is Deed.BREAK_GLASS else "")

    def _unknown(self, act: Act, account: Account) -> Text:
        """Of a request that there is not: what was meant goes no further than its first letters."""
        why = NO_SUCH_REQUEST.fill(id=shortened(act.request_id))
        detail = _refusal(act, why) | {"request": shortened(act.request_id)}
        self.record(Event(Kind.VOTE_REFUSED, str(account), outcome="refused", detail=detail))
        return why

    def _heard(self, request: Request, act: Act, account: Account, channel: str) -> Text:
        who = self.people.who_now(account)
        if act.deed in COUNTED and who.is_member:  # whoever is none hears of that
            self._require_countable(request, channel)
        glass = self._glass(act)
        voters = {str(account): who}
        said: list[Text] = []

        def edit(now: Request, at_us: int) -> Edit:
            if self._is_overtaken(now, act, who):
                said.append(OTHER_POLICY)
                return _superseded(now, act, who)
            decision = decide(now, act, who, at_us, glass)
            if decision.vote is not None:
                _require_known(now, decision.vote.verdict, voters)
            said.append(decision.said)
            return self._edit(now, act, who, at_us, decision, voters)

        while not said:
            try:
                self.docket.change(request.id, edit)
            except Gone:
                raise Refused(NO_SUCH_REQUEST.fill(id=act.request_id)) from None
            except Unreviewed:  # another one was broken at this very moment
                raise Refused(UNREVIEWED.fill(id=self.docket.unreviewed())) from None
            except Newcomers as newcomers:
                voters |= {str(one): self.people.who_now(one) for one in newcomers.accounts}
        return said[-1]

    def _require_countable(self, request: Request, channel: str) -> None:
        """Raise `Refused` where what anybody says to it is not what it was when it was asked."""
        self.channels.require_ours_now(channel)
        if self.people.who_now(request.requester).person != request.person:
            # Accounts were linked or parted since: whether this is a second person is not what it was.
            raise Refused(OTHER_ASKER.fill(name=request.name))

    def _is_overtaken(self, now: Request, act: Act, who: Who) -> bool:
        """Whether a vote shows that the policy is another one by now; whoever is not one of us ends nothing by it."""
        is_vote = act.deed in VOTES and now.state is State.PENDING and who.is_member
        return is_vote and self.rules.demand_now(now.plan) != now.demand

    def _edit(self, now: Request, act: Act, who: Who, at_us: int, decision: Decision, voters: dict[str, Who]) -> Edit:
        fields = decision.fields or {}
        if decision.vote is None:
            return Edit(str(who.account), decision.moved, fields, events=_extra(now, act, who))
        moved = decision.moved or _moved_by(now, decision.vote, voters, at_us)
        letters = self.alert(now, decision.said) if act.deed is Deed.BREAK_GLASS else ()
        events = _extra(now, act, who)
        return Edit(str(who.account), moved, fields, decision.vote, events=events, letters=letters)


def _superseded(now: Request, act: Act, who: Who) -> Edit:
    """Nothing is counted; that somebody wanted to is in the ledger with it."""
    refused = happened(now, Kind.VOTE_REFUSED, str(who.account), "refused", **_refusal(act, OTHER_POLICY))
    return Edit(BOT, Moved(Move.SUPERSEDE, OTHER_POLICY), events=(refused,))


def _refusal(act: Act, why: Text) -> dict[str, Json]:
    return {"deed": act.deed, "via": act.via, "why": why.to("en")}


def _require_known(now: Request, verdict: Verdict, voters: dict[str, Who]) -> None:
    """Who voted is asked outside of the lock, for Slack may be slow; so a vote may come in meanwhile."""
    unknown = tuple(vote.account for vote in now.said(verdict) if str(vote.account) not in voters)
    if unknown:
        raise Newcomers(unknown)


def _moved_by(now: Request, vote: Vote, voters: dict[str, Who], at_us: int) -> Moved | None:
    votes = (*now.last_said(vote.verdict), vote)
    people = tuple(replace(voters[str(one.account)], person=one.person) for one in votes)
    if vote.verdict is Verdict.APPROVE:
        return approved(now, people, at_us)
    return reconciled(now, vote.verdict, people)


def _extra(now: Request, act: Act, who: Who) -> tuple[Event, ...]:
    kinds = {
        Deed.BREAK_GLASS: Kind.BREAKGLASS_OPENED,
        Deed.REVIEW: Kind.BREAKGLASS_REVIEWED,
        Deed.STOP: Kind.RUN_STOPPING,
        Deed.EXPLAIN: Kind.REQUEST_EXPLAINED,
    }
    if act.deed not in kinds or (act.deed is Deed.STOP and now.state is not State.RUNNING):
        return ()
    return (happened(now, kinds[act.deed], str(who.account), act.deed, reason=act.reason, via=act.via),)


VOTES = frozenset({Deed.APPROVE, Deed.BREAK_GLASS})
COUNTED = VOTES | {Deed.DID, Deed.DID_NOT}
OTHER_ASKER = Text(
    en="{name}, who asked for it, is known as somebody else since; it must be asked for again",
    fr="{name}, qui l'a demandée, est connu depuis comme une autre personne ; il faut redemander",
)
NO_SUCH_REQUEST = Text(en="There is no request {id}", fr="Il n'y a pas de demande {id}")
