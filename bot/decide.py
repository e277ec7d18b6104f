"""The one decision behind every door: may this person do this to this request, now? Pure.

Button, modal, typed command, App Home and command line all come here; nothing else moves a request for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.act import Act, Deed
from bot.demand import Demand, fills, unfilled
from bot.demand_words import groups
from bot.hours import is_within
from bot.people import Standing, Who
from bot.plan import hash_of
from bot.request import BUSY, Move, Moved, Progress, Request, State, Verdict, Vote
from bot.text import Refused, Text
from bot.words import NAMES

SECOND_US = 1_000_000


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
    if who.standing is not Standing.MEMBER:
        raise Refused(NOT_A_MEMBER[who.standing].fill(name=who.name))
    if act.plan_hash and act.plan_hash != request.plan_hash:
        raise Refused(OTHER_PLAN)
    return _DEEDS[act.deed](request, act, who, at_us, glass)


def _approve(request: Request, act: Act, who: Who, at_us: int, _glass: Glass) -> Decision:
    _require_pending(request, at_us)
    _require_shown(request, act, who)
    _require_hours(request.demand, at_us)
    if not any(fills(who, slot, request.person) for slot in request.demand.slots):
        raise Refused(OWN if who.person == request.person else NOT_ELIGIBLE.fill(groups=groups(request.demand)))
    if any(vote.person == who.person for vote in request.said(Verdict.APPROVE)):
        raise Refused(ALREADY)
    return Decision(COUNTED, vote=_vote(Verdict.APPROVE, request, act, who, at_us))


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
    return Decision(DENIED, moved=_ended(Move.DENY, DENIED_BY, who, act))


def _explain(request: Request, act: Act, who: Who, _at_us: int, _glass: Glass) -> Decision:
    if request.state is not State.DENIED or request.ended_by != who.person:
        raise Refused(NOT_YOUR_DENIAL)
    return Decision(EXPLAINED, fields={"why": _because(DENIED_BY, who, act.reason)})


def _cancel(request: Request, act: Act, who: Who, _at_us: int, _glass: Glass) -> Decision:
    if who.person != request.person:
        raise Refused(NOT_YOURS)
    if request.state not in {State.PENDING, State.APPROVED}:
        raise Refused(_too_late(request))
    return Decision(CANCELLED, moved=_ended(Move.CANCEL, CANCELLED_BY, who, act))


def _stop(request: Request, act: Act, who: Who, _at_us: int, _glass: Glass) -> Decision:
    if who.person != request.person:
        _require_eligible(request, who)
    if request.state is State.APPROVED:
        return Decision(STOPPED, moved=_ended(Move.STOP, STOPPED_BY, who, act))
    if request.state is not State.RUNNING:
        raise Refused(_too_late(request))
    if not any(step.progress is Progress.TODO for step in request.steps):
        raise Refused(NO_RETURN)
    return Decision(STOPPING, fields={"stop_by": who.name})


def _did(request: Request, act: Act, who: Who, at_us: int, _glass: Glass) -> Decision:
    if request.state is not State.INDETERMINATE:
        raise Refused(_too_late(request))
    _require_eligible(request, who)
    verdict = Verdict(act.deed)
    if any(vote.person == who.person for vote in request.last_said(verdict)):
        raise Refused(ALREADY)
    return Decision(COUNTED, vote=_vote(verdict, request, act, who, at_us))


def reconciled(request: Request, verdict: Verdict, voters: tuple[Who, ...]) -> Moved | None:
    """The move that those make who say *verdict*, as they are now; it takes the same people as an approval."""
    if unfilled(request.demand.slots, voters, request.person):
        return None
    names = ", ".join(who.name for who in voters)
    why = (DID if verdict is Verdict.DID else DID_NOT).fill(names=names)
    return Moved(Move.RECONCILE, why=why, fields={"did": verdict is Verdict.DID})


def _break_glass(request: Request, act: Act, who: Who, at_us: int, glass: Glass) -> Decision:
    if not glass.group:
        raise Refused(NO_GLASS)
    _require_pending(request, at_us)
    _require_shown(request, act, who)
    if who.person != request.person or glass.group not in who.groups:
        raise Refused(NOT_FOR_YOU.fill(group=glass.group))
    if glass.unreviewed:
        raise Refused(UNREVIEWED.fill(id=glass.unreviewed))
    if not act.reason.strip():
        raise Refused(GLASS_REASON)
    fields = {**_times(replace(request.demand, cooldown_s=0), at_us), "by_glass": True}
    moved = Moved(Move.APPROVE, why=_because(BROKEN_BY, who, act.reason), fields=fields)
    return Decision(BROKEN, vote=_vote(Verdict.APPROVE, request, act, who, at_us), moved=moved)


def _review(request: Request, _act: Act, who: Who, _at_us: int, _glass: Glass) -> Decision:
    if not request.by_glass or request.is_open:
        raise Refused(NOTHING_TO_REVIEW)
    if request.reviewed_by:
        raise Refused(REVIEWED_BY.fill(name=request.reviewed_by))
    _require_eligible(request, who)
    return Decision(REVIEWED, fields={"reviewed_by": who.name})


def _require_pending(request: Request, at_us: int) -> None:
    if request.state is not State.PENDING:
        raise Refused(_too_late(request))
    if at_us >= request.approve_by_us:
        raise Refused(TOO_LATE.fill(state=NAMES[State.EXPIRED]))


def _require_shown(request: Request, act: Act, who: Who) -> None:
    """What was shown there is what stands in the database, and the person proved to have read it."""
    plan = request.plan
    if act.plan_hash != request.plan_hash or hash_of(request.plan_text) != request.plan_hash:
        raise Refused(OTHER_PLAN)
    if plan.confirm and who.person != request.person and act.typed.strip() != plan.confirm:
        raise Refused(TYPE_IT.fill(word=plan.confirm))
    if plan.statement and not act.statement.strip():
        raise Refused(STATE_IT.fill(question=plan.statement))


def _require_hours(demand: Demand, at_us: int) -> None:
    for hours in demand.hours:
        if not is_within(hours, at_us):
            raise Refused(NOT_NOW.fill(hours=hours))


def _require_eligible(request: Request, who: Who) -> None:
    """One of those who may approve; never the requester of what another must approve."""
    if not any(fills(who, slot, request.person) for slot in request.demand.slots):
        raise Refused(NOT_ELIGIBLE.fill(groups=groups(request.demand)))


def _vote(verdict: Verdict, request: Request, act: Act, who: Who, at_us: int) -> Vote:
    typed, statement = act.typed.strip(), act.statement.strip()
    cast = (verdict, who.account, who.person, who.name, request.plan_hash, at_us, act.via, typed, statement)
    return Vote(*cast, who.groups, _number(verdict, request, who))


def _number(verdict: Verdict, request: Request, who: Who) -> int:
    """Approving is said once; what happened is said anew by who has thought better of it."""
    words = [vote for vote in request.votes if vote.person == who.person and vote.verdict is not Verdict.APPROVE]
    return 0 if verdict is Verdict.APPROVE else len(words) + 1


def _ended(move: Move, text: Text, who: Who, act: Act) -> Moved:
    return Moved(move, why=_because(text, who, act.reason), fields={"ended_by": who.person})


def _because(text: Text, who: Who, reason: str) -> Text:
    said = BECAUSE.fill(reason=reason.strip()) if reason.strip() else Text("", "")
    return text.fill(name=who.name, account=str(who.account), because=said)


def _too_late(request: Request) -> Text:
    if request.state in BUSY:
        return RUNNING_NOW if request.state is State.RUNNING else UNKNOWN_NOW
    return TOO_LATE.fill(state=NAMES[request.state])


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

NOT_A_MEMBER: Mapping[Standing, Text] = {
    Standing.GUEST: Text(
        en="{name} is a guest in this workspace: only full members decide",
        fr="{name} est un invité de cet espace de travail : seuls les membres à part entière décident",
    ),
    Standing.INVITED: Text(
        en="{name} has not joined this workspace yet: accept the invitation first",
        fr="{name} n'a pas encore rejoint cet espace de travail : acceptez d'abord l'invitation",
    ),
    Standing.BOT: Text(
        en="{name} is a bot: only people decide", fr="{name} est un bot : seules des personnes décident"
    ),
    Standing.DEACTIVATED: Text(en="The account of {name} is deactivated", fr="Le compte de {name} est désactivé"),
    Standing.EXTERNAL: Text(
        en="{name} belongs to another organisation: only our own members decide",
        fr="{name} appartient à une autre organisation : seuls nos propres membres décident",
    ),
    Standing.OPERATOR: Text(
        en="At the shell nobody can prove who they are to Slack: {name}, decide in Slack",
        fr="Au shell, personne ne prouve à Slack qui il est : {name}, décidez dans Slack",
    ),
    Standing.UNMAPPED: Text(
        en="The login {name} is not in [people] of the configuration, so it may only read",
        fr="Le compte système {name} n'est pas dans [people] de la configuration : il peut seulement lire",
    ),
}
BECAUSE = Text(en=": {reason}", fr=" : {reason}")
COUNTED = Text(en="Your vote is counted", fr="Votre voix est comptée")
DENIED = Text(en="Denied: it will not run", fr="Rejetée : elle ne sera pas exécutée")
DENIED_BY = Text(en="Denied by {name} ({account}){because}", fr="Rejetée par {name} ({account}){because}")
EXPLAINED = Text(en="Your reason is recorded", fr="Votre raison est enregistrée")
CANCELLED = Text(en="Cancelled: it will not run", fr="Annulée : elle ne sera pas exécutée")
CANCELLED_BY = Text(en="Cancelled by {name} ({account}){because}", fr="Annulée par {name} ({account}){because}")
STOPPED = Text(en="Stopped: nothing of it was started", fr="Arrêtée : rien n'en a été lancé")
STOPPED_BY = Text(en="Stopped by {name} ({account}){because}", fr="Arrêtée par {name} ({account}){because}")
STOPPING = Text(
    en="It stops before its next step; the step that runs now cannot be called back",
    fr="Elle s'arrête avant l'étape suivante ; l'étape en cours ne peut être rappelée",
)
BROKEN = Text(
    en="Glass broken: it runs now, and everybody was told", fr="Vitre brisée : elle s'exécute, et tous sont avertis"
)
BROKEN_BY = Text(en="Break-glass by {name} ({account}){because}", fr="Bris de glace par {name} ({account}){because}")
REVIEWED = Text(en="Reviewed: break-glass can be used again", fr="Examiné : le bris de glace peut resservir")
DID = Text(en="It did run, say {names}", fr="Elle a bien été exécutée, disent {names}")
DID_NOT = Text(en="It did not run, say {names}", fr="Elle n'a pas été exécutée, disent {names}")
OWN = Text(
    en="Someone else must approve your request, whichever account you use",
    fr="Quelqu'un d'autre doit approuver votre demande, quel que soit votre compte",
)
NOT_ELIGIBLE = Text(en="This takes: {groups}", fr="Il faut pour cela : {groups}")
ALREADY = Text(en="You have said so already: it counts once", fr="Vous l'avez déjà dit : cela compte une fois")
NOT_YOURS = Text(en="Only who asked for it can cancel it", fr="Seul son demandeur peut l'annuler")
NOT_YOUR_DENIAL = Text(en="Only who denied it can say why", fr="Seul qui l'a rejetée peut dire pourquoi")
TOO_LATE = Text(en="Too late: this request is {state}", fr="Trop tard : cette demande est {state}")
RUNNING_NOW = Text(en="Too late: it is running", fr="Trop tard : elle est en cours")
UNKNOWN_NOW = Text(
    en="It was started and its outcome is not known: look at the node, then say whether it did",
    fr="Elle a été lancée et son issue n'est pas connue : regardez le nœud, puis dites si elle a eu lieu",
)
NO_RETURN = Text(
    en="Its last step has been started: there is no way back",
    fr="Sa dernière étape est lancée : il n'y a plus de retour",
)
OTHER_PLAN = Text(
    en="What you were shown is not this plan: open its card again with /pve-cluster requests",
    fr="Ce qui vous a été montré n'est pas ce plan : rouvrez sa carte avec /pve-cluster requests",
)
TYPE_IT = Text(en="Type “{word}” to confirm", fr="Tapez « {word} » pour confirmer")
STATE_IT = Text(en="An answer is needed: {question}", fr="Il faut une réponse : {question}")
NOT_NOW = Text(
    en="This may be approved and run only at: {hours}", fr="Ceci ne s'approuve et ne s'exécute que : {hours}"
)
NO_GLASS = Text(en="Break-glass is not configured", fr="Le bris de glace n'est pas configuré")
NOT_FOR_YOU = Text(
    en="Break-glass is for requesters who are members of {group}, on their own request",
    fr="Le bris de glace est pour les demandeurs membres de {group}, sur leur propre demande",
)
UNREVIEWED = Text(
    en="The last break-glass ({id}) waits for its review: no other one until then",
    fr="Le dernier bris de glace ({id}) attend son examen : pas d'autre d'ici là",
)
GLASS_REASON = Text(en="Break-glass needs a reason", fr="Le bris de glace exige une raison")
NOTHING_TO_REVIEW = Text(en="There is nothing to review here", fr="Il n'y a rien à examiner ici")
REVIEWED_BY = Text(en="Already reviewed by {name}", fr="Déjà examiné par {name}")
