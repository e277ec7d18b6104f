"""response_url: an address for answers, five times within thirty minutes, without a token."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.demo.slack.content import check_blocks
from bot.demo.slack.faults import RETRY_AFTER_S, Faults
from bot.demo.slack.methods.call import Failed
from bot.demo.slack.people import Object
from bot.demo.slack.workspace import Message, Workspace

MOST_USES = 5
LASTS_S = 30 * 60


@dataclass
class ResponseUrl:
    """*source*: the message that was clicked, None for a command."""

    user: str
    channel: str
    at: float
    source: Message | None = None
    uses: int = 0


@dataclass
class ResponseUrls:
    workspace: Workspace
    faults: Faults
    base_url: str
    urls: dict[str, ResponseUrl] = field(default_factory=dict)

    def new(self, user: str, channel: str, source: Message | None = None) -> str:
        key = self.workspace.new("R")
        self.urls[key] = ResponseUrl(user, channel, self.workspace.clock.now(), source)
        return f"{self.base_url}/response/{key}"

    def used(self, url: str) -> int:
        return self.urls[url.rpartition("/")[2]].uses

    async def answer(self, request: Request) -> Response:
        if self.faults.strikes("web_api_down"):
            return PlainTextResponse("upstream connect error", 503)
        if self.faults.strikes("rate_limited"):
            return PlainTextResponse("rate_limited", 429, {"Retry-After": str(RETRY_AFTER_S)})
        answer = self._answer(self.urls.get(request.path_params["key"]), await request.body())
        if self.faults.strikes("cut_before_answer"):
            request.state.transport.abort()
        return answer

    def _answer(self, url: ResponseUrl | None, text: bytes) -> Response:
        wrong = self._wrong(url)
        if url is None or wrong:
            return JSONResponse({"ok": False, "error": wrong}, 404)
        try:
            body = json.loads(text)
            self._take(url, body)
        except (ValueError, AttributeError):
            return PlainTextResponse("invalid_payload", 400)
        except Failed as failed:
            return PlainTextResponse(failed.error, 400)
        url.uses += 1
        self.workspace.changes.happened()
        return PlainTextResponse("ok")

    def _wrong(self, url: ResponseUrl | None) -> str:
        if url is None:
            return "invalid_url"
        if url.uses >= MOST_USES:
            return "used_url"
        return "expired_url" if self.workspace.clock.now() - url.at > LASTS_S else ""

    def _take(self, url: ResponseUrl, body: Any) -> None:
        if body.get("delete_original") and url.source in self.workspace.messages:
            self.workspace.remove(url.source)
            return
        check_message(body)
        if body.get("replace_original") and url.source in self.workspace.messages:
            self.workspace.change(url.source, body)
            return
        say(self.workspace, url.user, url.channel, body)


def check_message(body: Object) -> None:
    """Raise `Failed` if *body* is no message."""
    check_blocks(body.get("blocks") or [], "message")
    if not body.get("text") and not body.get("blocks"):
        raise Failed("no_text")


def say(workspace: Workspace, user: str, channel: str, body: Object) -> Message:
    """Post an answer: for its person alone unless it says `in_channel`."""
    ephemeral_to = None if body.get("response_type") == "in_channel" else user
    return workspace.by_bot(channel, body, ephemeral_to=ephemeral_to)
