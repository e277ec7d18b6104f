"""The public key with which root of a node logs in to the other nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.login_keys import LoginKey, read_key

FILE = "/root/.ssh/id_rsa.pub"


@dataclass(frozen=True)
class OwnKey:
    """*key* None: it has none; `pvecm add` would make one, but nobody could let it in before."""

    ARGV: ClassVar[tuple[str, ...]] = ("cat", FILE)

    key: LoginKey | None

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0 and "No such file or directory" in output.stderr:
            return cls(None)
        key = read_key(output.stdout)
        if output.exit != 0 or key is None:
            raise Unreadable(f"exit {output.exit}, line 1: {(output.stdout or output.stderr).strip()[:80]!r}")
        return cls(key)
