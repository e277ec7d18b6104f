"""What one command on a simulated node printed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """What one command printed, and its exit code."""

    stdout: str = ""
    stderr: str = ""
    exit: int = 0
