"""The core of `conf set`: a corosync.conf with some keys changed, and whether it may be written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.action import Level
from bot.cluster.conf_edit import KeyValue, with_changes
from bot.cluster.corosync_document import diff, parse, render
from bot.cluster.corosync_lint import lint
from bot.cluster.flaw import Flaw


@dataclass(frozen=True)
class Changed:
    """The new file, what changed, and what is wrong with it that was not wrong before."""

    text: str
    diff: str
    worse: tuple[Flaw, ...]

    @property
    def may_be_written(self) -> bool:
        return all(flaw.level is not Level.BAD for flaw in self.worse)


def changed(text: str, settings: Sequence[str]) -> Changed:
    """Each of *settings* is `totem.token=5000` or `nodelist.node.pve01.ring1_addr=…`; config_version is raised by one.

    Raise `Unreadable` if *text* is no corosync.conf, `Refused` if a setting is none or has no place in it.
    """
    old = parse(text)
    new = with_changes(old, [KeyValue(setting) for setting in settings])
    known = {(flaw.rule, flaw.what.to("en")) for flaw in lint(text)}
    worse = tuple(flaw for flaw in lint(render(new)) if (flaw.rule, flaw.what.to("en")) not in known)
    return Changed(render(new), diff(old, new), worse)
