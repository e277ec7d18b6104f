"""The core of `conf set`: a corosync.conf with some keys changed, and whether it may be written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.action import Level
from bot.cluster.corosync_document import NoSuchSection, diff, parse, render, with_value, with_version_bumped
from bot.cluster.corosync_lint import lint
from bot.cluster.flaw import Flaw
from bot.names import shortened
from bot.text import Refused, Text


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
    old = new = parse(text)
    for setting in settings:
        path, value = _parsed(setting)
        try:
            new = with_value(new, path, value)
        except NoSuchSection as missing:
            raise Refused(NO_SECTION.fill(setting=shortened(setting), section=missing)) from None
    try:
        new = with_version_bumped(new)
    except ValueError:
        raise Refused(NO_VERSION) from None
    known = {(flaw.rule, flaw.what.to("en")) for flaw in lint(text)}
    worse = tuple(flaw for flaw in lint(render(new)) if (flaw.rule, flaw.what.to("en")) not in known)
    return Changed(render(new), diff(old, new), worse)


def _parsed(setting: str) -> tuple[tuple[str, ...], str]:
    key, equals, value = setting.partition("=")
    path = tuple(key.split("."))
    sound = value.strip() == value and value.isprintable() and not set(value) & set("{}#") and value
    if not equals or len(path) < 2 or not all(_is_word(part) for part in path) or not sound:
        raise Refused(NOT_A_SETTING.fill(setting=shortened(setting)))
    if path == ("totem", "config_version"):
        raise Refused(VERSION_IS_OURS)
    return path, value


def _is_word(part: str) -> bool:
    return part.isascii() and part.replace("_", "").replace("-", "").isalnum()


NOT_A_SETTING = Text(
    en="“{setting}” is not KEY=VALUE, as in totem.token=5000 or nodelist.node.pve01.ring1_addr=10.0.2.11",
    fr="« {setting} » n'est pas CLÉ=VALEUR, comme totem.token=5000 ou nodelist.node.pve01.ring1_addr=10.0.2.11",
)
NO_SECTION = Text(
    en="“{setting}”: the file has no section “{section}”",
    fr="« {setting} » : le fichier n'a pas de section « {section} »",
)
NO_VERSION = Text(
    en="The file has no config_version that could be raised, so nodes would ignore the change",
    fr="Le fichier n'a pas de config_version à augmenter : les nœuds ignoreraient le changement",
)
VERSION_IS_OURS = Text(
    en="config_version is raised by one with each change: leave it out",
    fr="config_version augmente d'un à chaque changement : ne l'indiquez pas",
)
