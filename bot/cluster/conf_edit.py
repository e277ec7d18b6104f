"""A corosync.conf with some of its settings changed, as they are typed: `totem.token=5000`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from bot.cluster.corosync_document import NoSuchSection, Section, parse, render, with_value, with_version_bumped
from bot.names import shortened
from bot.text import Refused, Text


class KeyValue(str):
    """`totem.token=5000` or `nodelist.node.pve01.ring1_addr=…`. Raise `Refused` if *word* is nothing of the kind."""

    SHOWN: ClassVar = "KEY=VALUE"

    def __new__(cls, word: str) -> Self:
        key, equals, value = word.partition("=")
        path = tuple(key.split("."))
        sound = value.strip() == value and value.isprintable() and not set(value) & set("{}#") and value
        if not equals or len(path) < 2 or not all(_is_word(part) for part in path) or not sound:
            raise Refused(NOT_A_SETTING.fill(setting=shortened(word)))
        if path == ("totem", "config_version"):
            raise Refused(VERSION_IS_OURS)
        return super().__new__(cls, word)

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.partition("=")[0].split("."))

    @property
    def value(self) -> str:
        return self.partition("=")[2]


def with_changes(root: Section, changes: Sequence[KeyValue]) -> Section:
    """And the next config_version. Raise `Refused` if a change has no place in the file, or it has no version."""
    new = root
    for change in changes:
        try:
            new = with_value(new, change.path, change.value)
        except NoSuchSection as missing:
            raise Refused(NO_SECTION.fill(setting=shortened(change), section=missing)) from None
    try:
        return with_version_bumped(new)
    except ValueError:
        raise Refused(NO_VERSION) from None


def edited(text: str, changes: Sequence[KeyValue]) -> str:
    """The same of a whole text. Raise `Unreadable` if that is no corosync.conf."""
    return render(with_changes(parse(text), changes))


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
