"""Names that are safe to put in a command line, because they were checked when they came in."""

from __future__ import annotations

import re
from typing import Self

from bot.text import Refused, Text

_HOST_LABEL = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
_CLUSTER = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,13}[a-zA-Z0-9])?")


class NodeName(str):
    """A node's host name: one DNS label, so never an option and never shell syntax (`pve-node`, JSONSchema.pm).

    Raise `Refused` if *name* is anything else.
    """

    def __new__(cls, name: str) -> Self:
        if not _HOST_LABEL.fullmatch(name):
            raise Refused(NOT_A_NODE_NAME.fill(name=shortened(name)))
        return super().__new__(cls, name)


class ClusterName(str):
    """A cluster's name: as `pvecm create` takes it, 15 characters at most. Raise `Refused` if *name* is not one."""

    def __new__(cls, name: str) -> Self:
        if not _CLUSTER.fullmatch(name):
            raise Refused(NOT_A_CLUSTER_NAME.fill(name=shortened(name)))
        return super().__new__(cls, name)


class Number(int):
    """A whole number from 1 on, written in digits. Raise `Refused` if *word* is none."""

    def __new__(cls, word: str) -> Self:
        if not (word.isascii() and word.isdecimal() and 1 <= len(word) <= 6 and int(word) >= 1):
            raise Refused(NOT_A_NUMBER.fill(word=shortened(word)))
        return super().__new__(cls, word)


class Topic(str):
    """A word to look up in the help. Raise `Refused` if it is more than a word."""

    def __new__(cls, word: str) -> Self:
        if not _HOST_LABEL.fullmatch(word):
            raise Refused(NOT_A_TOPIC.fill(word=shortened(word)))
        return super().__new__(cls, word.lower())


class Secret(str):
    """A value that no repr, log or error shows; `reveal()` is the one way to it, for the edge that sends it."""

    def __repr__(self) -> str:
        return "***"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def reveal(self) -> str:
        return str.__str__(self)


def shortened(word: str, most: int = 60) -> str:
    """What is repeated back to a person of what they typed: enough to recognise it, never 100 kB."""
    return word if len(word) <= most else word[: most - 1] + "…"


NOT_A_NODE_NAME = Text(
    en="“{name}” is not a node name: letters, digits and hyphens only, as in pve01",
    fr="« {name} » n'est pas un nom de nœud : lettres, chiffres et tirets seulement, comme pve01",
)
NOT_A_CLUSTER_NAME = Text(
    en="“{name}” is not a cluster name: letters, digits and hyphens, 15 characters at most",
    fr="« {name} » n'est pas un nom de cluster : lettres, chiffres et tirets, 15 caractères au plus",
)
NOT_A_NUMBER = Text(
    en="“{word}” is not a whole number from 1 on", fr="« {word} » n'est pas un nombre entier à partir de 1"
)
NOT_A_TOPIC = Text(en="“{word}” is not a topic of the help", fr="« {word} » n'est pas un sujet de l'aide")
