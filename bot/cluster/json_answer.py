"""A node's answer in JSON."""

from __future__ import annotations

import json
from typing import Any

from bot.action import Unreadable


def read_json(text: str, where: str = "", first_line: int = 1) -> Any:
    """Raise `Unreadable` naming the line, also for what Python's own reader gives up on. *where*: of which file."""
    of = f" of {where}" if where else ""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = [*text.splitlines(), "the end"][error.lineno - 1]
        raise Unreadable(f"line {first_line + error.lineno - 1}{of}: {line[:200]!r}") from error
    except (RecursionError, ValueError) as error:  # nested too deep; a number of more than 4300 digits
        raise Unreadable(f"line {first_line}{of}: {text[:80]!r}") from error
