"""One measured figure and the limit it must stay under."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str
    limit: float | None
    note: str = ""
