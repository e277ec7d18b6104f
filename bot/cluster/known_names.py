"""What a node makes of other nodes' names: the answer of `getent hosts NAME…`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

from bot.action import Output, Unreadable


@dataclass(frozen=True)
class KnownNames:
    """Addresses by name, in lower case, whole and by its first label. A name that nobody knows is not in it."""

    by_name: Mapping[str, tuple[str, ...]]

    @staticmethod
    def argv(names: Iterable[str]) -> tuple[str, ...]:
        return ("getent", "hosts", *names)

    @classmethod
    def parse(cls, output: Output) -> Self:
        # 2: one of the names is not known (getent(1)).
        if output.exit not in {0, 2}:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        found: dict[str, tuple[str, ...]] = {}
        for number, line in enumerate(output.stdout.splitlines(), 1):
            address, *names = _words(number, line)
            for name in {each for full in names for each in (full.lower(), full.lower().partition(".")[0])}:
                found[name] = (*found.get(name, ()), address)
        return cls(found)

    def of(self, name: str) -> tuple[str, ...]:
        return self.by_name.get(name.lower(), ())


def _words(number: int, line: str) -> list[str]:
    words = line.split()
    try:
        ip_address(words[0])
    except (IndexError, ValueError) as error:
        raise Unreadable(f"line {number}: {line[:200]!r}") from error
    return words
