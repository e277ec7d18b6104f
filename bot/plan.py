"""What was approved, as bytes: everything a person is shown and a node is sent, in one canonical text. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from bot.action import Finding, Json, Level, Risk, Step, Votes
from bot.event import canonical
from bot.names import NodeName
from bot.text import Text, literal

VERSION = 1


@dataclass(frozen=True)
class Host:
    """Where steps run, as it was when the plan was made: *login* as `user@host:port`, *fingerprint* of its host key."""

    login: str
    fingerprint: str


@dataclass(frozen=True)
class Plan:
    """*rests_on*: the facts that must still hold. *confirm*: what an approver types. *statement*: what they answer."""

    cluster: str
    line: str
    action: str
    verb: str
    risk: Risk
    words: Text
    steps: tuple[Step, ...]
    undo: Text
    rests_on: Mapping[str, Json]
    hosts: Mapping[NodeName, Host] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    before: Votes | None = None
    after: Votes | None = None
    confirm: str = ""
    statement: Text | None = None

    @property
    def text(self) -> str:
        """The one text of this plan: the same in every language, for every reader."""
        return canonical({"v": VERSION, **_fields(self)})


def hash_of(text: str) -> str:
    """What a button carries and a vote names."""
    return sha256(text.encode()).hexdigest()


def read(text: str) -> Plan:
    """The plan of a stored text; `read(text).text == text`. Raise `ValueError` if it is of another version."""
    document = json.loads(text)
    if document.pop("v") != VERSION:
        raise ValueError("a plan of another version")
    return _plan(document)


def _fields(plan: Plan) -> dict[str, Json]:
    return {
        "cluster": plan.cluster,
        "line": plan.line,
        "action": plan.action,
        "verb": plan.verb,
        "risk": str(plan.risk),
        "words": _both(plan.words),
        "steps": [_step(step) for step in plan.steps],
        "undo": _both(plan.undo),
        "rests_on": dict(plan.rests_on),
        "hosts": {node: {"login": h.login, "fingerprint": h.fingerprint} for node, h in plan.hosts.items()},
        "findings": [_finding(finding) for finding in plan.findings],
        "before": _votes(plan.before),
        "after": _votes(plan.after),
        "confirm": plan.confirm,
        "statement": _both(plan.statement) if plan.statement else None,
    }


def _both(text: Text) -> Json:
    return {"en": text.to("en"), "fr": text.to("fr")}


def _step(step: Step) -> Json:
    return {
        "on": step.on,
        "title": _both(step.title),
        "argv": list(step.argv),
        "guard": step.guard,
        "timeout_s": step.timeout_s,
        "secret": step.secret,
        **({"marker": step.marker} if step.marker else {}),
    }


def _finding(found: Finding) -> Json:
    fix = _both(found.fix) if found.fix else None
    return {"level": str(found.level), "text": _both(found.text), "fix": fix, "blocks": found.blocks}


def _votes(votes: Votes | None) -> Json:
    return dict(vars(votes)) if votes else None


def _plan(document: dict[str, Any]) -> Plan:
    made = {
        "risk": Risk(document["risk"]),
        "words": literal(**document["words"]),
        "undo": literal(**document["undo"]),
        "statement": literal(**document["statement"]) if document["statement"] else None,
        "steps": tuple(_step_of(step) for step in document["steps"]),
        "findings": tuple(_finding_of(found) for found in document["findings"]),
        "hosts": {NodeName(node): Host(**host) for node, host in document["hosts"].items()},
        "before": Votes(**document["before"]) if document["before"] else None,
        "after": Votes(**document["after"]) if document["after"] else None,
    }
    return Plan(**{**document, **made})


def _step_of(step: dict[str, Any]) -> Step:
    made = {"on": NodeName(step["on"]), "title": literal(**step["title"]), "argv": tuple(step["argv"])}
    return Step(**{**step, **made})


def _finding_of(found: dict[str, Any]) -> Finding:
    fix = literal(**found["fix"]) if found["fix"] else None
    return Finding(Level(found["level"]), literal(**found["text"]), fix, found["blocks"])
