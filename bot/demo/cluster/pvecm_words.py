"""The words after `pvecm create` and `pvecm add`, and what pvecm's schema says to them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.demo.cluster.acting import GivenUp
from bot.demo.cluster.conf import Member
from bot.demo.cluster.said import Said

LINK = re.compile(r"--?link([0-7])")
NODE = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?")
FLAGS = frozenset({"use_ssh", "force"})
MOST = 15
USAGE = 255


@dataclass(frozen=True)
class Words:
    """*links*: number → address and priority, None for none."""

    name: str
    links: dict[int, tuple[str, int | None]]
    options: dict[str, str]

    def member(self, node: str, id_: int) -> Member:
        addresses = tuple((link, address) for link, (address, _) in sorted(self.links.items()))
        return Member(node, int(self.options.get("nodeid", id_)), addresses, int(self.options.get("votes", "1")) or 1)

    @property
    def priorities(self) -> tuple[tuple[int, int], ...]:
        found = ((link, priority) for link, (_, priority) in sorted(self.links.items()))
        return tuple((link, priority) for link, priority in found if priority is not None)


def read(words: tuple[str, ...], usage: str) -> Words:
    """Raise `GivenUp` as pvecm does, with *usage*, when there is nothing to act on."""
    left, links, options = list(words), dict[int, tuple[str, int | None]](), dict[str, str]()
    names = []
    while left:
        word = left.pop(0)
        if not word.startswith("-"):
            names.append(word)
            continue
        option, _, value = word.lstrip("-").partition("=")
        if not value and option in FLAGS and not (left and left[0] in {"0", "1"}):
            value = "1"
        value = value or (left.pop(0) if left else "")
        if found := LINK.fullmatch(f"--{option}"):
            links[int(found[1])] = _link(value)
        else:
            options[option] = value
    if len(names) != 1:
        raise GivenUp(Said("", f"400 {'too many' if names else 'not enough'} arguments\n{usage}\n", USAGE))
    return Words(names[0], links, options)


def check_name(name: str, key: str, usage: str, *, most: int | None = None) -> None:
    """Raise `GivenUp` as the schema's format `pve-node` does."""
    wrong = ""
    if not NODE.fullmatch(name):
        wrong = f"{key}: invalid format - value does not look like a valid node name\n\n"
    elif most is not None and len(name) > most:
        wrong = f"{key}: value may only be {most} characters long\n"
    if wrong:
        raise GivenUp(Said("", f"400 Parameter verification failed.\n{wrong}{usage}\n", USAGE))


def _link(value: str) -> tuple[str, int | None]:
    parts = value.split(",")
    priority = next((part.partition("=")[2] for part in parts if part.startswith("priority=")), None)
    return parts[0].removeprefix("address="), None if priority is None else int(priority)
