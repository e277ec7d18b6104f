"""The text of a corosync.conf as a tree that keeps every byte: comments, order, repeats, blanks, line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import TypeAlias

from bot.action import Unreadable
from bot.names import shortened
from bot.text import Text

# What C's isspace() strips; Python's strip() would also take a non-breaking space, which corosync keeps.
_BLANK = " \t\n\v\f\r"
_MOST_DIGITS = 20
_DEEPEST = 32  # corosync's own sections go three deep
# The line of totem's key, with or without its colon, also in a comment.
_KEY = re.compile(r"^([\s#]*key[ \t]*[: \t][ \t]*)\S[^\r\n]*", re.MULTILINE)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class BadCorosyncConf(Unreadable):
    """The text is not a corosync.conf; *line* is where it stops being one."""

    def __init__(self, line: int, why: Text, shown: str = "") -> None:
        self.line, self.why = line, why.fill(shown=shortened(without_key(shown.strip(_BLANK))))
        super().__init__(f"line {line}: {self.why.to('en')}")


class NoSuchSection(LookupError):
    """The path names a section that the file does not have; the message is its name."""


@dataclass(frozen=True)
class Setting:
    """`key: value`; *raw* is the line as written, *line* its number in the file."""

    key: str
    value: str
    raw: str
    line: int

    @property
    def whole(self) -> int | None:
        """The value as a whole number of 64 bits, as corosync's largest; None if it is none."""
        digits = self.value.isascii() and self.value.isdecimal() and len(self.value) <= _MOST_DIGITS
        return int(self.value) if digits else None


@dataclass(frozen=True)
class Section:
    """`name { … }`; the root has no name, opening or closing."""

    name: str
    entries: tuple[Entry, ...] = ()
    opening: str = ""
    closing: str = ""
    line: int = 0

    def setting(self, key: str) -> Setting | None:
        """The last one of that key, which is the one that corosync uses."""
        return next((e for e in reversed(self.settings) if e.key == key), None)

    def get(self, key: str, default: str = "") -> str:
        found = self.setting(key)
        return found.value if found else default

    @property
    def settings(self) -> tuple[Setting, ...]:
        return tuple(e for e in self.entries if isinstance(e, Setting))

    def sections(self, *path: str) -> Iterator[Section]:
        """Every section at *path* below this one, in the order written: corosync reads repeats as one."""
        if not path:
            yield self
            return
        for entry in self.entries:
            if isinstance(entry, Section) and entry.name == path[0]:
                yield from entry.sections(*path[1:])

    def last(self, *path: str) -> Setting | None:
        """The setting that counts for the key at the end of *path*."""
        found = [section.setting(path[-1]) for section in self.sections(*path[:-1])]
        return next((setting for setting in reversed(found) if setting), None)

    def walk(self, *above: str) -> Iterator[tuple[tuple[str, ...], Section]]:
        """Yield the section and all below it, each with its path."""
        yield above, self
        for entry in self.entries:
            if isinstance(entry, Section):
                yield from entry.walk(*above, entry.name)


# A str entry is a line kept as it was: a comment or a blank one.
Entry: TypeAlias = Setting | Section | str


def parse(text: str) -> Section:
    """Read *text* as corosync's own parser does. Raise `BadCorosyncConf` if it would refuse a line."""
    lines = iter(enumerate(_LINE.findall(text), start=1))
    entries, closing = _entries(lines, inside=(), opened=0)
    if closing is not None:
        raise BadCorosyncConf(closing[0], UNEXPECTED_BRACE)
    return Section("", entries)


def render(section: Section) -> str:
    inner = "".join(
        e if isinstance(e, str) else e.raw if isinstance(e, Setting) else render(e) for e in section.entries
    )
    return section.opening + inner + section.closing


def without_key(text: str) -> str:
    """*text* as people may see it: with totem's secret key starred out, whether or not the rest can be read."""
    return _KEY.sub(r"\1***", text)


def with_value(root: Section, path: tuple[str, ...], value: str) -> Section:
    """Set the key at the end of *path*, and change that line only; a new key becomes its section's last line.

    After `interface` a word of the path is its linknumber, after `node` its name or nodeid.
    Raise `NoSuchSection` if a section of the path does not exist.
    """
    return parse(render(_changed(root, path, value)))


def with_version_bumped(root: Section) -> Section:
    """Every change needs a greater config_version, or nodes ignore it (pmxcfs, dcdb.c). Raise `ValueError` if it has none."""
    current = root.last("totem", "config_version")
    if current is None or current.whole is None:
        raise ValueError("the file has no config_version that could be increased")
    return with_value(root, ("totem", "config_version"), str(current.whole + 1))


def diff(old: Section, new: Section) -> str:
    """What changed, as `diff -u` shows it; empty if nothing did."""
    before, after = (render(tree).replace("\r\n", "\n").split("\n") for tree in (old, new))
    return "\n".join(unified_diff(before, after, "corosync.conf", "corosync.conf.new", lineterm=""))


def _entries(
    lines: Iterator[tuple[int, str]], inside: tuple[str, ...], opened: int
) -> tuple[tuple[Entry, ...], tuple[int, str] | None]:
    entries: list[Entry] = []
    last = opened
    for last, raw in lines:
        line = raw.strip(_BLANK)
        if not line or line.startswith("#"):
            entries.append(raw)
        elif "{" in line:  # before ":" as in coroparse.c: a brace anywhere opens a section
            entries.append(_section(lines, inside, last, raw))
        elif ":" in line:
            key, value = line.split(":", 1)
            entries.append(Setting(key.strip(_BLANK), value.strip(_BLANK), raw, last))
        elif "}" in line:
            return tuple(entries), (last, raw)
        else:
            raise BadCorosyncConf(last, NEITHER, raw)
    if inside:
        raise BadCorosyncConf(last, NOT_CLOSED.fill(name=inside[-1], opened=opened))
    return tuple(entries), None


def _section(lines: Iterator[tuple[int, str]], outer: tuple[str, ...], number: int, raw: str) -> Section:
    name = raw.split("{", 1)[0].strip(_BLANK)
    if not name:
        raise BadCorosyncConf(number, NO_NAME)
    if len(outer) >= _DEEPEST:
        raise BadCorosyncConf(number, TOO_DEEP.fill(most=_DEEPEST))
    entries, closing = _entries(lines, inside=(*outer, name), opened=number)
    return Section(name, entries, raw, closing[1] if closing else "", number)


def _changed(section: Section, path: tuple[str, ...], value: str) -> Section:
    if len(path) == 1:
        return _with_setting(section, path[0], value)
    here = [e for e in section.entries if isinstance(e, Section) and e.name == path[0]]
    rest = path[1:]
    if path[0] in ("interface", "node"):
        here = [e for e in here if rest[0] in (e.get("linknumber", "0"), e.get("name"), e.get("nodeid"))]
        rest = rest[1:]
    if not here or not rest:
        raise NoSuchSection(".".join(path[: len(path) - len(rest)]))
    chosen = next((e for e in reversed(here) if len(rest) > 1 or e.setting(rest[0])), here[-1])
    changed = _changed(chosen, rest, value)
    return replace(section, entries=tuple(changed if e is chosen else e for e in section.entries))


def _with_setting(section: Section, key: str, value: str) -> Section:
    old = section.setting(key)
    if old is None:
        return replace(section, entries=(*section.entries, _new_line(section, key, value)))
    head, colon, tail = old.raw.partition(":")
    stripped = tail.strip(_BLANK)
    raw = head + colon + (tail.replace(stripped, value, 1) if stripped else f" {value}{tail}")
    return replace(
        section, entries=tuple(replace(old, value=value, raw=raw) if e is old else e for e in section.entries)
    )


def _new_line(section: Section, key: str, value: str) -> Setting:
    """A line indented and ended as its neighbours are."""
    like = section.settings[-1].raw if section.settings else ""
    outer = section.opening
    end = "\r\n" if outer.endswith("\r\n") else "\n"
    space = _indent(like) if like else _indent(outer) + "  "
    return Setting(key, value, f"{space}{key}: {value}{end}", 0)


def _indent(raw: str) -> str:
    return raw[: len(raw) - len(raw.lstrip(" \t"))]


NEITHER = Text(
    en="“{shown}” opens or closes no section and is no “key: value”",
    fr="« {shown} » n'ouvre ni ne ferme une section et n'est pas de la forme « clé: valeur »",
)
UNEXPECTED_BRACE = Text(en="a closing brace too many", fr="une accolade fermante de trop")
NOT_CLOSED = Text(
    en="the section “{name}” opened in line {opened} is not closed",
    fr="la section « {name} » ouverte ligne {opened} n'est pas fermée",
)
TOO_DEEP = Text(
    en="sections lie more than {most} deep in one another", fr="des sections imbriquées à plus de {most} niveaux"
)
NO_NAME = Text(en="a section without a name", fr="une section sans nom")
