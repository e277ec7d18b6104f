"""Units. Whatever ends in `_us` is in microseconds; a time is counted from 1970, UTC."""

from __future__ import annotations

SECOND_US = 1_000_000
