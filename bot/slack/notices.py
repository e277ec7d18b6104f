"""What is said about a request in the thread of its card: reports, reminders, alarms. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.action import Finding, Level, Report
from bot.message import Letter
from bot.request import Progress, Request, State
from bot.requests_action import PERSON
from bot.slack import parts
from bot.slack.blocks import messages, report
from bot.slack.parts import Part, escape
from bot.slack.request_rows import moment
from bot.sweep import Reminder
from bot.text import Language, Text
from bot.timers import Due
from bot.words import NAMES


@dataclass(frozen=True)
class Notices:
    """*alarm_channel*: who is told of a break-glass, "" for nobody. *language_of*: a person's; it asks nobody."""

    now_us: Callable[[], int]
    language: Language = "en"
    alarm_channel: str = ""
    language_of: Callable[[str], Language] | None = None

    def tell(self, request: Request, told: Report) -> tuple[Letter, ...]:
        """The report of a run, as many messages as it takes."""
        drawn = report(told, self.language)
        return tuple(self._letter(_thread(request), one) for one in messages(drawn, self.language))

    def remind(self, request: Request, reminder: Reminder) -> tuple[Letter, ...]:
        """In the thread, and to each who has the card directly: a thread there would call nobody."""
        text = REMINDED
        if reminder.due is Due.ESCALATE:
            text = ESCALATED if reminder.added else UNREACHED
        said = text.fill(
            id=request.id,
            words=request.plan.words,
            moment=moment(request.approve_by_us),
            group=request.demand.escalate_to,
        )
        found = Finding(Level.WARNING, said)
        return (self._said(_thread(request), found, self.language), *self._directly(_people(reminder.hangs), found))

    def ended(self, request: Request, places: Sequence[str]) -> tuple[Letter, ...]:
        """What became of it, to who asked for it; of an unknown outcome, also to all who can settle it."""
        if request.is_open and request.state is not State.INDETERMINATE:
            return ()
        found = Finding(LEVELS.get(request.state, Level.WARNING), _became(request))
        persons = _people([request.requester.user]) if request.state is not State.CANCELLED else []
        if request.state is State.INDETERMINATE:
            persons += _people(places)
        # A run that went to its end brings its report there.
        is_reported = all(step.progress is Progress.DONE for step in request.steps)
        here = () if is_reported else (self._said(f"{request.channel}#{request.id}", found, self.language),)
        return (*here, *self._directly(persons, found))

    def alarm(self, request: Request, said: Text) -> tuple[Letter, ...]:
        """To everybody who must know that somebody acts alone."""
        text = ALARM.fill(
            name=request.name, words=request.plan.words, cluster=request.cluster, id=request.id, said=said
        )
        found = parts.finding(Finding(Level.BAD, text), self.language)
        channels = dict.fromkeys(filter(None, [request.channel, self.alarm_channel]))
        return tuple(self._letter(_thread(request, channel), found) for channel in channels)

    def _directly(self, persons: Sequence[str], found: Finding) -> list[Letter]:
        language_of = self.language_of or (lambda _user: self.language)
        return [self._said(user, found, language_of(user)) for user in dict.fromkeys(persons)]

    def _said(self, to: str, found: Finding, language: Language) -> Letter:
        return self._letter(to, parts.finding(found, language))

    def _letter(self, to: str, drawn: list[Part]) -> Letter:
        text = escape("\n".join(part.text for part in drawn))
        return Letter("message", to, {"text": text, "blocks": [part.block for part in drawn]}, self.now_us())


def _thread(request: Request, channel: str = "") -> str:
    return f"{channel or request.channel}#{request.id}/{request.requester.user}"


def _people(places: Sequence[str]) -> list[str]:
    """Those of the places that are a person, not a channel, nor a login at the server's shell."""
    return [place for place in places if PERSON.fullmatch(place)]


def _became(request: Request) -> Text:
    why = WHY.fill(why=request.why) if request.why else Text("", "")
    locked = TO_SETTLE.fill(cluster=request.cluster) if request.state is State.INDETERMINATE else Text("", "")
    return BECAME.fill(id=request.id, words=request.plan.words, state=NAMES[request.state], why=why, locked=locked)


LEVELS: Mapping[State, Level] = {
    State.SUCCEEDED: Level.GOOD,
    State.RECONCILED: Level.NOTE,
    State.CANCELLED: Level.NOTE,
    State.FAILED: Level.BAD,
    State.INDETERMINATE: Level.BAD,
}
BECAME = Text(
    en="Request {id}, {words} — {state}{why}{locked}",
    fr="Demande {id}, {words} — {state}{why}{locked}",
)
WHY = Text(en=". {why}", fr=". {why}")
TO_SETTLE = Text(
    en=". The cluster {cluster} is locked until people say on the card what happened",
    fr=". Le cluster {cluster} est verrouillé tant que personne n'a dit sur la carte ce qui s'est passé",
)
REMINDED = Text(
    en="Still waiting for approval, until {moment}: {words} ({id})",
    fr="Toujours en attente d'approbation, jusqu'à {moment} : {words} ({id})",
)
ESCALATED = Text(
    en="Still waiting for approval, until {moment}; {group} has been told: {words} ({id})",
    fr="Toujours en attente d'approbation, jusqu'à {moment} ; {group} est prévenu : {words} ({id})",
)
UNREACHED = Text(
    en="Still waiting for approval, until {moment}; nobody of {group} could be reached: {words} ({id})",
    fr="Toujours en attente d'approbation, jusqu'à {moment} ; personne de {group} n'a pu être joint : {words} ({id})",
)
ALARM = Text(
    en="BREAK-GLASS: {name} runs this alone on {cluster}, without a second person: {words} ({id}). It must be reviewed",
    fr="BRIS DE GLACE : {name} exécute ceci seul sur {cluster}, sans deuxième personne : {words} ({id}). À examiner",
)
