"""Bring the letters of the outbox to Slack: in order for each reader, and never one reader's trouble in another's way."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk import Outbox
from bot.message import Letter
from bot.text import Refused

log = structlog.get_logger()
SECOND_US = 1_000_000
LOOK_S = 2.0  # for letters whose time has come, or that another process left behind
AT_ONCE = 20
POST_S = 8
RESPONSE_URL_US = 29 * 60 * SECOND_US  # Slack: 30 minutes
ATTEMPTS_MAX = 12
BACKOFF_MAX_S = 300
SLACK_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
NOT_THERE = frozenset(
    {"channel_not_found", "not_in_channel", "user_not_in_channel", "is_archived", "messages_tab_disabled"}
)
LATER = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)


class Later(Exception):
    """Not now; Slack, or the backoff, says in how many seconds."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class Never(Exception):
    """Slack will not take this letter, whenever it is sent."""


class Gone(Exception):
    """The response_url is used up or too old."""


@dataclass
class Delivery:
    """A crash between Slack's answer and `sent` brings a letter a second time: an answer twice is better than none."""

    outbox: Outbox
    client: AsyncWebClient
    now_us: Callable[[], int]
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled. A database that does not answer is asked again later."""
        async with _session() as web:
            while True:
                self.news.clear()
                if not await self._round(web):
                    await self._rest()

    async def send_due(self) -> None:
        """Once, what is due now."""
        async with _session() as web:
            while await self._round(web):
                pass

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_S):
                await self.news.wait()
        except TimeoutError:
            pass

    async def _round(self, web: aiohttp.ClientSession) -> bool:
        """Send what is due; whether there was any."""
        try:
            letters = await asyncio.to_thread(self.outbox.due, AT_ONCE, now_us=self.now_us())
        except Refused as refused:
            log.warning("the outbox cannot be read", why=str(refused))
            return False
        readers: dict[str, list[Letter]] = defaultdict(list)
        for letter in letters:
            readers[letter.to].append(letter)
        await asyncio.gather(*(self._deliver(one, web) for one in readers.values()))
        return bool(letters)

    async def _deliver(self, letters: list[Letter], web: aiohttp.ClientSession) -> None:
        """One reader's letters, in order; the first that must wait makes the rest wait."""
        for letter in letters:
            try:
                await self._send(letter, web)
            except Never as never:
                await self._give_up(letter, str(never))
            except Later as later:
                await self._put_off(letters[letters.index(letter) :], later)
                return
            else:
                await asyncio.to_thread(self.outbox.sent, letter, now_us=self.now_us())

    async def _put_off(self, letters: list[Letter], later: Later) -> None:
        for letter in letters:
            if letter.attempts >= ATTEMPTS_MAX:
                await self._give_up(letter, str(later))
                continue
            after_s = later.after_s or min(2.0**letter.attempts, BACKOFF_MAX_S)
            due_us = self.now_us() + round(after_s * SECOND_US)
            await asyncio.to_thread(self.outbox.later, letter, due_us=due_us, why=str(later))

    async def _give_up(self, letter: Letter, why: str) -> None:
        log.warning("letter given up", letter=letter.id, why=why)
        await asyncio.to_thread(self.outbox.given_up, letter, why=why, now_us=self.now_us())

    async def _send(self, letter: Letter, web: aiohttp.ClientSession) -> None:
        """Raise `Later` or `Never` if Slack did not take it."""
        if letter.way == "message":
            await self._post(channel=letter.to, letter=letter)
            return
        url, _, place = letter.to.rpartition(" ")
        try:
            if letter.way == "response":
                await self._respond(url, letter, web)
                return
        except Gone:
            log.info("response_url gone", letter=letter.id)
        channel, _, user = place.partition("/")
        await self._whisper(channel, user, letter)

    async def _respond(self, url: str, letter: Letter, web: aiohttp.ClientSession) -> None:
        if self.now_us() - letter.due_us > RESPONSE_URL_US and letter.attempts == 0:
            raise Gone
        if not self._is_slacks(url):
            raise Never("a response_url that is not Slack's")
        body = {"response_type": "ephemeral", "replace_original": False, **letter.payload}
        try:
            async with web.post(url, json=body, allow_redirects=False) as response:
                if response.status == 200:
                    return
                _sort_out(response.status, response.headers.get("Retry-After"), (await response.text())[:200])
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Later(type(error).__name__) from error

    def _is_slacks(self, url: str) -> bool:
        parts, own = urlsplit(url), urlsplit(self.client.base_url)
        return (parts.scheme == "https" and parts.hostname in SLACK_HOSTS) or (
            own.hostname != "slack.com" and parts.scheme == own.scheme and parts.netloc == own.netloc
        )

    async def _whisper(self, channel: str, user: str, letter: Letter) -> None:
        """To one person in a channel, or to them directly where they or the bot are not in it."""
        try:
            await self._ask("chat.postEphemeral", channel=channel, user=user, letter=letter)
        except Never as never:
            if str(never) not in NOT_THERE:
                raise
            await self._post(channel=user, letter=letter)

    async def _post(self, *, channel: str, letter: Letter) -> None:
        await self._ask("chat.postMessage", channel=channel, letter=letter)

    async def _ask(self, method: str, *, letter: Letter, **where: str) -> None:
        try:
            await self.client.api_call(method, json={**where, **letter.payload})
        except SlackApiError as error:
            response = error.response
            if response["error"] in LATER or response.status_code >= 500:
                raise Later(str(response["error"]), _seconds(response.headers.get("Retry-After"))) from error
            raise Never(str(response["error"])) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Later(type(error).__name__) from error


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POST_S), trust_env=True)


def _sort_out(status: int, retry_after: str | None, said: str) -> None:
    """What a response_url that did not answer 200 means."""
    if status == 429 or status >= 500:
        raise Later(f"response_url: {status}", _seconds(retry_after))
    if status in {404, 410} or "expired" in said or "used" in said:
        raise Gone
    raise Never(f"response_url: {status} {said}")


def _seconds(header: object) -> float | None:
    return float(header) if isinstance(header, str) and header.isdecimal() else None
