"""The cluster's own lists of keys, in which a removed node's stay: `/etc/pve/priv/authorized_keys` and `known_hosts`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output
from bot.cluster.corosync_conf import is_ip
from bot.cluster.login_keys import read_key
from bot.cluster.section_config import LIMIT, files

LOGINS, HOSTS = "/etc/pve/priv/authorized_keys", "/etc/pve/priv/known_hosts"
_BLANKS = re.compile(r"[ \t]+")
_HOST_NAME = re.compile(r"[A-Za-z0-9@.-]+")


@dataclass(frozen=True)
class KeyLists:
    """The lines of both, but for comments. *bot*: the line with which the bot itself logs in, "" if it is not there."""

    # head and not cat: it names each file before its content.
    ARGV: ClassVar[tuple[str, ...]] = ("head", "-v", "-c", str(LIMIT), LOGINS, HOSTS)

    logins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    bot: str = ""

    @classmethod
    def parse(cls, output: Output) -> Self:
        found = files(output, (LOGINS, HOSTS))
        logins, own = _lines(found[LOGINS]), output.key.split()[:2]
        bot = next((line for line in logins if (key := read_key(line)) and [key.type, key.blob] == own), "")
        return cls(logins, _lines(found[HOSTS]), bot)

    def logins_of(self, node: str) -> tuple[str, ...]:
        """The lines of *node*'s own key: ssh-keygen puts `root@` and the host's name behind it."""
        name = f"root@{node}"
        return tuple(line for line in self.logins if (last := _words(line)[-1]) == name or last.startswith(f"{name}."))

    def names_of(self, node: str, taken: Collection[str] = ()) -> tuple[str, ...]:
        """By what *node* is known: its name, and the addresses at which its key stands; *taken* are others' addresses."""
        named = [line for line in self.hosts if any(_is_named(name, node) for name in _names(line))]
        keys = {key for line in named for key in _words(line)[2:3]}  # names, type, key
        same_key = [line for line in self.hosts if keys.intersection(_words(line)[2:3])]
        names = {name for line in (*named, *same_key) for name in _names(line)}
        return tuple(sorted(n for n in names if _is_named(n, node) or (is_ip(n) and n not in taken)))

    def hosts_of(self, names: Collection[str]) -> tuple[str, ...]:
        """The lines that tell the host key of one of *names*."""
        return tuple(line for line in self.hosts if set(_names(line)) & set(names))


def _lines(text: str) -> tuple[str, ...]:
    """Divided as awk does it, which takes these lines out; Python knows more ends of lines, and more blanks."""
    return tuple(line for line in text.split("\n") if _words(line) and not line.startswith("#"))


def _words(line: str) -> list[str]:
    return [word for word in _BLANKS.split(line) if word]


def _names(line: str) -> list[str]:
    return _words(line)[0].split(",")


def _is_named(word: str, name: str) -> bool:
    """Whole, or with its domain behind it."""
    rest = word.removeprefix(name)
    return rest != word and (not rest or (rest.startswith(".") and _HOST_NAME.fullmatch(word) is not None))
