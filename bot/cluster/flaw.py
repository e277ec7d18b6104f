"""What the lint says of one line of a corosync.conf, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bot.action import Level
from bot.cluster.corosync_document import Section, Setting
from bot.text import Text


@dataclass(frozen=True)
class Flaw:
    """One rule broken. *line* 0: something is missing that no line stands for."""

    rule: str
    line: int
    level: Level
    what: Text
    fix: Text


def line_of(root: Section, setting: Setting | None, section: str) -> int:
    """Where *setting* is, or else where its section begins."""
    return setting.line if setting else next((each.line for each in root.sections(section)), 0)


Rule: TypeAlias = Callable[[Section], Iterator[Flaw]]
