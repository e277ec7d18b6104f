"""The one decision behind every door: may this person do this to this request, now? Pure.

Button, modal, typed command, App Home and command line all come here; nothing else moves a request for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot import decide_words as words
from bot.act import Act, Deed
from bot.demand import Demand, fills, unfilled
from bot.demand_words import groups
from bot.hours import is_within
from bot.own_words import require_short
from bot.people import Standing, Who
from bot.plan import hash_of
from bot.request import BUSY, Move, Moved, Progress, Request, State, Verdict, Vote
from bot.text import Refused, Text
from bot.units import SECOND_US
from bot.words import NAMES


@dataclass(frozen=True)
class Glass:
    """Break-glass as it is configured. *group*: who may; "" for nobody. *unreviewed*: the request that blocks it."""

    group: str = ""
    unreviewed: str = ""


@dataclass(frozen=True)
class Decision:
    """What follows from an act. *moved* None: the state stays. *said*: one sentence for whoever acted."""

    said: Text
    vote: Vote | None = None
    moved: Moved | None = None
    fields: Mapping[str, object] | None = None


def decide(request: Request, act: Act, who: Who, at_us: int, glass: Glass) -> Decision:
    """Raise `Refused`, with the reason, if *who* may not. *at_us*: the database's clock, read under the lock."""
    if not (who.is_member or _takes_back(request, act, who)):
        raise Refused(words.NOT_A_MEMBER[who.standing].fill(name=who.name))
    if act.plan_hash and act.plan_hash != request.plan_hash:
        raise Refused(words.OTHER_PLAN)
    require_short(act.typed, act.statement, act.reason)
    return _DEEDS[act.deed](request, act, who, at_us, glass)


def _takes_back(request: Request, act: Act, who: Who) -> bool:
    """Whether somebody at the shell takes back what they asked for themselves: it needs no proof to leave a thing."""
    is_own = who.standing is Standing.OPERATOR and who.person == request.person
    return is_own and act.deed is Deed.CANCEL


def _approve(request: Request, act: Act, who: Who, at_us: int, _glass: Glass) -> Decision:
    _require_pending(request, at_us)
    _require_shown(request, act)
    if who.person != request.person:  # who typed the command knows what it is about
        _require_typed(request, act)
    _require_hours(request.demand, at_us)
    if not any(fills(who, slot, request.person) for slot in request.demand.slots):
        raise Refused(
            words.OWN if who.person == request.person else words.NOT_ELIGIBLE.fill(groups=groups(request.demand))
        )
    if any(vote.person == who.person for vote in request.said(Verdict.APPROVE)):
        raise Refused(words.ALREADY)
    return Decision(words.COUNTED, vote=_vote(Verdict.APPROVE, request, act, who, at_us))


def approved(request: Request, voters: tuple[Who, ...], at_us: int) -> Moved | None:
    """The move that the votes make, *voters* being those who cast them as they are now; None while some are missing."""
    if unfilled(request.demand.slots, voters, request.person):
        return None
    return Moved(Move.APPROVE, fields=_times(request.demand, at_us))


def _times(demand: Demand, at_us: int) -> dict[str, object]:
    not_before_us = at_us + demand.cooldown_s * SECOND_US
    execute_by_us = not_before_us + demand.execute_within_s * SECOND_US
    return {"approved_us": at_us, "not_before_us": not_before_us, "execute_by_us": execute_by_us}


def _deny(request: Request, act: Act, who: Who, at_us: int, _glass: Glass) -> Decision:
    _require_pending(request, at_us)
    _require_eligible(request, who)
    return Decision(words.DENIED, moved=_ended(Move.DENY, words.DENIED_BY, who, act))


def _explain(request: Request, act: Act, who: Who, _at_us: int, _glass: Glass) -> Decision:
    if request.state is not State.DENIED or request.ended_by != who.person:
        raise Refused(words.NOT_YOUR_DENIAL)
    said = words.DENIED_BY if request.approved_us is None else words.STOPPED_BY  # only what was approved can be stopped
    return Decision(words.EXPLAINED, fields={"why": _because(said, who, act.reason)})


def _cancel(request: Request, act: Act, who: Who, _at_us: int, _glass: Glass) -> Decision:
    if who.person != request.person:
        raise Refused(words.NOT_YOURS)
    if request.state not in {State.PENDING, State.APPROVED}:
        raise Refused(_too_late(request))
    return Decision(words.CANCELLED, moved=_ended(Move.CANCEL, words.CANCELLED_BY, who, act))


def _stop(request: Request, act: Act, who: Who, _at_us: int, _glass: Glass) -> Decision:
    if who.person != request.person:
        _require_eligible(request, who)
    if request.state is State.APPROVED:
        return Decision(words.STOPPED, moved=_ended(Move.STOP, words.STOPPED_BY, who, act))
    if request.state is not State.RUNNING:
        raise Refused(_too_late(request))
    if not any(step.progress is Progress.TODO for step in request.steps):
        raise Refused(words.NO_RETURN)
    return Decision(words.STOPPING, fields={"stop_by": who.name})


def _did(request: Request, act: Act, who: Who, at_us: int, _glass: Glass) -> Decision:
    if request.state is not State.INDETERMINATE:
        raise Refused(_too_late(request))
    _require_eligible(request, who)
    verdict = Verdict(act.deed)
    if any(vote.person == who.person for vote in request.last_said(verdict)):
        raise Refused(words.ALREADY)
    return Decision(words.COUNTED, vote=_vote(verdict, request, act, who, at_us))


def reconciled(request: Request, verdict: Verdict, voters: tuple[Who, ...]) -> Moved | None:
    """The move that those make who say *verdict*, as they are now; it takes the same people as an approval."""
    if unfilled(request.demand.slots, voters, request.person):
        return None
    names = ", ".join(who.name for who in voters)
    why = (words.DID if verdict is Verdict.DID else words.DID_NOT).fill(names=names)
    return Moved(Move.RECONCILE, why=why, fields={"did": verdict is Verdict.DID})


def _break_glass(request: Request, act: Act, who: Who, at_us: int, glass: Glass) -> Decision:
    if not glass.group:
        raise Refused(words.NO_GLASS)
    _require_pending(request, at_us)
    _require_shown(request, act)
    _require_typed(request, act)
    if who.person != request.person or glass.group not in who.groups:
        raise Refused(words.NOT_FOR_YOU.fill(group=glass.group))
    if glass.unreviewed:
        raise Refused(words.UNREVIEWED.fill(id=glass.unreviewed))
    if not act.reason.strip():
        raise Refused(words.GLASS_REASON)
    fields = {**_times(replace(request.demand, cooldown_s=0), at_us), "by_glass": True}
    moved = Moved(Move.APPROVE, why=_because(words.BROKEN_BY, who, act.reason), fields=fields)
    return Decision(words.BROKEN, vote=_vote(Verdict.APPROVE, request, act, who, at_us), moved=moved)


def _review(request: Request, _act: Act, who: Who, _at_us: int, _glass: Glass) -> Decision:
    if not request.by_glass or request.is_open:
        raise Refused(words.NOTHING_TO_REVIEW)
    if request.reviewed_by:
        raise Refused(words.REVIEWED_BY.fill(name=request.reviewed_by))
    _require_eligible(request, who)
    return Decision(words.REVIEWED, fields={"reviewed_by": who.name})


def _require_pending(request: Request, at_us: int) -> None:
    if request.state is not State.PENDING:
        raise Refused(_too_late(request))
    if at_us >= request.approve_by_us:
        raise Refused(words.TOO_LATE.fill(state=NAMES[State.EXPIRED]))


def _require_shown(request: Request, act: Act) -> None:
    """What was shown there is what stands in the database, and what it asks is answered."""
    if act.plan_hash != request.plan_hash or hash_of(request.plan_text) != request.plan_hash:
        raise Refused(words.OTHER_PLAN)
    question = request.plan.statement
    if question and not act.statement.strip():
        raise Refused(words.STATE_IT.fill(question=question))


def _require_typed(request: Request, act: Act) -> None:
    word = request.plan.confirm
    if word and act.typed.strip() != word:
        raise Refused(words.TYPE_IT.fill(word=word))


def _require_hours(demand: Demand, at_us: int) -> None:
    for hours in demand.hours:
        if not is_within(hours, at_us):
            raise Refused(words.NOT_NOW.fill(hours=hours))


def _require_eligible(request: Request, who: Who) -> None:
    """One of those who may approve; never the requester of what another must approve."""
    if not any(fills(who, slot, request.person) for slot in request.demand.slots):
        raise Refused(words.NOT_ELIGIBLE.fill(groups=groups(request.demand)))


def _vote(verdict: Verdict, request: Request, act: Act, who: Who, at_us: int) -> Vote:
    typed, statement = act.typed.strip(), act.statement.strip()
    cast = (verdict, who.account, who.person, who.name, request.plan_hash, at_us, act.via, typed, statement)
    return Vote(*cast, who.groups, _number(verdict, request, who))


def _number(verdict: Verdict, request: Request, who: Who) -> int:
    """Approving is said once; what happened is said anew by who has thought better of it."""
    earlier = [vote for vote in request.votes if vote.person == who.person and vote.verdict is not Verdict.APPROVE]
    return 0 if verdict is Verdict.APPROVE else len(earlier) + 1


def _ended(move: Move, text: Text, who: Who, act: Act) -> Moved:
    return Moved(move, why=_because(text, who, act.reason), fields={"ended_by": who.person})


def _because(text: Text, who: Who, reason: str) -> Text:
    said = words.BECAUSE.fill(reason=reason.strip()) if reason.strip() else Text("", "")
    return text.fill(name=who.name, account=str(who.account), because=said)


def _too_late(request: Request) -> Text:
    if request.state in BUSY:
        return words.RUNNING_NOW if request.state is State.RUNNING else words.UNKNOWN_NOW
    return words.TOO_LATE.fill(state=NAMES[request.state])


Rule = Callable[[Request, Act, Who, int, Glass], Decision]
_DEEDS: Mapping[Deed, Rule] = {
    Deed.APPROVE: _approve,
    Deed.DENY: _deny,
    Deed.EXPLAIN: _explain,
    Deed.CANCEL: _cancel,
    Deed.STOP: _stop,
    Deed.DID: _did,
    Deed.DID_NOT: _did,
    Deed.BREAK_GLASS: _break_glass,
    Deed.REVIEW: _review,
}
