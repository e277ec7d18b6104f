"""One thing that happened, for the audit ledger: its kind, its canonical text, its place in the hash chain. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from bot.action import Json

GENESIS = "0" * 64
MAX_INT = 2**53 - 1


class Kind(StrEnum):
    """Everything that is ever recorded; a closed list, others script against it."""

    LEDGER_STARTED = "ledger.started"
    BOT_STARTED = "bot.started"
    BOT_STOPPED = "bot.stopped"
    COMMAND_RECEIVED = "command.received"
    COMMAND_ANSWERED = "command.answered"
    COMMAND_REFUSED = "command.refused"
    COMMAND_FAILED = "command.failed"
    AUDIT_READ = "audit.read"
    REQUEST_CREATED = "request.created"
    REQUEST_REFUSED = "request.refused"
    REQUEST_APPROVED = "request.approved"
    REQUEST_DENIED = "request.denied"
    REQUEST_EXPLAINED = "request.explained"  # why it was denied or stopped, said afterwards
    REQUEST_CANCELLED = "request.cancelled"
    REQUEST_EXPIRED = "request.expired"
    REQUEST_SUPERSEDED = "request.superseded"
    REQUEST_REMINDED = "request.reminded"
    REQUEST_ESCALATED = "request.escalated"
    VOTE_RECORDED = "vote.recorded"
    VOTE_REFUSED = "vote.refused"
    RUN_CLAIMED = "run.claimed"
    RUN_STOPPING = "run.stopping"
    RUN_STARTED = "run.started"  # a step, before its first remote byte
    RUN_FINISHED = "run.finished"  # a step
    RUN_SUCCEEDED = "run.succeeded"
    RUN_FAILED = "run.failed"
    RUN_ABORTED = "run.aborted"
    RUN_INDETERMINATE = "run.indeterminate"
    RUN_RECONCILED = "run.reconciled"
    RUN_UNDONE = "run.undone"  # watched afterwards, it was seen not to hold
    BREAKGLASS_OPENED = "breakglass.opened"
    BREAKGLASS_REVIEWED = "breakglass.reviewed"


@dataclass(frozen=True)
class Event:
    """*actor* is `TEAM/USER`, `os/LOGIN` or `bot`; *outcome* is one word; *detail* holds the rest, no floats."""

    kind: Kind
    actor: str
    cluster: str | None = None
    action: str | None = None
    request_id: str | None = None
    outcome: str | None = None
    detail: Mapping[str, Json] = field(default_factory=dict)


def canonical(body: Mapping[str, Json]) -> str:
    """The one text of *body*: RFC 8785 without floats. Raise `TypeError` or `ValueError` for what it cannot hold."""
    _check(body)
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def link(previous: str, body: str) -> str:
    """The hash of a row: it binds the text and, through *previous*, every row before it."""
    return sha256(b"pve-audit/1\0" + bytes.fromhex(previous) + sha256(body.encode()).digest()).hexdigest()


def _check(value: object) -> None:
    match value:
        case None | bool():
            pass
        case str():
            value.encode()  # a lone surrogate has no UTF-8, so no hash
        case int():
            if abs(value) > MAX_INT:
                raise ValueError(f"no exact number in JSON: {value}")
        case Mapping():
            for key, item in value.items():
                if not isinstance(key, str):
                    raise TypeError(f"not a JSON key: {key!r}")
                _check(key)
                _check(item)
        case list() | tuple():
            for item in value:
                _check(item)
        case _:
            raise TypeError(f"not for the ledger: {type(value).__name__}")
