"""The keys that may log in as root on a node: on a cluster's nodes their list lies in /etc/pve, and goes with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

FILE = "/root/.ssh/authorized_keys"
_MOST = 40_000
# Options, which may hold quoted spaces, then the type, the key itself, and a comment (sshd(8), AUTHORIZED_KEYS).
_LINE = re.compile(
    r"""(?:(?P<options>(?:"(?:\\"|[^"])*"|[^\s"])+)[ \t]+)?
    (?P<type>(?:sk-)?(?:ssh|ecdsa)-[\w@.-]+)[ \t]+(?P<blob>[A-Za-z0-9+/]+=*)(?:[ \t]+(?P<comment>.*))?""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class LoginKey:
    """*blob*: the key itself, as base64. *options*: what restricts it, "" for nothing."""

    type: str
    blob: str
    comment: str = ""
    options: str = ""

    @property
    def name(self) -> str:
        """How people recognise it: its comment, else the end of the key."""
        return self.comment or f"{self.type} …{self.blob[-12:]}"


@dataclass(frozen=True)
class LoginKeys:
    """No keys: there is no such file, or what its link leads to is not there. *has_bot*: the bot's own is among them.

    *bot*: that key, with which it asked; "" if it used none.
    """

    ARGV: ClassVar[tuple[str, ...]] = ("cat", FILE)

    keys: tuple[LoginKey, ...] = ()
    has_bot: bool = False
    bot: str = ""

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0 and "No such file or directory" in output.stderr:
            return cls(bot=output.key)
        if output.exit != 0 or output.truncated:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        keys = tuple(_read(number, line) for number, line in _told(output.stdout))
        own = output.key.split()[:2]
        return cls(keys, any([key.type, key.blob] == own for key in keys), output.key)

    @property
    def count(self) -> int:
        """A line that is there twice counts once: the nodes' own merging keeps those of other than RSA keys as often as
        they come (PVE::Cluster::Setup, ssh_merge_keys).
        """
        return len({*self.keys})

    def lacks(self, key: LoginKey) -> bool:
        """Whether *key* may not log in by this list, whatever its comment and its options."""
        return all((key.type, key.blob) != (own.type, own.blob) for own in self.keys)


def read_key(line: str) -> LoginKey | None:
    """One line of authorized_keys(5) or of a `.pub` file; None: it is none."""
    found = _LINE.fullmatch(line.strip()[:_MOST])
    return LoginKey(found["type"], found["blob"], found["comment"] or "", found["options"] or "") if found else None


def _told(text: str) -> list[tuple[int, str]]:
    return [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]


def _read(number: int, line: str) -> LoginKey:
    """A server leaves out what it does not understand; a list of which the bot cannot say who is in it is none."""
    key = read_key(line)
    if key is None:
        raise Unreadable(f"line {number}: {line[:80]!r}")
    return key
