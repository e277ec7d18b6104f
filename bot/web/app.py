"""POST /slack/events, GET /healthz, /readyz, /metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.web.guard import Guard
from bot.web.metrics import Metrics

Unready = Callable[[], str | None]
log = structlog.get_logger()


@dataclass(frozen=True)
class Door:
    """Where Slack calls us: nothing gets to *bolt* but past *guard*."""

    bolt: AsyncApp
    guard: Guard


def web_app(metrics: Metrics, unready: Unready, door: Door | None, remark: Unready = lambda: None) -> Starlette:
    """*unready* says why the bot is not ready, or None; it may take its time. *remark*: what is amiss when it is ready.
    *door*: unless Socket Mode is used.
    """

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        reason = await run_in_threadpool(unready)
        amiss = remark()
        ready = f"ready. {amiss}" if amiss else "ready"
        return PlainTextResponse(reason or ready, 503 if reason else 200)

    async def numbers(_request: Request) -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", numbers)]
    return Starlette(routes=[*routes, *([_slack_route(door)] if door else [])])


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


def _slack_route(door: Door) -> Route:
    handler = AsyncSlackRequestHandler(door.bolt)

    async def events(request: Request) -> Response:
        refusal = await door.guard.answer(request)
        if refusal is not None:
            return refusal
        try:
            return await handler.handle(request)
        except Exception as error:  # noqa: BLE001 - whatever Bolt's parser says of what is not as Slack writes it
            log.warning("signed, but not understood", error=type(error).__name__)
            return PlainTextResponse("not understood", 400)

    return Route("/slack/events", events, methods=["POST"])
