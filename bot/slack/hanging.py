"""Keeps the cards in Slack as the database has them: puts them up, draws them anew, each at most every two seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.card import Card, Cards
from bot.docket import Docket
from bot.request import OPEN, Request
from bot.slack.delivery import LATER
from bot.slack.people import SHARED
from bot.slack.request_card import Drawn, draw
from bot.slack.trouble import Trouble, trouble
from bot.text import Language, Refused

log = structlog.get_logger()
SECOND_US = 1_000_000
LOOK_S = 0.5
AT_ONCE = 20
COUNTDOWN_US = 60 * SECOND_US
TRIES_MAX = 50


class Shared(Exception):
    """Another organisation reads there."""


@dataclass
class Hanging:
    """A crash between Slack's answer and its record puts a card up twice: both are kept up to date from then on."""

    cards: Cards
    docket: Docket
    client: AsyncWebClient
    now_us: Callable[[], int]
    language: Language = "en"
    has_glass: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

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
        try:
            request = await asyncio.to_thread(self.docket.get, card.request_id)
            if request is not None:
                hung = await self._drawn(
                    card, request, draw(request, self.now_us(), self.language, has_glass=self.has_glass)
                )
                again_us = self.now_us() + COUNTDOWN_US if request.state in OPEN else None
                await asyncio.to_thread(self.cards.drawn, hung, now_us=self.now_us(), again_us=again_us)
        except Shared:
            await self._put_off(card, "shared with another organisation", None)
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            what = trouble(error)
            await self._put_off(card, what.reason, _after_s(card, what))
        except Refused as refused:
            log.warning("a card was not recorded", why=str(refused))

    async def _drawn(self, card: Card, request: Request, drawn: Drawn) -> Card:
        message: dict[str, Any] = {"blocks": drawn.blocks} | ({"text": drawn.text} if drawn.text else {})
        if card.ts:
            await self.client.api_call("chat.update", json={"channel": card.channel, "ts": card.ts, **message})
            return replace(card, drawn=request.version)
        await self._require_ours(card.place)
        answer = await self.client.api_call("chat.postMessage", json={"channel": card.place, **message})
        hung = replace(card, channel=str(answer["channel"]), ts=str(answer["ts"]), drawn=request.version)
        if drawn.plan_file:
            await self._attach(hung, drawn.plan_file)
        return hung

    async def _require_ours(self, place: str) -> None:
        """What is approved is never posted where another organisation reads."""
        if place.startswith(("U", "W")):
            return
        found = await self.client.conversations_info(channel=place)
        if any(found["channel"].get(flag) for flag in SHARED):
            raise Shared

    async def _attach(self, hung: Card, plan: str) -> None:
        name = f"plan-{hung.request_id}.txt"
        await self.client.files_upload_v2(channel=hung.channel, thread_ts=hung.ts, filename=name, content=plan)

    async def _put_off(self, card: Card, why: str, after_s: float | None) -> None:
        log.warning("a card does not hang", request=card.request_id, place=card.place, why=why)
        due_us = None if after_s is None else self.now_us() + round(after_s * SECOND_US)
        await asyncio.to_thread(self.cards.later, card, due_us=due_us)


def _after_s(card: Card, what: Trouble) -> float | None:
    """When to try again; None: Slack will never take it there."""
    is_passing = what.status == 0 or what.status >= 500 or what.reason in LATER
    if not is_passing or card.attempts >= TRIES_MAX:
        return None
    return what.retry_after_s or 2.0 ** min(card.attempts, 6)
