"""What on the demo's nodes is not as it should be, so that there is something to find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DAY_S = 86_400


@dataclass(frozen=True)
class Blemishes:
    """By node. *pve*: another version than the rest. *custom*: nodes with a certificate from elsewhere."""

    pve: Mapping[str, str] = field(default_factory=dict)
    uptime_s: Mapping[str, int] = field(default_factory=dict)
    clock_off_s: Mapping[str, float] = field(default_factory=dict)
    custom: frozenset[str] = frozenset()


NONE = Blemishes()
DEMO = Blemishes(
    pve={"pve03": "8.4.1"},  # one node that was not upgraded with the others
    uptime_s={"pve01": 42 * DAY_S, "pve02": 42 * DAY_S, "pve03": 203 * DAY_S, "pve04": 9 * DAY_S},
    clock_off_s={"pve03": 1.8},
    custom=frozenset({"pve02"}),
)
