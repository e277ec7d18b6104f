"""A running local Slack, and a bot on it, for any test that needs one."""

from __future__ import annotations

import asyncio
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.demo.slack.server import LocalSlack

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
BUTTON = {"type": "button", "action_id": "go", "value": "1", "text": {"type": "plain_text", "text": "Go"}}


@contextmanager
def running_slack(**how: Any) -> Iterator[LocalSlack]:
    """A started `LocalSlack`; *how* goes to its constructor."""
    with LocalSlack(**how) as slack:
        yield slack


class Person:
    """Somebody at the local Slack's page: what they do, and what they see then."""

    def __init__(self, slack: LocalSlack, user: str = "U0ALICE", channel: str = "C0OPS") -> None:
        self.slack, self.user, self.channel = slack, user, channel

    def types(self, text: str, **more: object) -> Any:
        return sim(self.slack, "slash", {"user": self.user, "channel": self.channel, "text": text, **more})

    def clicks(self, action_id: str, value: object = None, **where: object) -> Any:
        asked = {"user": self.user, "channel": self.channel, "action_id": action_id, "value": value, **where}
        return sim(self.slack, "click", asked)

    def submits(self, view_id: str, values: object = None) -> Any:
        return sim(self.slack, "submit", {"user": self.user, "view_id": view_id, "values": values or {}})

    def opens_home(self) -> Any:
        return sim(self.slack, "open_home", {"user": self.user})


def sim(slack: LocalSlack, what: str, body: object = None, headers: dict[str, str] | None = None) -> Any:
    """Ask /sim/*what*: a POST with a body, a GET without; errors are answers too."""
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"{slack.url}/sim/{what}", data, {"X-Sim-Token": slack.sim_token} | (headers or {}))
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return {"status": error.code} | json.load(error)


async def call(slack: LocalSlack, method: str, *, token: str | None = None, **args: object) -> dict[str, Any]:
    """Call a Web API method with a JSON body, and add the status to its answer."""
    headers = {"Authorization": f"Bearer {slack.bot_token if token is None else token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.url}/api/{method}", json=args, headers=headers) as answer,
    ):
        found: dict[str, Any] = await answer.json(content_type=None)
        return found | {"status": answer.status, "retry_after": answer.headers.get("Retry-After")}


def client_of(slack: LocalSlack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=f"{slack.url}/api/", retry_handlers=[])


def app_of(slack: LocalSlack) -> AsyncApp:
    """A Bolt app without listeners, whose client talks to *slack*."""
    return AsyncApp(client=client_of(slack), signing_secret=slack.signing_secret)


@asynccontextmanager
async def connected(slack: LocalSlack, app: AsyncApp, transport: str = "socket") -> AsyncIterator[None]:
    """*app* listening to *slack*, over `socket` or `http`."""
    async with _socket(slack, app) if transport == "socket" else _http(slack, app):
        yield


@asynccontextmanager
async def _socket(slack: LocalSlack, app: AsyncApp) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()
    try:
        yield
    finally:
        await handler.close_async()


@asynccontextmanager
async def _http(slack: LocalSlack, app: AsyncApp) -> AsyncIterator[None]:
    handler = AsyncSlackRequestHandler(app)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    site = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(site, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server._serve(sockets=[listening]))
        await until(lambda: server.started)
        await asyncio.to_thread(slack.connect_http, f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events")
        try:
            yield
        finally:
            server.should_exit = True
            await serving


async def until(true: Callable[[], bool], within_s: float = 10) -> None:
    """Wait for *true*. Raise `AssertionError` if it does not come."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.01)
