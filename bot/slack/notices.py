"""What is said about a request in the thread of its card: reports, reminders, alarms. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.action import Finding, Level, Report
from bot.message import Letter
from bot.request import Request
from bot.slack import parts
from bot.slack.blocks import messages, report
from bot.slack.parts import Part, escape
from bot.slack.request_rows import moment
from bot.text import Language, Text
from bot.timers import Due


@dataclass(frozen=True)
class Notices:
    """*alarm_channel*: who is told of a break-glass, "" for nobody."""

    now_us: Callable[[], int]
    language: Language = "en"
    alarm_channel: str = ""

    def tell(self, request: Request, told: Report) -> tuple[Letter, ...]:
        """The report of a run, as many messages as it takes."""
        drawn = report(told, self.language)
        return tuple(self._letter(_thread(request), one) for one in messages(drawn, self.language))

    def remind(self, request: Request, due: Due) -> tuple[Letter, ...]:
        text = ESCALATED if due is Due.ESCALATE else REMINDED
        said = text.fill(
            words=request.plan.words, moment=moment(request.approve_by_us), group=request.demand.escalate_to
        )
        found = parts.finding(Finding(Level.WARNING, said), self.language)
        return (self._letter(_thread(request), found),)

    def alarm(self, request: Request, said: Text) -> tuple[Letter, ...]:
        """To everybody who must know that somebody acts alone."""
        text = ALARM.fill(
            name=request.name, words=request.plan.words, cluster=request.cluster, id=request.id, said=said
        )
        found = parts.finding(Finding(Level.BAD, text), self.language)
        channels = dict.fromkeys(filter(None, [request.channel, self.alarm_channel]))
        return tuple(self._letter(_thread(request, channel), found) for channel in channels)

    def _letter(self, to: str, drawn: list[Part]) -> Letter:
        text = escape("\n".join(part.text for part in drawn))
        return Letter("message", to, {"text": text, "blocks": [part.block for part in drawn]}, self.now_us())


def _thread(request: Request, channel: str = "") -> str:
    return f"{channel or request.channel}#{request.id}/{request.requester.user}"


REMINDED = Text(
    en="Still waiting for approval, until {moment}: {words}",
    fr="Toujours en attente d'approbation, jusqu'à {moment} : {words}",
)
ESCALATED = Text(
    en="Still waiting for approval, until {moment}; {group} has been told: {words}",
    fr="Toujours en attente d'approbation, jusqu'à {moment} ; {group} est prévenu : {words}",
)
ALARM = Text(
    en="BREAK-GLASS: {name} runs this alone on {cluster}, without a second person: {words} ({id}). It must be reviewed",
    fr="BRIS DE GLACE : {name} exécute ceci seul sur {cluster}, sans deuxième personne : {words} ({id}). À examiner",
)
