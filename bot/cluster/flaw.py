"""What the lint says of one line of a corosync.conf, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bot.action import Level
from bot.cluster.corosync_document import Section
from bot.text import Text


@dataclass(frozen=True)
class Flaw:
    """One rule broken. *line* 0: something is missing that no line stands for."""

    rule: str
    line: int
    level: Level
    what: Text
    fix: Text


Rule: TypeAlias = Callable[[Section], Iterator[Flaw]]
