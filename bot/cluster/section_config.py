"""The form of Proxmox VE's own configuration files (SectionConfig.pm): `type: id`, then indented `key value` lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.action import Output, Unreadable
from bot.names import NodeName
from bot.text import Refused

LIMIT = 900_000
_HEAD = re.compile(r"([a-z][a-z0-9-]*):\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*")
_KEY = re.compile(r"\s+([A-Za-z][\w-]*)(?:\s+(.*?))?\s*")
_FILE = re.compile(r"^==> (\S+) <==\n", re.MULTILINE)
_ABSENT = "No such file or directory"


@dataclass(frozen=True)
class Entry:
    """One section. *line*: where it begins. A key without a value has the value "1"."""

    type: str
    id: str
    line: int = 0
    keys: Mapping[str, str] = field(default_factory=dict)

    def words(self, key: str) -> tuple[str, ...]:
        """A list as these files have them: divided by commas, semicolons or spaces."""
        return tuple(re.split(r"[,;\s]+", self.keys[key])) if self.keys.get(key) else ()

    def nodes(self) -> tuple[NodeName, ...]:
        """Those under `nodes`. Raise `Unreadable` if one is no node's name."""
        return tuple(node_name(word, self.line) for word in self.words("nodes"))

    def has(self, key: str) -> bool:
        return self.keys.get(key, "0") not in {"0", "no", "off", "false"}


def node_name(word: str, line: int) -> NodeName:
    try:
        return NodeName(word)
    except Refused as refused:
        raise Unreadable(f"line {line}: {refused}") from refused


def entries(text: str) -> tuple[Entry, ...]:
    """Raise `Unreadable`, naming the line, for one that is neither a head nor a key."""
    found: list[Entry] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if head := _HEAD.fullmatch(line):
            found.append(Entry(head[1], head[2], number))
        elif found and (key := _KEY.fullmatch(line)):
            last = found[-1]
            found[-1] = Entry(last.type, last.id, last.line, {**last.keys, key[1]: key[2] or "1"})
        else:
            raise Unreadable(f"line {number}: {line[:200]!r}")
    return tuple(found)


def of_file(output: Output) -> tuple[Entry, ...]:
    """Of an answer to `cat`; none where there is no such file."""
    if output.exit != 0 and _ABSENT in output.stderr:
        return ()
    if output.exit != 0 or output.truncated:
        raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
    return entries(output.stdout)


def files(output: Output, paths: tuple[str, ...]) -> dict[str, str]:
    """The texts of an answer to `head -v -c LIMIT`, by path; "" for what is not there. Raise `Unreadable` if one was cut."""
    before, *parts = _FILE.split(output.stdout)
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    if before or not found.keys() <= set(paths):
        raise Unreadable(f"line 1: {output.stdout[:80]!r}")
    if output.truncated or any(len(text) >= LIMIT for text in found.values()):
        raise Unreadable("the answer was cut off")
    if output.stderr.count(_ABSENT) + len(found) != len(paths):
        raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
    # head puts an empty line between two files.
    return {path: found.get(path, "") for path in paths}
