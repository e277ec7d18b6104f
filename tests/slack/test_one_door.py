"""Whoever changes a request for a person goes through the one decision: each listener and verb is tried with all that may come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Any

import pytest
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from sqlalchemy import Engine

from bot.act import Deed
from bot.command_line import SLASH
from bot.demo.slack.server import LocalSlack
from bot.docket import Edit
from bot.event import Event, Kind
from bot.filing import Filing
from bot.judge import Judge
from bot.request import Request, State
from bot.requests_action import ACTION, NAME
from bot.slack.forms import KINDS, Meant
from bot.store.docket import SqlDocket
from bot.text import same
from tests.slack.gear import GEAR
from tests.slack.office import Office
from tests.slack.test_twice import press

PRESSES = [*Deed, *(f"form/{kind}" for kind in KINDS), "again", "planted"]
INTERACTIONS = ("shortcut", "message_action", "block_suggestion", "dialog_submission", "thought_transfer")
EVENTS = ("app_home_opened", "app_mention", "message", "member_left_channel")
STATES = (State.PENDING, State.APPROVED, State.RUNNING, State.INDETERMINATE, State.DENIED)
WHO = {"team": {"id": "T0LOCAL"}, "api_app_id": "A0PVEBOT", "trigger_id": "1.2.3"}
numbers = count(1)


@dataclass
class Watch:
    """How often the judge decided in favour, and how often a request changed, whoever wanted it."""

    decided: int = 0
    changed: int = 0


@dataclass(frozen=True)
class WatchedDocket(SqlDocket):
    watch: Watch = field(default_factory=Watch)

    def change(self, id_: str, edit: Callable[[Request, int], Edit | None]) -> Request:
        before = self.get(id_)
        after = super().change(id_, edit)
        self.watch.changed += before != after
        return after


@dataclass(frozen=True)
class WatchedJudge(Judge):
    watch: Watch = field(default_factory=Watch)

    def hear(self, *heard: Any) -> Any:
        said = super().hear(*heard)
        self.watch.decided += 1
        return said


@dataclass
class Door:
    """An office under watch. Each payload is about a request of its own, in the same state."""

    office: Office
    watch: Watch
    template: Request | None = None

    async def tries(self, app: AsyncApp, state: State) -> int:
        """Send everything to the listeners; how many acts were decided. Raise `AssertionError` for a change by another door."""
        await self.office.asks()
        self.template, decided = self.office.request(), self.watch.decided
        silent = set(app._async_listeners)
        for user in ("U0ALICE", "U0CAROL"):
            for make in _payloads(user):
                body = make(self.filed(state))
                silent -= await _listening(app, silent, body)
                before = (self.watch.decided, self.watch.changed)
                await _heard(app, body)
                await self.office.work()
                came = (self.watch.decided - before[0], self.watch.changed - before[1])
                assert came[0] == came[1], f"changed by another door: {body}"
        assert silent == set(), "a listener that nothing here reaches"
        return self.watch.decided - decided

    def filed(self, state: State) -> Request:
        assert self.template is not None
        id_ = f"w{next(numbers)}"
        made = replace(self.template, id=id_, cluster=id_, state=state, ended_by="T0LOCAL/U0CAROL", execute_by_us=2**50)
        self.office.docket.file(Filing(made, ()), Event(Kind.COMMAND_ANSWERED, "T0LOCAL/U0ALICE"))
        return made


def _payloads(user: str) -> Iterator[Callable[[Request], dict[str, Any]]]:
    for action in PRESSES:
        yield partial(_press, user, action)
    for kind in (*KINDS, "planted"):
        for what in ("view_submission", "view_closed"):
            yield partial(_form, user, kind, what)
    for what in INTERACTIONS:
        yield partial(_other, user, what)
    for line in _lines():
        yield partial(_typed, user, line)
    for event in EVENTS:
        yield partial(_event, user, event)


def _lines() -> list[str]:
    """Each verb of each action, with the number of a request."""
    verbs = [f"{action.name} {verb.name} ID" for action in (ACTION, GEAR) for verb in action.verbs]
    return [*verbs, "requests", "requests ID", "requests deny ID --reason no", "gear turn", "help"]


def _press(user: str, action: str, about: Request) -> dict[str, Any]:
    card = {"ts": "1.1", "channel": "C0OPS", "blocks": [{"type": "actions", "elements": [{"value": ""}]}]}
    return press(card, action, user, value=f"{about.id} {about.plan_hash}", action_ts=about.id)


def _form(user: str, kind: str, what: str, about: Request) -> dict[str, Any]:
    values = {name: {name: {"value": "because"}} for name in ("statement", "reason")}
    view = {"id": about.id, "hash": "h", "type": "modal", "callback_id": f"form/{kind}", "state": {"values": values}}
    meant = {"private_metadata": Meant(about.id, about.plan_hash, "", "C0OPS").text}
    return WHO | {"user": {"id": user, "team_id": "T0LOCAL"}, "type": what, "view": view | meant}


def _other(user: str, what: str, about: Request) -> dict[str, Any]:
    more = {"callback_id": "x", "action_id": "x", "block_id": "b", "message": {}, "value": about.id}
    return WHO | {"user": {"id": user, "team_id": "T0LOCAL"}, "type": what, "submission": {}} | more


def _typed(user: str, line: str, about: Request) -> dict[str, Any]:
    fields = {"team_id": "T0LOCAL", "user_id": user, "channel_id": "C0OPS", "response_url": "http://127.0.0.1:9/"}
    command = "/other" if line == "help" and user == "U0CAROL" else SLASH
    return fields | {"command": command, "text": line.replace("ID", about.id), "trigger_id": about.id}


def _event(user: str, event: str, about: Request) -> dict[str, Any]:
    return {"type": "event_callback", "team_id": "T0LOCAL", "event": {"type": event, "user": user, "text": about.id}}


async def _listening(app: AsyncApp, silent: set[Any], body: dict[str, Any]) -> set[Any]:
    response = BoltResponse(status=200)
    return {one for one in silent if await one.async_matches(req=_request(body), resp=response)}


async def _heard(app: AsyncApp, body: dict[str, Any]) -> None:
    """By its listener, to the end: that of an event goes on after the acknowledgement."""
    before = asyncio.all_tasks()
    await app.async_dispatch(_request(body))
    if begun := asyncio.all_tasks() - before:
        await asyncio.wait(begun)


def _request(body: dict[str, Any]) -> AsyncBoltRequest:
    return AsyncBoltRequest(body=body, mode="socket_mode")


Made = Callable[..., Door]


@pytest.fixture(name="door")
def a_door(local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor) -> Made:
    def made(**more: Any) -> Door:
        watch = Watch()
        docket, judge = partial(WatchedDocket, watch=watch), partial(WatchedJudge, watch=watch)
        office = Office(local_slack, engine, threads, glass="glass", new_docket=docket, new_judge=judge, **more)
        return Door(office, watch)

    return made


@pytest.mark.parametrize("state", STATES)
async def test_no_listener_and_no_verb_changes_a_request_but_by_the_one_decision(door: Made, state: State) -> None:
    made = door()
    async with made.office.open() as app:
        decided = await made.tries(app, state)
    assert decided > 0


def _by_itself(office: Office, id_: str) -> None:
    office.docket.change(id_, lambda _now, _at: Edit(fields={"stop_by": "by itself"}))


@pytest.mark.parametrize("kind", ["button", "form", "event"])
async def test_a_planted_listener_that_changes_a_request_by_itself_is_found(door: Made, kind: str) -> None:
    made = door()

    async def planted(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        id_ = {
            "button": lambda: body["actions"][0]["value"].split(" ")[0],
            "form": lambda: body["view"]["id"],
            "event": lambda: body["event"]["text"],
        }[kind]()
        await asyncio.to_thread(_by_itself, made.office, id_)

    def plant(app: AsyncApp) -> None:
        {"button": app.action("planted"), "form": app.view("form/planted"), "event": app.event("message")}[kind](
            planted
        )

    async with made.office.open(plant=plant) as app:
        with pytest.raises(AssertionError, match="by another door"):
            await made.tries(app, State.PENDING)


async def test_a_planted_listener_that_nothing_reaches_is_found(door: Made) -> None:
    made = door()

    async def planted(ack: AsyncAck) -> None:
        await ack()

    async with made.office.open(plant=lambda app: app.action("unheard of")(planted)) as app:
        with pytest.raises(AssertionError, match="nothing here reaches"):
            await made.tries(app, State.PENDING)


async def test_a_planted_verb_that_changes_a_request_by_itself_is_found(door: Made) -> None:
    def planted(command: Any, _who: Any, _channel: Any) -> Any:
        if command.verb.name == "stop":
            _by_itself(made.office, command.args.id)
        return same("done")

    made = door(planted={NAME: planted})
    async with made.office.open() as app:
        with pytest.raises(AssertionError, match="by another door"):
            await made.tries(app, State.PENDING)
