"""Bring the letters of the outbox to Slack: in order for each reader, and never one reader's trouble in another's way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk import Outbox
from bot.message import Letter
from bot.slack.shared import Sharing
from bot.slack.trouble import seconds, trouble
from bot.text import Refused
from bot.units import SECOND_US

log = structlog.get_logger()
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
SHARED = "shared with another organisation"
FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError)
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
    thread: Callable[[str, str], str] = lambda _request_id, _channel: ""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._sharing = Sharing(self.client, self.now_us)

    async def run(self) -> None:
        """Until cancelled. A database that does not answer is asked again later."""
        async with _session() as web, asyncio.TaskGroup() as group:
            while True:
                self.news.clear()
                await self._start(web, group)
                await self._rest()

    async def send_due(self) -> None:
        """Once, what is due now."""
        async with _session() as web:
            while letters := await self._due(AT_ONCE):
                await asyncio.gather(*(self._deliver(one, web) for one in letters))

    async def _start(self, web: aiohttp.ClientSession, group: asyncio.TaskGroup) -> None:
        """Each letter is a task of its own: one that Slack keeps waiting holds up no other reader's."""
        for letter in await self._due(AT_ONCE - len(self._under_way)):
            task = group.create_task(self._deliver(letter, web))
            self._under_way.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self.news.set()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_S):
                await self.news.wait()
        except TimeoutError:
            pass

    async def _due(self, most: int) -> list[Letter]:
        try:
            return await asyncio.to_thread(self.outbox.due, most, now_us=self.now_us()) if most > 0 else []
        except Refused as refused:
            log.warning("the outbox cannot be read", why=str(refused))
            return []

    async def _deliver(self, letter: Letter, web: aiohttp.ClientSession) -> None:
        """Raise nothing: a letter whose end cannot be recorded stays lent for a while, and is then sent again."""
        try:
            await self._settle(letter, web)
        except Refused as refused:
            log.warning("not recorded", letter=letter.id, why=str(refused))

    async def _settle(self, letter: Letter, web: aiohttp.ClientSession) -> None:
        try:
            await self._send(letter, web)
        except Never as never:
            await self._give_up(letter, str(never))
        except Later as later:
            await self._put_off(letter, later)
        except Exception as error:
            log.exception("letter not sent", letter=letter.id)
            await self._put_off(letter, Later(type(error).__name__))
        else:
            await asyncio.to_thread(self.outbox.sent, letter, now_us=self.now_us())

    async def _put_off(self, letter: Letter, later: Later) -> None:
        if letter.attempts >= ATTEMPTS_MAX:
            await self._give_up(letter, str(later))
            return
        after_s = later.after_s or min(2.0**letter.attempts, BACKOFF_MAX_S)
        due_us = self.now_us() + round(after_s * SECOND_US)
        await asyncio.to_thread(self.outbox.later, letter, due_us=due_us, why=str(later))

    async def _give_up(self, letter: Letter, why: str) -> None:
        log.warning("letter given up", letter=letter.id, why=why)
        await asyncio.to_thread(self.outbox.given_up, letter, why=why, now_us=self.now_us())

    async def _send(self, letter: Letter, web: aiohttp.ClientSession) -> None:
        """Raise `Later` or `Never` if Slack did not take it."""
        if letter.way == "message":
            await self._post(letter)
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

    async def _post(self, letter: Letter) -> None:
        """Where another organisation reads, or the bot is no more, it goes to the person named instead."""
        place, _, user = letter.to.partition("/")
        channel, _, request_id = place.partition("#")
        try:
            if request_id:
                await self._require_ours(channel)
            await self._ask("chat.postMessage", letter=letter, **await self._thread(channel, request_id))
        except Never as never:
            if not user or str(never) not in NOT_THERE | {SHARED}:
                raise
            await self._ask("chat.postMessage", channel=user, letter=letter)

    async def _require_ours(self, channel: str) -> None:
        try:
            is_shared = await self._sharing.is_shared(channel, now=True)
        except FAILURES as error:
            raise _sorted_out(error) from error
        if is_shared:
            raise Never(SHARED)

    async def _thread(self, channel: str, request_id: str) -> dict[str, str]:
        """Of the card there; if there is none, in the channel."""
        ts = await asyncio.to_thread(self.thread, request_id, channel) if request_id else ""
        return {"channel": channel, "thread_ts": ts} if ts else {"channel": channel}

    async def _respond(self, url: str, letter: Letter, web: aiohttp.ClientSession) -> None:
        if self.now_us() - letter.due_us > RESPONSE_URL_US and letter.attempts == 0:
            raise Gone
        if not self._is_slacks(url):
            raise Never("a response_url that is not Slack's")
        body = {"response_type": "ephemeral", "replace_original": False, **letter.payload}
        try:
            async with web.post(url, json=body, allow_redirects=False) as response:
                said = (await response.text())[:200]
                if response.status != 200 or '"ok":false' in said.replace(" ", ""):
                    _sort_out(response.status, response.headers.get("Retry-After"), said)
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
            await self._ask("chat.postMessage", channel=user, letter=letter)

    async def _ask(self, method: str, *, letter: Letter, **where: str) -> None:
        try:
            await self.client.api_call(method, json={**where, **letter.payload})
        except FAILURES as error:
            raise _sorted_out(error) from error


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POST_S), trust_env=True)


def _sorted_out(error: Exception) -> Later | Never:
    """What a call that failed means."""
    if not isinstance(error, SlackApiError):
        return Later(type(error).__name__)
    said = trouble(error)
    if said.reason in LATER or said.status == 429 or said.status >= 500:
        return Later(said.reason, said.retry_after_s)
    return Never(said.reason)


def _sort_out(status: int, retry_after: str | None, said: str) -> None:
    """What a response_url that did not answer 200 means."""
    if status == 429 or status >= 500:
        raise Later(f"response_url: {status}", seconds(retry_after))
    if status in {404, 410} or "expired" in said or "used" in said:
        raise Gone
    raise Never(f"response_url: {status} {said}")
