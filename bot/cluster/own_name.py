"""What a node's own host name resolves to there: the answer of `hostname -i`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import ClassVar, Self

from bot.action import Output, Unreadable


@dataclass(frozen=True)
class OwnName:
    """*addresses*: in the resolver's order; empty: the name does not resolve."""

    ARGV: ClassVar[tuple[str, ...]] = ("hostname", "-i")

    addresses: tuple[str, ...]

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit == 1 and output.stderr.startswith("hostname: "):
            return cls(())
        if output.exit != 0 or not output.stdout.strip():
            raise Unreadable(f"exit {output.exit}: {(output.stderr or output.stdout).strip()[:200]!r}")
        # %: an address of one link alone comes with its interface.
        return cls(tuple(dict.fromkeys(_address(word.partition("%")[0]) for word in output.stdout.split())))

    @property
    def address(self) -> str | None:
        """The one that Proxmox VE takes: the first that is no loopback's (Network.pm, get_ip_from_hostname)."""
        return next((each for each in self.addresses if not ip_address(each).is_loopback), None)


def _address(word: str) -> str:
    try:
        return str(ip_address(word))
    except ValueError as error:
        raise Unreadable(f"line 1: {word[:200]!r}") from error
