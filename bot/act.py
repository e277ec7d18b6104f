"""What a person does to a request: one click, form or typed word. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    APPROVE = "approve"
    DENY = "deny"
    EXPLAIN = "explain"  # the reason of one's own denial, given after it
    CANCEL = "cancel"
    STOP = "stop"
    DID = "did"
    DID_NOT = "did_not"
    BREAK_GLASS = "break_glass"
    REVIEW = "review"


@dataclass(frozen=True)
class Act:
    """*via*: which door. *plan_hash*: of the plan that was shown there, "" where none was; the rest is as entered."""

    deed: Deed
    request_id: str
    via: str
    plan_hash: str = ""
    typed: str = ""
    statement: str = ""
    reason: str = ""
