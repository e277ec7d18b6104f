"""The host keys of a node, as its own disk has them: what another node must know of it before it logs in there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.login_keys import LoginKey, read_key

FILES = tuple(f"/etc/ssh/ssh_host_{kind}_key.pub" for kind in ("ed25519", "ecdsa", "rsa"))
_HEADER = re.compile(r"^==> (\S+) <==\n", re.MULTILINE)


@dataclass(frozen=True)
class HostKeys:
    """Those that there are, the best first."""

    # head and not cat: it names each file, and a missing one does not hide the others.
    ARGV: ClassVar[tuple[str, ...]] = ("head", "-v", "-c", "16384", *FILES)

    keys: tuple[LoginKey, ...]

    @classmethod
    def parse(cls, output: Output) -> Self:
        before, *parts = _HEADER.split(output.stdout)
        if before.strip() or (output.exit != 0 and "No such file" not in output.stderr):
            raise Unreadable(f"exit {output.exit}, line 1: {(before or output.stderr).strip()[:200]!r}")
        return cls(tuple(_read(path, line) for path, line in zip(parts[::2], parts[1::2], strict=True)))


def _read(path: str, line: str) -> LoginKey:
    key = read_key(line)
    if key is None:
        raise Unreadable(f"{path}: {line[:80]!r}")
    return key
