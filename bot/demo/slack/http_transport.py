"""Slack over HTTP: signed requests to the bot's /slack/events."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from bot.demo.slack.clock import Clock
from bot.demo.slack.delivery import ACK_S, NOT_DELIVERED, TIMEOUT, Ack, Delivery
from bot.demo.slack.people import Object

FORM = "application/x-www-form-urlencoded"


@dataclass
class HttpTransport:
    """*session* is made on the loop that uses it."""

    url: str
    secret: str
    clock: Clock
    session: aiohttp.ClientSession

    async def deliver(self, delivery: Delivery) -> Ack:
        begun = self.clock.now()
        sending = asyncio.ensure_future(self._send(delivery))
        waiting = asyncio.ensure_future(self.clock.sleep(ACK_S))
        await asyncio.wait({sending, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not sending.done():
            sending.cancel()
            return Ack(error=TIMEOUT, took_s=ACK_S)
        ack = sending.result()
        return Ack(ack.body, ack.error, self.clock.now() - begun, ack.no_retry)

    async def close(self) -> None:
        await self.session.close()

    async def _send(self, delivery: Delivery) -> Ack:
        body, content_type = encoded(delivery)
        headers = signed(body, self.secret, int(self.clock.now())) | {"Content-Type": content_type}
        if delivery.retry:
            headers |= {"X-Slack-Retry-Num": str(delivery.retry), "X-Slack-Retry-Reason": delivery.reason}
        try:
            async with self.session.post(self.url, data=body, headers=headers, allow_redirects=False) as answer:
                no_retry = answer.headers.get("X-Slack-No-Retry") == "1"
                if answer.status != 200:
                    return Ack(error=NOT_DELIVERED, no_retry=no_retry)
                return Ack(_body(await answer.text()))
        except aiohttp.ClientError:
            return Ack(error=NOT_DELIVERED)


def encoded(delivery: Delivery) -> tuple[bytes, str]:
    if delivery.kind == "slash_commands":
        return urlencode(delivery.payload).encode(), FORM
    text = json.dumps(delivery.payload)
    if delivery.kind == "interactive":
        return urlencode({"payload": text}).encode(), FORM
    return text.encode(), "application/json"


def signed(body: bytes, secret: str, at: int) -> dict[str, str]:
    """The headers that prove a request comes from Slack."""
    digest = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}


def _body(text: str) -> Object | None:
    """A message as JSON, or plain words."""
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return {"text": text}
    return found if isinstance(found, dict) else {"text": text}
