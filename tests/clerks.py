"""A clerk for commands that only read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from bot.desk import Clerk, Directory
from bot.workflow import Workflow


class Unused:
    """What no read may touch."""

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


def reading_clerk(flow: Workflow, directory: Directory, now_us: Callable[[], int]) -> Clerk:
    return Clerk(flow, directory, Unused(), cast(Any, Unused()), now_us, lambda: "unused")
