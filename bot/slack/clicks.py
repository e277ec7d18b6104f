"""The listeners of cards and forms: a click is written down and acknowledged, or opens a form; nothing is decided here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.act import Act, Deed
from bot.decide import Glass, decide
from bot.decide_words import NOT_YOUR_DENIAL
from bot.desk import TOO_LONG
from bot.docket import Docket
from bot.judge import Judge
from bot.people import Account, Who
from bot.request import Request
from bot.slack import forms
from bot.slack.app import HOME_S, WORDS_S, Reception
from bot.slack.forms import Meant, entered, form, instead, is_whole, problems, told, well_filled
from bot.slack.parts import escape
from bot.slack.presses import account_of, channel_of, click, submission, typed_again, value_of
from bot.text import Refused, Text

log = structlog.get_logger()
DEEDS = re.compile(r"\A(" + "|".join(Deed) + r")\Z")
FORMS = re.compile(r"\Aform/(" + "|".join(forms.KINDS) + r")\Z")
SENT = re.compile(r"\Aform/")  # also of a form that another version opened
AGAIN = "again"
LOOK_S = 1.0  # for the database, before the acknowledgement
NOT_REACHED = (SlackApiError, SlackClientError, OSError, TimeoutError)
Body = dict[str, Any]
WhoIs = Callable[[Account], Who]


@dataclass(frozen=True)
class Counter:
    """*who*: asked in a worker thread; it may ask Slack, and raise `Refused`."""

    app: AsyncApp
    reception: Reception
    docket: Docket
    who: WhoIs
    judge: Judge

    async def find(self, value: str) -> Request:
        """The request that a button is about. Raise `Refused` if there is none, or if nobody says in time."""
        try:
            async with asyncio.timeout(LOOK_S):
                return await asyncio.to_thread(self._request, value)
        except TimeoutError:
            raise Refused(NOT_SAID) from None

    async def open(self, kind: str, body: Body, value: str) -> None:
        """A trigger is good for three seconds: raise `Refused` for what cannot be shown, or not in time."""
        try:
            view = await asyncio.to_thread(self._form, kind, value, account_of(body), channel_of(body))
            await self.app.client.views_open(trigger_id=body["trigger_id"], view=view)
        except NOT_REACHED as error:
            log.warning("a form was not opened", kind=kind, error=str(error)[:200])
            raise Refused(NOT_OPENED) from None

    async def say(self, body: Body, respond: AsyncRespond, text: Text) -> None:
        """To who pressed, and nobody else; the card stays."""
        language = await self.reception.read_by(account_of(body).user, HOME_S)
        try:
            await respond(text=escape(text.to(language)), response_type="ephemeral", replace_original=False)
        except (ValueError, *NOT_REACHED) as error:
            log.warning("a press was not answered", error=str(error)[:200])

    def _request(self, value: str) -> Request:
        request = self.docket.get(value.partition(" ")[0])
        if request is None:
            raise Refused(NO_SUCH)
        return request

    def _form(self, kind: str, value: str, account: Account, channel: str) -> Body:
        request = self._request(value)
        who = self._who(account)
        if kind == forms.EXPLAIN and not (who and self._denies(request, who)):
            raise Refused(NOT_YOUR_DENIAL)
        if kind != forms.EXPLAIN and not is_whole(request):
            raise Refused(TOO_LONG)
        if kind in forms.FORESEEN and who:
            self.judge.foresee(well_filled(kind, request), who, self.reception.now_us())
        return form(kind, request, channel, who.language if who else self.reception.language)

    def _who(self, account: Account) -> Who | None:
        try:
            return self.who(account)
        except Refused:
            return None

    def _denies(self, request: Request, who: Who) -> bool:
        """Whether they are about to deny it, or just did: only then are they asked why. Decided elsewhere."""
        for deed in (Deed.DENY, Deed.EXPLAIN):
            try:
                decide(request, Act(deed, request.id, "button"), who, self.reception.now_us(), Glass())
            except Refused:
                continue
            return True
        return False


def listen_to_clicks(counter: Counter) -> None:
    """Registered before the listener that ignores everything else."""
    _listen_to_presses(counter.app, counter)
    _listen_to_forms(counter.app, counter)


def _listen_to_presses(app: AsyncApp, counter: Counter) -> None:
    reception = counter.reception

    @app.action(DEEDS)
    async def clicked(ack: AsyncAck, body: Body, action: Body, respond: AsyncRespond) -> None:
        problem = await reception.receive(click(body, action, reception.now_us()))
        await ack()
        if problem:
            await counter.say(body, respond, problem)
        elif action["action_id"] == Deed.DENY:
            with suppress(Refused):  # who may not deny it hears so in the answer
                await counter.open(forms.EXPLAIN, body, value_of(action))

    @app.action(AGAIN)
    async def again(ack: AsyncAck, body: Body, action: Body, respond: AsyncRespond) -> None:
        try:
            request = await counter.find(value_of(action))
            problem = await reception.receive(typed_again(body, action, request, reception.now_us()))
        except Refused as refused:
            problem = refused.text
        await ack()
        if problem:
            await counter.say(body, respond, problem)


def _listen_to_forms(app: AsyncApp, counter: Counter) -> None:
    @app.action(FORMS)
    async def wanted(ack: AsyncAck, body: Body, action: Body, respond: AsyncRespond) -> None:
        await ack()
        try:
            await counter.open(action["action_id"].removeprefix("form/"), body, value_of(action))
        except Refused as refused:
            await counter.say(body, respond, refused.text)

    @app.view(SENT)
    async def sent(ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await _taken(counter.reception, body, view))


async def _taken(reception: Reception, body: Body, view: Body) -> Body:
    """The acknowledgement of a form: nothing when it is written down, else what is wrong, in the form itself."""
    values = entered(view)
    try:
        meant = Meant.read(view.get("private_metadata") or "")
        asked = submission(body, view, meant, values, reception.now_us())
    except (ValueError, TypeError):
        return await _objected(values, NO_SUCH, reception, body)
    if problems(meant, values, reception.language):
        language = await reception.read_by(account_of(body).user, WORDS_S)
        return {"response_action": "errors", "errors": problems(meant, values, language)}
    problem = await reception.receive(asked)
    return await _objected(values, problem, reception, body) if problem else {}


async def _objected(values: dict[str, str], problem: Text, reception: Reception, body: Body) -> Body:
    """Beside an input, or in the place of a form that has none."""
    language = await reception.read_by(account_of(body).user, WORDS_S)
    if values:
        return {"response_action": "errors", "errors": {next(iter(values)): problem.to(language)}}
    return instead(told(problem, language))


NO_SUCH = Text(
    en="There is no such request (any more), so nothing was done: /pve-cluster requests lists them",
    fr="Il n'y a pas (ou plus) de telle demande, donc rien n'est fait : /pve-cluster requests les liste",
)
NOT_SAID = Text(
    en="The database did not answer in time, so nothing was done: press again",
    fr="La base de données n'a pas répondu à temps, donc rien n'est fait : appuyez à nouveau",
)
NOT_OPENED = Text(
    en="The form could not be opened in time, so nothing was done: press again",
    fr="Le formulaire n'a pas pu s'ouvrir à temps, donc rien n'est fait : appuyez à nouveau",
)
