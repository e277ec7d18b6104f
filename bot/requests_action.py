"""/pve-cluster requests: lists requests, opens the card of one again, cancels, denies or stops it. Asks no node."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from bot import policy
from bot.act import Act, Deed
from bot.action import Action, Cell, Code, Finding, Json, Level, NoFacts, Report, Table, Verb
from bot.command_line import Command
from bot.demand_words import groups
from bot.docket import Docket
from bot.judge import Judge
from bot.names import ClusterName, shortened
from bot.people import Who
from bot.policy import Rule
from bot.request import OPEN, Request, State
from bot.text import Refused, Text, same
from bot.words import MARKS, NAMES

NAME = "requests"
_ID = re.compile(r"[a-z0-9-]{1,20}")
SHOWN_MAX = 50
PENDING, MINE = "pending", "mine"
PERSON = re.compile(r"[UW][A-Z0-9]+")

PutUp = Callable[[str, str], None]
"""Hangs the card of a request in a channel, or sends it to a person."""


class RequestId(str):
    """The number of a request, as its card shows it. Raise `Refused` if *word* cannot be one."""

    def __new__(cls, word: str) -> Self:
        if not _ID.fullmatch(word.lower()):
            raise Refused(NOT_AN_ID.fill(word=shortened(word)))
        return super().__new__(cls, word.lower())


@dataclass(frozen=True)
class Which:
    """*which*: "pending", "mine", or the number of one; without it all that are not over."""

    which: RequestId | None = None


@dataclass(frozen=True)
class One:
    id: RequestId
    reason: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Requests:
    """*rules*: who may read of which cluster; they hold for its requests as for itself."""

    docket: Docket
    judge: Judge
    put_up: PutUp
    rules: Sequence[Rule] = ()

    def answer(self, command: Command, who: Who, channel: str | None) -> Report | Text:
        """Raise `Refused`, with the reason, for what may not be, or is not there."""
        if command.verb.name in DEEDS:
            act = Act(DEEDS[command.verb.name], command.args.id, "slash", reason=command.args.reason)
            return self.judge.hear(act, who.account, channel)
        which = command.args.which
        if which in {None, PENDING, MINE}:
            closed = policy.closed(who, command, self.rules)
            return listed(self._found(which, who, closed), which, closed)
        return self._opened(command, who, channel)

    def _found(self, which: str | None, who: Who, closed: Collection[str]) -> list[Request]:
        """One more than are shown tells that there are more."""
        if which == MINE:
            return self.docket.find(frozenset(State), person=who.person, but=closed, limit=SHOWN_MAX + 1)
        return self.docket.find({State.PENDING} if which == PENDING else OPEN, but=closed, limit=SHOWN_MAX + 1)

    def _opened(self, command: Command, who: Who, channel: str | None) -> Report:
        """In its own channel where it was asked for there; else it goes to whoever asked."""
        id_ = command.args.which
        request = self.docket.get(id_)
        if request is None:
            raise Refused(NO_SUCH.fill(id=id_))
        policy.require(who, command, ClusterName(request.cluster), self.rules)
        is_here = channel == request.channel or not PERSON.fullmatch(who.account.user)
        self.put_up(id_, request.channel if is_here else who.account.user)
        return opened(request, IN_ITS_CHANNEL if is_here else TO_YOU)


def listed(found: list[Request], which: str | None, closed: Mapping[ClusterName, Text] | None = None) -> Report:
    """The newest first. *closed*: the clusters of which none is shown, each with the reason."""
    count = str(len(found)) if len(found) <= SHOWN_MAX else f"{SHOWN_MAX}+"
    headline, found = HEADLINES.get(which or "", OPEN_ONES).fill(count=count), found[:SHOWN_MAX]
    table = Table((REQUEST, STATE, CLUSTER, WHAT, ASKED_BY), tuple(_row(request) for request in found))
    tables = (table,) if found else ()
    hidden = tuple(Finding(Level.NOTE, NOT_SHOWN.fill(cluster=name, why=why)) for name, why in (closed or {}).items())
    data: dict[str, Json] = {"requests": [_data(request) for request in found]}
    return Report(Level.NOTE, headline, findings=hidden, tables=tables, next=(ONE_OF_THEM,), data=data)


def opened(request: Request, where: Text) -> Report:
    """What there is to know of one, for whoever does not see its card."""
    pairs: list[tuple[Text, Cell]] = [
        (STATE, _state(request)),
        (CLUSTER, request.cluster),
        (ASKED_BY, f"{request.name} ({request.requester})"),
    ]
    pairs += [(label, value) for label, value in ((REASON, request.reason), (OUTCOME, request.why)) if value]
    pairs += [(NEEDS, groups(request.demand))]
    commands = tuple(Code(same(f"{step.on}"), shlex.join(step.argv)) for step in request.plan.steps)
    headline = ONE.fill(id=request.id, words=request.plan.words)
    return Report(Level.NOTE, headline, tuple(pairs), code=commands, next=(where,), data=_data(request))


def _row(request: Request) -> tuple[Cell, ...]:
    return (request.id, _state(request), request.cluster, request.plan.words, request.name)


def _state(request: Request) -> Text:
    return MARKED.fill(mark=MARKS[request.state], state=NAMES[request.state])


def _data(request: Request) -> dict[str, Json]:
    return {
        "id": request.id,
        "state": str(request.state),
        "cluster": request.cluster,
        "line": request.plan.line,
        "requester": str(request.requester),
        "created_us": request.created_us,
        "approve_by_us": request.approve_by_us,
    }


def _unanswered(_args: object, _facts: NoFacts, _after: NoFacts) -> Report:
    """Who asks matters here, so `Requests` answers in its place."""
    raise TypeError("requests are kept by the bot, not by nodes")


DEEDS: Mapping[str, Deed] = {"cancel": Deed.CANCEL, "deny": Deed.DENY, "stop": Deed.STOP}
NOT_AN_ID = Text(en="“{word}” is not the number of a request", fr="« {word} » n'est pas le numéro d'une demande")
NO_SUCH = Text(
    en="There is no request {id}. Those that wait: /pve-cluster requests",
    fr="Il n'y a pas de demande {id}. Celles qui attendent : /pve-cluster requests",
)
NOT_SHOWN = Text(
    en="Those of {cluster} are not shown to you. {why}", fr="Celles de {cluster} ne vous sont pas montrées. {why}"
)
OPEN_ONES = Text(en="Requests that are not over: {count}", fr="Demandes non terminées : {count}")
HEADLINES: Mapping[str, Text] = {
    PENDING: Text(en="Requests that wait for approval: {count}", fr="Demandes en attente d'approbation : {count}"),
    MINE: Text(en="Your requests: {count}", fr="Vos demandes : {count}"),
}
ONE = Text(en="Request {id}: {words}", fr="Demande {id} : {words}")
ONE_OF_THEM = Text(
    en="Open the card of one again: /pve-cluster requests ID", fr="Rouvrir la carte de l'une : /pve-cluster requests ID"
)
IN_ITS_CHANNEL = Text(en="Its card is put up again in its channel", fr="Sa carte est remise dans son canal")
TO_YOU = Text(en="Its card comes to you directly", fr="Sa carte vous arrive en message direct")
MARKED = Text(en="{mark} {state}", fr="{mark} {state}")
REQUEST = Text(en="Request", fr="Demande")
STATE = Text(en="State", fr="État")
CLUSTER = Text(en="Cluster", fr="Cluster")
WHAT = Text(en="What", fr="Quoi")
ASKED_BY = Text(en="Asked by", fr="Demandé par")
REASON = Text(en="Reason", fr="Raison")
OUTCOME = Text(en="Outcome", fr="Issue")
NEEDS = Text(en="Needs", fr="Il faut")
SUMMARY = Text(
    en="Requests for approval: list them, open one again, take one back",
    fr="Demandes d'approbation : les lister, en rouvrir une, en retirer une",
)
HELP = Text(
    en="What changes a cluster is first asked of people, on a card. `requests` lists those that are not over, `requests "
    "pending` those that wait, `requests mine` yours; with a number the card is put up again, also when it was deleted. "
    "Approving is done on the card only, where the whole plan is seen.",
    fr="Ce qui change un cluster est d'abord demandé à des personnes, sur une carte. `requests` liste celles non terminées, "
    "`requests pending` celles qui attendent, `requests mine` les vôtres ; avec un numéro la carte est remise, même si elle "
    "a été supprimée. On n'approuve que sur la carte, où l'on voit tout le plan.",
)
LIST = Text(
    en="The requests that are not over, that wait, or yours; with ID: that card again",
    fr="Les demandes non terminées, en attente, ou les vôtres ; avec ID : cette carte à nouveau",
)
CANCEL = Text(en="Takes your own request back, until it runs", fr="Retire votre demande, jusqu'à son exécution")
DENY = Text(en="Denies a request that you could approve", fr="Rejette une demande que vous pourriez approuver")
STOP = Text(
    en="Stops an approved request; one that runs, before its next step",
    fr="Arrête une demande approuvée ; en cours, avant l'étape suivante",
)
ACTION = Action(
    name=NAME,
    summary=SUMMARY,
    help=HELP,
    verbs=(
        Verb(name="list", summary=LIST, args=Which, facts=NoFacts, report=_unanswered),
        Verb(name="cancel", summary=CANCEL, args=One, facts=NoFacts, report=_unanswered),
        Verb(name="deny", summary=DENY, args=One, facts=NoFacts, report=_unanswered),
        Verb(name="stop", summary=STOP, args=One, facts=NoFacts, report=_unanswered),
    ),
)
