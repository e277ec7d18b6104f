"""Requests as rows and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Row

from bot import demand, plan
from bot.people import Account
from bot.request import Progress, Request, State, StepRun, Verdict, Vote
from bot.text import Text, literal

_PARTS = frozenset({"votes", "steps"})  # in tables of their own


def request_row(request: Request) -> dict[str, Any]:
    """All columns of *request*; its votes and steps have tables of their own."""
    return columns({field.name: getattr(request, field.name) for field in fields(request) if field.name not in _PARTS})


def columns(values: Mapping[str, object]) -> dict[str, Any]:
    """Fields of a request as columns."""
    return {name: _column(value) for name, value in values.items()}


def vote_row(request_id: str, vote: Vote) -> dict[str, Any]:
    made = {"account": _account(vote.account), "groups": json.dumps(sorted(vote.groups))}
    return {**vars(vote), **made, "request_id": request_id}


def step_row(request_id: str, step: StepRun) -> dict[str, Any]:
    return {**vars(step), "request_id": request_id}


def request_of(row: Row[Any], votes: Iterable[Row[Any]], steps: Iterable[Row[Any]]) -> Request:
    """Raise whatever comes of it if it cannot be read: nobody finds out only later, in the middle of something."""
    plan.read(row.plan_text)
    values = {name: value for name, value in row._mapping.items() if name != "timer_us"}
    made = {
        "state": State(row.state),
        "requester": Account(**json.loads(row.requester)),
        "demand": demand.read(row.demand),
        "why": literal(**json.loads(row.why)) if row.why else None,
        "votes": tuple(_vote(vote) for vote in votes),
        "steps": tuple(_step(step) for step in steps),
    }
    return Request(**{**values, **made})


def _column(value: object) -> Any:
    match value:
        case Text():
            return json.dumps({"en": value.to("en"), "fr": value.to("fr")})
        case Account():
            return _account(value)
        case demand.Demand():
            return value.text
    return value


def _account(account: Account) -> str:
    return json.dumps(asdict(account))


def _vote(row: Row[Any]) -> Vote:
    values = {name: value for name, value in row._mapping.items() if name != "request_id"}
    made = {"verdict": Verdict(row.verdict), "account": Account(**json.loads(row.account))}
    return Vote(**{**values, **made, "groups": frozenset(json.loads(row.groups))})


def _step(row: Row[Any]) -> StepRun:
    values = {name: value for name, value in row._mapping.items() if name != "request_id"}
    return StepRun(**{**values, "progress": Progress(row.progress)})
