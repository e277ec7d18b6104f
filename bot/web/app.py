"""POST /slack/events, GET /healthz, /readyz, /metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.web.guard import refused
from bot.web.metrics import Metrics

Unready = Callable[[], str | None]


def web_app(metrics: Metrics, unready: Unready, bolt: AsyncApp | None) -> Starlette:
    """*unready* says why the bot is not ready, or None; it may take its time. *bolt* is given where Slack calls us."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        reason = await run_in_threadpool(unready)
        return PlainTextResponse(reason or "ready", 503 if reason else 200)

    async def numbers(_request: Request) -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", numbers)]
    return Starlette(routes=[*routes, *([_slack_route(bolt)] if bolt else [])])


def server(app: Starlette) -> uvicorn.Server:
    """Serves on a socket that is handed to it; ends when `should_exit` is set."""
    return _Server(
        uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=5)
    )


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the bot's, not one server's."""
        yield


def _slack_route(bolt: AsyncApp) -> Route:
    handler = AsyncSlackRequestHandler(bolt)

    async def events(request: Request) -> Response:
        return await refused(request) or await handler.handle(request)

    return Route("/slack/events", events, methods=["POST"])
