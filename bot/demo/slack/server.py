"""The local Slack as a server on the loopback, in a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from threading import Event, Thread
from typing import Self, TypeVar
from urllib.parse import urlsplit

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.demo.slack import kept
from bot.demo.slack.acts import Acts
from bot.demo.slack.changes import Changes
from bot.demo.slack.clock import Clock, WallClock
from bot.demo.slack.events import Post
from bot.demo.slack.faults import Faults
from bot.demo.slack.http_transport import HttpTransport
from bot.demo.slack.methods.call import SCOPES, App
from bot.demo.slack.response_urls import ResponseUrls
from bot.demo.slack.sim import Nodes, Sim
from bot.demo.slack.socket_mode import SocketMode
from bot.demo.slack.web_api import WebApi, parts
from bot.demo.slack.workspace import Workspace

T = TypeVar("T")
PAGE = Path(__file__).parent.parent / "page"
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
CLOSE_S = 10


class LocalSlack:
    """A whole Slack for one app; the bot's client gets `url + "/api/"` as its base_url. *file*: where it is kept."""

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Clock | None = None,
        nodes: Nodes | None = None,
        scopes: frozenset[str] = SCOPES,
        tiers: bool = True,
        command: str = "/pve-cluster",
        file: Path | None = None,
    ) -> None:
        self.app = App(f"xoxb-{_secret()}", f"xapp-1-{_secret()}", _secret(), scopes, command)
        self.sim_token = _secret()
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.faults = Faults()
        self.clock = clock or WallClock()
        self.workspace = Workspace(self.clock, Changes())
        if file is not None:
            kept.read(file, self.workspace)
            self.workspace.changes.also = lambda: kept.write(file, self.workspace)
        self.socket_mode = SocketMode(self.clock, self.faults, self.workspace.changes)
        self._post = Post(self.socket_mode, self.faults, self.clock)
        self.response_urls = ResponseUrls(self.workspace, self.faults, self.url)
        self.web_api = WebApi(self.workspace, self.app, self.faults, self.url, self._new_socket_url, tiers)
        self.acts = Acts(self.workspace, self._post, self.response_urls, self.app)
        self.sim = Sim(self.acts, self.faults, nodes or Nodes(), self.sim_token)
        self._server = _Server(_config(self._routes()))
        self._thread = Thread(target=self._run, name="local-slack", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def bot_token(self) -> str:
        return self.app.bot_token

    @property
    def app_token(self) -> str:
        return self.app.app_token

    @property
    def signing_secret(self) -> str:
        return self.app.signing_secret

    @property
    def page_url(self) -> str:
        return f"{self.url}/?token={self.sim_token}"

    def start(self) -> Self:
        self._thread.start()
        if not self._server.ready.wait(CLOSE_S):
            raise RuntimeError("the local Slack did not start")
        return self

    def close(self) -> None:
        """End everything: connections, retries, the thread. May be called twice."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self.on_loop(self.workspace.changes.close)
            self._thread.join(CLOSE_S)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.close()

    def connect_http(self, events_url: str) -> None:
        """From now on deliver signed HTTP requests to *events_url* instead of Socket Mode envelopes."""
        if urlsplit(events_url).hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("the local Slack talks to this machine only")
        self.run(self._connect_http(events_url))

    def on_loop(self, work: Callable[[], T]) -> T:
        """Run *work* where the state may be touched, from any other thread."""

        async def working() -> T:
            return work()

        return self.run(working())

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine on the server's loop and return what it returns."""
        if self._loop is None:
            raise RuntimeError("the local Slack is not running")
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result()

    async def _connect_http(self, url: str) -> None:
        if self._post.transport is not self.socket_mode:
            await self._post.transport.close()
        self._post.transport = HttpTransport(url, self.signing_secret, self.clock, aiohttp.ClientSession())

    def _new_socket_url(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/link/?ticket={self.socket_mode.new_ticket()}&app_id=A0PVEBOT"

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            await self._post.close()

    def _routes(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/{method}", self.web_api.answer, methods=["GET", "POST"]),
                Route("/response/{key}", self.response_urls.answer, methods=["POST"]),
                Route("/upload/{file}", self._upload, methods=["POST"]),
                WebSocketRoute("/link/", self.socket_mode.serve),
                *self.sim.routes(),
                Route("/{name:path}", _page, methods=["GET"]),
            ]
        )

    async def _upload(self, request: Request) -> Response:
        """The bytes of a file: raw, or as one part of a form."""
        file = self.workspace.files.get(request.path_params["file"])
        body = await request.body()
        kind = request.headers.get("content-type", "")
        content = next(iter(parts(kind, body).values())) if kind.startswith("multipart/") else body
        if file is None or file.content is not None or len(content) != file.length:
            return PlainTextResponse("upload failed", 400)
        file.content = content
        return PlainTextResponse(f"OK - {len(content)}")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class _Cuttable(H11Protocol):
    """Lets a request reach its own connection, to cut it or to stop reading from it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Cuttable,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        log_level="critical",
        timeout_graceful_shutdown=2,
        ws_max_size=16_000_000,
    )


async def _page(request: Request) -> Response:
    """The page's own files, by name; nothing else is served."""
    if request.headers.get("host", "").rpartition(":")[0] not in {"127.0.0.1", "localhost", "[::1]"}:
        return JSONResponse({"error": "wrong Host"}, 403)
    file = PAGE / (request.path_params["name"] or "index.html")
    if file.parent != PAGE or file.suffix not in KINDS or not file.is_file():
        return PlainTextResponse("not found", 404)
    headers = {
        "Content-Security-Policy": "default-src 'self'",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return FileResponse(file, media_type=KINDS[file.suffix], headers=headers)


def _secret() -> str:
    return secrets.token_hex(16)
