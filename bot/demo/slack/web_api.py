"""The Web API over HTTP: all its wire forms, tokens, scopes, tiers; the methods are next door."""

from __future__ import annotations

import email.parser
import email.policy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.demo.slack.faults import RETRY_AFTER_S, SLOW_S, Faults
from bot.demo.slack.methods.call import App, Call, Failed, Method, invalid_arguments
from bot.demo.slack.methods.registry import METHODS
from bot.demo.slack.people import Object
from bot.demo.slack.workspace import Workspace

BURST = 10  # chat.postMessage: one a second in a channel, short bursts allowed


@dataclass
class WebApi:
    workspace: Workspace
    app: App
    faults: Faults
    base_url: str
    new_ticket: Callable[[], str]
    tiers: bool = True
    calls: list[tuple[str, Object]] = field(default_factory=list)
    _times: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    async def answer(self, request: Request) -> Response:
        if self.faults.strikes("web_api_down"):
            return Response("upstream connect error", 503)
        if self.faults.strikes("slow"):
            await self.workspace.clock.sleep(SLOW_S)
        name = request.path_params["method"]
        try:
            given = arguments(request.headers.get("content-type", ""), await request.body())
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_json"})
        given = dict(request.query_params) | given
        wait_s = self._wait_s(name, given)
        if wait_s:
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait_s)})
        answer = self._result(name, request.headers.get("authorization", ""), given)
        if self.faults.strikes("cut_before_answer"):
            request.state.transport.abort()
        return JSONResponse(answer, headers={"X-OAuth-Scopes": ",".join(sorted(self.app.scopes))})

    def _result(self, name: str, authorization: str, args: Object) -> Object:
        try:
            method = self._allowed(name, authorization.removeprefix("Bearer").strip() or str(args.pop("token", "")))
            self.calls.append((name, args))
            missing = [one for one in method.required if args.get(one) in (None, "")]
            if missing:
                raise invalid_arguments(*(f"missing required field: {one}" for one in missing))
            call = Call(args, self.workspace, self.app, self.base_url, self.new_ticket)
            return {"ok": True} | method.run(call)
        except Failed as failed:
            return {"ok": False, "error": failed.error} | failed.more

    def _allowed(self, name: str, token: str) -> Method:
        method = METHODS.get(name)
        if method is None:
            raise Failed("unknown_method", req_method=name)
        if not token:
            raise Failed("not_authed")
        if token not in {self.app.bot_token, self.app.app_token}:
            raise Failed("invalid_auth")
        if (token == self.app.app_token) != (method.token == "app"):
            raise Failed("not_allowed_token_type")
        for scope in method.scopes:
            _need(scope, self.app)
        return method

    def _wait_s(self, name: str, args: Object) -> int:
        """Seconds to wait before this call may be made; 0 if now. Counts it."""
        if self.faults.strikes("rate_limited"):
            return RETRY_AFTER_S
        method = METHODS.get(name)
        if method is None or not self.tiers:
            return 0
        if name == "chat.postMessage":
            return self._windowed((name, str(args.get("channel"))), BURST, BURST)
        return self._windowed((name, ""), method.per_minute, 60) if method.per_minute else 0

    def _windowed(self, key: tuple[str, str], most: int, window_s: int) -> int:
        now = self.workspace.clock.now()
        recent = [one for one in self._times.get(key, []) if one > now - window_s]
        if len(recent) >= most:
            return max(1, round(recent[0] + window_s - now))
        self._times[key] = [*recent, now]
        return 0


def arguments(content_type: str, body: bytes) -> Object:
    """What was sent: a form, JSON, multipart, or nothing. Raise `ValueError` for broken JSON."""
    if not body:
        return {}
    if content_type.startswith("application/json"):
        found = json.loads(body)
        if not isinstance(found, dict):
            raise ValueError("not an object")
        return found
    if content_type.startswith("multipart/form-data"):
        return {name: value.decode() for name, value in parts(content_type, body).items()}
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """The named parts of a multipart body."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    found: dict[str, bytes] = {}
    for part in message.iter_parts():
        name: Any = part.get_param("name", header="content-disposition")
        found[str(name)] = _content(part)
    return found


def _content(part: Any) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _need(scope: str, app: App) -> None:
    if scope not in app.scopes:
        raise Failed("missing_scope", needed=scope, provided=",".join(sorted(app.scopes)))
