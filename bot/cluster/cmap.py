"""The keys of a running corosync, as `corosync-cmapctl` prints them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

_PAIR = re.compile(r"^(\S+) \((\w+)\) = ?(.*)$")
_NOT_RUNNING = "Failed to initialize the cmap API"


@dataclass(frozen=True)
class RunningConfig:
    """What corosync really uses, defaults and coefficient included; None: corosync does not run there."""

    ARGV: ClassVar[tuple[str, ...]] = ("corosync-cmapctl", "runtime.config")

    totem: Mapping[str, int | str] | None

    @classmethod
    def parse(cls, output: Output) -> Self:
        keys = read(output)
        return cls(None if keys is None else _below("runtime.config.totem.", keys))


@dataclass(frozen=True)
class LoadedTotem:
    """The totem section that corosync has loaded, which need not be the one in the file; None: it does not run."""

    ARGV: ClassVar[tuple[str, ...]] = ("corosync-cmapctl", "totem")

    version: int | None

    @classmethod
    def parse(cls, output: Output) -> Self:
        keys = read(output)
        if keys is None:
            return cls(None)
        version = keys.get("totem.config_version", 0)  # corosync's own default when the file has none
        if not isinstance(version, int):
            raise Unreadable(f"totem.config_version is not a number: {version!r}")
        return cls(version)


def read(output: Output) -> dict[str, int | str] | None:
    """Every key and its value, or None when corosync does not run. Raise `Unreadable` naming a line of another form."""
    if output.exit != 0 and _NOT_RUNNING in output.stderr:
        return None
    if output.exit != 0 or output.truncated:
        raise Unreadable(output.stderr.strip() or f"exit code {output.exit}, the answer is not whole")
    keys: dict[str, int | str] = {}
    for number, line in enumerate(output.stdout.split("\n"), start=1):
        if line.strip():
            key, value = _pair(number, line)
            keys[key] = value
    return keys


def _pair(number: int, line: str) -> tuple[str, int | str]:
    match = _PAIR.match(line)
    if not match:
        raise Unreadable(f"line {number}: {line[:80]!r}")
    key, kind, value = match.groups()
    if kind == "str":
        return key, value
    try:
        return key, int(value)
    except ValueError as error:
        raise Unreadable(f"line {number}: {line[:80]!r}") from error


def _below(prefix: str, keys: Mapping[str, int | str]) -> dict[str, int | str]:
    return {key.removeprefix(prefix): value for key, value in keys.items() if key.startswith(prefix)}
