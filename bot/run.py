"""One step on one node, run at most once: what is sent, what the node knows of it, and what that proves. Pure.

The recipe (design: "Exactly once on the node"): a transient systemd unit burns its own ticket before it acts, so what
the node has kept tells whoever asks later what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.names import NodeName, Secret

KEPT = "/var/lib/pve-cluster-bot"  # on the node (docs/run-once.md)
_ID = re.compile(r"[a-z0-9-]{1,60}")
_RESULT = re.compile(r"(?P<why>[a-z-]+)(?: (?P<code>exited|killed|dumped) (?P<status>[A-Z0-9+-]{1,12}))?")


@dataclass(frozen=True)
class Ticket:
    """*id*: request and step, the same whoever runs it. *fingerprint*: the host key that the approved plan names.

    *not_after_s*: Unix seconds; by its own clock the node starts nothing later. So a worker that slept cannot start
    what others have given up.
    """

    id: str
    node: NodeName
    argv: tuple[str, ...]
    guard: str
    timeout_s: int
    fingerprint: str
    not_after_s: int
    secret: Secret | None = None

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"not a ticket: {self.id!r}")


def ticket_id(request_id: str, number: int) -> str:
    return f"{request_id}-{number}"


def unit_of(id_: str) -> str:
    """The systemd unit of the ticket *id_*."""
    return f"pve-cluster-bot-{id_}"


@dataclass(frozen=True)
class Trace:
    """What a node knows of a ticket. *spent*: it was burnt. *result*: what systemd wrote at its end, "" for nothing yet.

    *is_active*: its unit exists and has not ended. *out*, *err*: what it printed so far, capped.
    """

    boot_id: str
    spent: bool
    is_active: bool
    result: str
    out: str = ""
    err: str = ""


class Fate(StrEnum):
    """What became of a step."""

    ACTIVE = "active"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"  # its guard said no: the command never ran
    NEVER = "never"  # the ticket is whole and no unit is there: burn it, and it never will
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    fate: Fate
    exit: int | None = None


def outcome(trace: Trace, started_boot_id: str) -> Outcome:
    """What *trace* proves of a step that was started while the node ran as *started_boot_id* ("": not known).

    A node that has booted since and kept no result may have died in the middle: unknown, never "never ran".
    """
    if trace.result:
        return _ended(trace.result)
    if trace.is_active:
        return Outcome(Fate.ACTIVE)
    if trace.spent or trace.boot_id != started_boot_id:
        return Outcome(Fate.UNKNOWN)
    return Outcome(Fate.NEVER)


def _ended(result: str) -> Outcome:
    found = _RESULT.fullmatch(result.strip())
    if found is None:
        return Outcome(Fate.UNKNOWN)
    why, code, status = found["why"], found["code"], found["status"]
    if why == "exit-code" and code == "exited" and status.isdecimal():
        return Outcome(Fate.FAILED, int(status))
    # systemd.exec(5), $SERVICE_RESULT: `exit-code` without a code is a guard's (ExecStartPre), the command never began.
    return _RESULTS.get((why, code is not None), Outcome(Fate.UNKNOWN))


_RESULTS: Mapping[tuple[str, bool], Outcome] = {
    ("success", True): Outcome(Fate.SUCCEEDED, 0),
    ("timeout", True): Outcome(Fate.TIMED_OUT),
    ("exit-code", False): Outcome(Fate.REFUSED),
    ("signal", True): Outcome(Fate.FAILED),
    ("core-dump", True): Outcome(Fate.FAILED),
    ("oom-kill", True): Outcome(Fate.FAILED),
}
