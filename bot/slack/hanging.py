"""Keeps the cards in Slack as the database has them: puts them up, draws them anew, each at most every two seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.action import Finding, Level
from bot.card import Card, Cards
from bot.docket import Docket, Illegible
from bot.request import Request, State
from bot.requests_action import PERSON
from bot.slack import parts
from bot.slack.delivery import LATER
from bot.slack.request_card import Drawn, draw
from bot.slack.shared import Sharing
from bot.slack.trouble import Trouble, trouble
from bot.text import Language, Refused, Text
from bot.turn import ahead
from bot.units import SECOND_US

log = structlog.get_logger()
LOOK_S = 0.5
AT_ONCE = 20
COUNTDOWN_US = 60 * SECOND_US
COUNTING = frozenset({State.PENDING, State.APPROVED})
TRIES_MAX = 50
NOT_REACHED = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)


class Shared(Exception):
    """Another organisation reads there."""


@dataclass
class Hanging:
    """A crash between Slack's answer and its record puts a card up twice: the second is kept up to date from then on,
    and a press on either is decided alike.
    """

    cards: Cards
    docket: Docket
    client: AsyncWebClient
    now_us: Callable[[], int]
    language: Language = "en"
    has_glass: bool = False
    language_of: Callable[[str], Language] | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._sharing = Sharing(self.client, self.now_us)

    async def run(self) -> None:
        """Until cancelled. A database that does not answer is asked again later."""
        while True:
            self.news.clear()
            if not await self.hang_due():
                await self._rest()

    async def hang_due(self) -> bool:
        """Once, what is due now; whether there was any."""
        try:
            due = await asyncio.to_thread(self.cards.due, AT_ONCE, now_us=self.now_us())
        except Refused as refused:
            log.warning("the cards cannot be read", why=str(refused))
            return False
        await asyncio.gather(*(self._hang(card) for card in due))
        return bool(due)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_S):
                await self.news.wait()
        except TimeoutError:
            pass

    async def _hang(self, card: Card) -> None:
        """Raise nothing: one card that cannot be drawn is not in the way of the others."""
        try:
            await self._hung(card)
        except Refused as refused:
            log.warning("a card was not recorded", request=card.request_id, why=str(refused))
        except Exception as error:
            log.exception("a card was not drawn", request=card.request_id)
            with suppress(Refused):
                await self._put_off(card, type(error).__name__, _pause_s(card))

    async def _hung(self, card: Card) -> None:
        try:
            request = await asyncio.to_thread(self.docket.get, card.request_id)
        except Illegible as illegible:
            await self._put_off(card, illegible.why, None)
            return
        if request is None:
            await self._put_off(card, "no such request", None)
            return
        try:
            await self._draw(card, request, await asyncio.to_thread(self._drawn, card, request))
        except Shared:
            await self._withdraw(card)
            await self._put_off(card, "shared with another organisation", None)
        except NOT_REACHED as error:
            what = trouble(error)
            await self._put_off(card, what.reason, _after_s(card, what))

    def _drawn(self, card: Card, request: Request) -> Drawn:
        waits_for = ahead(self.docket.line(), request.id) if request.state is State.APPROVED else None
        return draw(request, self.now_us(), self._language(card), has_glass=self.has_glass, ahead=waits_for)

    def _language(self, card: Card) -> Language:
        """Of the one person whom it reaches directly, else the bot's own."""
        is_persons = PERSON.fullmatch(card.place)
        return self.language_of(card.place) if is_persons and self.language_of else self.language

    async def _draw(self, card: Card, request: Request, drawn: Drawn) -> None:
        message = {"blocks": drawn.blocks, "text": drawn.text}
        if card.is_anew:
            await self._replaced(card, MOVED)
            card = replace(card, channel="", ts="", drawn=0)
        if card.ts:
            await self._require_ours(card.channel, now=False)
            await self.client.api_call("chat.update", json={"channel": card.channel, "ts": card.ts, **message})
        else:
            card = await self._posted(card, message)
        if drawn.plan_file and card.drawn == 0:
            # Written down before its file follows: one that fails is sent again, and the card is not.
            await self._record(card, request)
            await self._attach(card, drawn.plan_file)
        await self._record(replace(card, drawn=request.version), request)

    async def _posted(self, card: Card, message: dict[str, Any]) -> Card:
        await self._require_ours(card.place, now=True)
        answer = await self.client.api_call("chat.postMessage", json={"channel": card.place, **message})
        return replace(card, channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def _record(self, card: Card, request: Request) -> None:
        again_us = self.now_us() + COUNTDOWN_US if request.state in COUNTING else None
        await asyncio.to_thread(self.cards.drawn, card, now_us=self.now_us(), again_us=again_us)

    async def _require_ours(self, place: str, *, now: bool) -> None:
        if await self._sharing.is_shared(place, now=now):
            raise Shared

    async def _withdraw(self, card: Card) -> None:
        """A channel may be shared after a card was put up there."""
        if card.ts:
            await self._replaced(card, WITHDRAWN)

    async def _replaced(self, card: Card, text: Text) -> None:
        """What hangs there no longer shows anything; if it was deleted, all the better."""
        language = await asyncio.to_thread(self._language, card)
        (said,) = parts.finding(Finding(Level.NOTE, text.fill(id=card.request_id)), language)
        message = {"channel": card.channel, "ts": card.ts, "text": parts.escape(said.text), "blocks": [said.block]}
        with suppress(*NOT_REACHED):
            await self.client.api_call("chat.update", json=message)

    async def _attach(self, hung: Card, plan: str) -> None:
        name = f"plan-{hung.request_id}.txt"
        await self.client.files_upload_v2(channel=hung.channel, thread_ts=hung.ts, filename=name, content=plan)

    async def _put_off(self, card: Card, why: str, after_s: float | None) -> None:
        log.warning("a card does not hang", request=card.request_id, place=card.place, why=why)
        due_us = None if after_s is None else self.now_us() + round(after_s * SECOND_US)
        await asyncio.to_thread(self.cards.later, card, due_us=due_us)


def _after_s(card: Card, what: Trouble) -> float | None:
    """When to try again; None: Slack will never take it there."""
    is_passing = what.status == 0 or what.status >= 500 or what.status == 429 or what.reason in LATER
    if not is_passing or card.attempts >= TRIES_MAX:
        return None
    return what.retry_after_s or _pause_s(card)


def _pause_s(card: Card) -> float:
    return 2.0 ** min(card.attempts, 6)


MOVED = Text(
    en="The card of request {id} was put up again: look for the newer one",
    fr="La carte de la demande {id} a été remise : voyez la plus récente",
)
WITHDRAWN = Text(
    en="Request {id} is no longer shown here: this channel is shared with another organisation. /pve-cluster requests {id} "
    "in a direct message opens it",
    fr="La demande {id} n'est plus affichée ici : ce canal est partagé avec une autre organisation. /pve-cluster requests "
    "{id} en message direct l'ouvre",
)
