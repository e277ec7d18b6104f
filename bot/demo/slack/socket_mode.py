"""Slack over Socket Mode: tickets, connections, envelopes and their acks."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.demo.slack.changes import Changes
from bot.demo.slack.clock import Clock
from bot.demo.slack.delivery import ACK_S, NOT_DELIVERED, TIMEOUT, Ack, Delivery
from bot.demo.slack.faults import Faults
from bot.demo.slack.people import APP, Object

MOST_CONNECTIONS = 10
REFRESH_S = 18_060
REFRESH_WHEN_DEBUGGING_S = 360
HOST = "applink-local"


@dataclass
class SocketMode:
    """All open connections of the app; each envelope goes to one of them, in turn."""

    clock: Clock
    faults: Faults
    changes: Changes
    greeted: int = 0
    sockets: list[WebSocket] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    acks: dict[str, asyncio.Future[Object]] = field(default_factory=dict)
    _counted: int = 0
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.faults.on_switch.append(self._switched)

    def new_ticket(self) -> str:
        self._counted += 1
        ticket = f"{self._counted:08d}-{uuid5(NAMESPACE_URL, str(self._counted))}"
        self.tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its ticket to its end."""
        ticket = socket.query_params.get("ticket", "")
        known = ticket in self.tickets
        self.tickets.discard(ticket)  # good for one attempt, also a refused one
        if not known or self.faults.strikes("refuse_upgrade"):
            await socket.send_denial_response(Response(status_code=408))
            return
        await socket.accept()
        if len(self.sockets) >= MOST_CONNECTIONS:
            await _say_goodbye(socket, "too_many_websockets")
            return
        await self._talk(socket, debugging=socket.query_params.get("debug_reconnects") == "true")

    async def deliver(self, delivery: Delivery) -> Ack:
        if not self.sockets:
            return Ack(error=NOT_DELIVERED)
        begun = self.clock.now()
        self._counted += 1
        envelope_id = str(uuid5(NAMESPACE_URL, f"envelope {self._counted}"))
        answer: asyncio.Future[Object] = asyncio.get_running_loop().create_future()
        self.acks[envelope_id] = answer
        try:
            return await self._sent(envelope(envelope_id, delivery), answer, begun)
        finally:
            del self.acks[envelope_id]

    async def close(self) -> None:
        for task in self._later:
            task.cancel()
        for socket in list(self.sockets):
            await socket.close(1001)

    async def _sent(self, text: str, answer: asyncio.Future[Object], begun: float) -> Ack:
        if not self.faults.is_on("silent_socket"):
            socket = self.sockets[self._counted % len(self.sockets)]
            try:
                await socket.send_text(text)
            except (WebSocketDisconnect, RuntimeError):  # it went away just now
                return Ack(error=NOT_DELIVERED)
        waiting = asyncio.ensure_future(self.clock.sleep(ACK_S))
        both: set[asyncio.Future[Any]] = {answer, waiting}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        took_s = self.clock.now() - begun
        return (
            Ack(answer.result().get("payload") or None, took_s=took_s)
            if answer.done()
            else Ack(error=TIMEOUT, took_s=took_s)
        )

    async def _talk(self, socket: WebSocket, *, debugging: bool) -> None:
        self.sockets.append(socket)
        lasts_s = REFRESH_WHEN_DEBUGGING_S if debugging else REFRESH_S
        try:
            if self.faults.is_on("silent_socket"):
                _pause(socket)
            else:
                await socket.send_text(json.dumps(_hello(len(self.sockets), lasts_s)))
                self.greeted += 1
                self.changes.happened()
            while True:
                self._heard(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self.sockets.remove(socket)
            self.changes.happened()

    def _heard(self, text: str) -> None:
        """An ack names its envelope; one that nobody waits for any more is too late."""
        said = json.loads(text)
        answer = self.acks.get(said.get("envelope_id", ""))
        if answer is not None and not answer.done():
            answer.set_result(said)

    def _switched(self, name: str, on: bool) -> None:  # noqa: FBT001 # the signature of Faults.on_switch
        if name == "silent_socket":
            for socket in self.sockets:
                (_pause if on else _resume)(socket)
        elif name == "cut_sockets" and on:
            for socket in self.sockets:
                socket.state.transport.abort()
        elif name.startswith("disconnect_") and on:
            self._later |= {asyncio.ensure_future(_say_goodbye(one, name[11:])) for one in self.sockets}


def envelope(envelope_id: str, delivery: Delivery) -> str:
    body: Object = {
        "envelope_id": envelope_id,
        "type": delivery.kind,
        "accepts_response_payload": delivery.kind != "events_api",
        "payload": delivery.payload,
    }
    if delivery.kind == "events_api":
        body |= {"retry_attempt": delivery.retry, "retry_reason": delivery.reason}
    return json.dumps(body)


def _hello(number: int, lasts_s: int) -> Object:
    return {
        "type": "hello",
        "num_connections": number,
        "connection_info": {"app_id": APP},
        "debug_info": {"host": HOST, "approximate_connection_time": lasts_s},
    }


async def _say_goodbye(socket: WebSocket, reason: str) -> None:
    """Say why, and close: at once, except for the warning (the close follows some ten seconds later)."""
    await socket.send_text(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}))
    if reason != "warning":
        await socket.close(1000)


def _pause(socket: WebSocket) -> None:
    """Read nothing more from the peer: so nothing is answered, not even a ping."""
    socket.state.transport.pause_reading()


def _resume(socket: WebSocket) -> None:
    socket.state.transport.resume_reading()
