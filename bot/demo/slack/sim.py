"""/sim/*: the page and scripts act as people here, with the page's token, from this machine only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.demo.slack.acts import Acts, Impossible, shown_message, shown_view
from bot.demo.slack.faults import Faults
from bot.demo.slack.methods.files import shown as shown_file
from bot.demo.slack.people import Object
from bot.demo.slack.pressed import NoSuchElement
from bot.demo.slack.workspace import Workspace

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Nodes:
    """The simulated nodes, from outside. *state* is shown as `cluster`; the others raise `ValueError` for nonsense."""

    state: Callable[[], Object] = dict
    power: Callable[[str, str], None] | None = None
    link: Callable[[str, int, bool], None] | None = None


@dataclass
class Sim:
    acts: Acts
    faults: Faults
    nodes: Nodes
    token: str

    @property
    def workspace(self) -> Workspace:
        return self.acts.workspace

    def routes(self) -> list[BaseRoute]:
        posts: dict[str, Callable[[Object], Awaitable[Object]]] = {
            "slash": self._slash,
            "click": self._click,
            "submit": lambda asked: self.acts.submit(asked["user"], asked["view_id"], asked.get("values") or {}),
            "close": lambda asked: self.acts.close(asked["user"], asked["view_id"]),
            "open_home": lambda asked: self.acts.open_home(asked["user"]),
            "fault": self._fault,
            "node": self._node,
            "link": self._link,
        }
        made: list[BaseRoute] = [
            Route(f"/sim/{name}", self._guarded(_posted(act)), methods=["POST"]) for name, act in posts.items()
        ]
        return [
            *made,
            Route("/sim/state", self._guarded(self._state), methods=["GET"]),
            Route("/sim/events", self._guarded(self._events), methods=["GET"]),
            Route("/sim/file/{id}", self._guarded(self._file), methods=["GET"]),
        ]

    def state(self) -> Object:
        kept = self.workspace
        return {
            "users": [one.shown(locale=True) | {"about": one.about} for one in kept.people.values()],
            "channels": [
                one.shown() | {"name": one.name, "members": sorted(one.members)} for one in kept.channels.values()
            ],
            "usergroups": [
                {"id": one.id, "handle": one.handle, "users": list(one.users)} for one in kept.groups.values()
            ],
            "messages": [shown_message(one) for one in kept.messages],
            "views": [shown_view(one) for one in kept.views.values()],
            "files": [
                shown_file(one) | {"channel": one.channel} for one in kept.files.values() if one.content is not None
            ],
            "faults": self.faults.shown(),
            "cluster": self.nodes.state(),
        }

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            refusal = self._refusal(request)
            return JSONResponse({"error": refusal}, 403) if refusal else await endpoint(request)

        return guarded

    def _refusal(self, request: Request) -> str:
        """Why this request is not from the page or a script of this machine; a web site elsewhere must not reach it."""
        host = request.headers.get("host", "")
        if host.rpartition(":")[0] not in LOOPBACK:
            return "wrong Host"
        if request.headers.get("origin", f"http://{host}") != f"http://{host}":
            return "wrong Origin"
        given = request.headers.get("x-sim-token") or request.query_params.get("token") or ""
        return "" if compare_digest(given.encode(), self.token.encode()) else "wrong token"

    async def _state(self, _request: Request) -> Response:
        return JSONResponse(self.state())

    async def _file(self, request: Request) -> Response:
        """What was uploaded, as text and nothing else."""
        found = self.workspace.files.get(request.path_params["id"])
        if found is None or found.content is None:
            return JSONResponse({"error": "no such file"}, 404)
        kind = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return Response(found.content, media_type="text/plain; charset=utf-8", headers=kind)

    async def _events(self, _request: Request) -> Response:
        return StreamingResponse(self._changes(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _changes(self) -> AsyncIterator[str]:
        changes = self.workspace.changes
        count = changes.count
        yield "retry: 1000\n\n"
        while not changes.closed:
            count = await changes.since(count)
            yield f"data: {count}\n\n"

    async def _slash(self, asked: Object) -> Object:
        return await self.acts.slash(asked["user"], asked["channel"], asked.get("text", ""), **_wait(asked))

    async def _click(self, asked: Object) -> Object:
        return await self.acts.click(asked["user"], asked, asked["action_id"], asked.get("value"), **_wait(asked))

    async def _fault(self, asked: Object) -> Object:
        self.faults.switch(asked["name"], on=bool(asked["on"]), times=int(asked.get("times", -1)))
        self.workspace.changes.happened()
        return {"faults": self.faults.shown()}

    async def _node(self, asked: Object) -> Object:
        if self.nodes.power is None:
            raise Impossible("there are no simulated nodes here")
        await asyncio.to_thread(self.nodes.power, asked["node"], asked["power"])
        return self._cluster()

    async def _link(self, asked: Object) -> Object:
        if self.nodes.link is None:
            raise Impossible("there are no simulated nodes here")
        await asyncio.to_thread(self.nodes.link, asked["node"], int(asked["link"]), bool(asked["up"]))
        return self._cluster()

    def _cluster(self) -> Object:
        self.workspace.changes.happened()
        return {"cluster": self.nodes.state()}


def _wait(asked: Object) -> dict[str, Any]:
    return {"wait_s": float(asked["wait_s"])} if "wait_s" in asked else {}


def _posted(act: Callable[[Object], Awaitable[Object]]) -> Endpoint:
    async def posted(request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
            return JSONResponse(await act(asked))
        except (Impossible, NoSuchElement) as impossible:
            return JSONResponse({"error": str(impossible)}, 404)
        except (KeyError, TypeError, ValueError) as wrong:
            return JSONResponse({"error": f"not understood: {wrong}"}, 400)

    return posted
