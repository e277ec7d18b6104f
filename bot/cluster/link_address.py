"""The address of a link as it is typed, and the links that a command names: link0 to link7."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Self

from bot.names import shortened
from bot.text import Refused, Text

LINKS = 8  # Corosync.pm: link0 to link7
HIGHEST_PRIORITY = 255
IpAddress = IPv4Address | IPv6Address


class LinkAddress(str):
    """`IP`, `IP,priority=N` or `address=IP,priority=N`, kept as it was typed: pvecm reads it so (Corosync.pm).

    Raise `Refused` if it is none of these; a host name is none, for corosync would ask the resolver for it at each start.
    """

    ip: IpAddress
    priority: int | None

    def __new__(cls, word: str) -> Self:
        address, *more = word.split(",")
        self = super().__new__(cls, word)
        self.ip = _ip(address.removeprefix("address="))
        self.priority = _priority(more)
        return self

    @property
    def address(self) -> str:
        """As the node's own tools and corosync.conf write it."""
        return str(self.ip)


def links_of(args: Any) -> Mapping[int, LinkAddress]:
    """The links that *args*, which has some of the fields link0 to link7, gives, by number."""
    known = {field.name for field in fields(args)}
    named = {number: getattr(args, f"link{number}") for number in range(LINKS) if f"link{number}" in known}
    return {number: link for number, link in named.items() if link is not None}


def _ip(word: str) -> IpAddress:
    try:
        found = ip_address(word)
    except ValueError:
        raise Refused(NO_ADDRESS.fill(word=shortened(word))) from None
    if isinstance(found, IPv6Address) and found.scope_id:
        raise Refused(NO_ADDRESS.fill(word=shortened(word)))
    return found


def _priority(more: list[str]) -> int | None:
    if not more:
        return None
    name, _, digits = ",".join(more).partition("=")
    if name != "priority" or not (digits.isascii() and digits.isdecimal() and len(digits) <= len("255")):
        raise Refused(NO_PRIORITY.fill(word=shortened(",".join(more))))
    if int(digits) > HIGHEST_PRIORITY:
        raise Refused(NO_PRIORITY.fill(word=shortened(",".join(more))))
    return int(digits)


NO_ADDRESS = Text(
    en="“{word}” is not an IP address. A link takes an address, as in 10.0.1.11 or 10.0.1.11,priority=20: a host name may "
    "come to mean another one later",
    fr="« {word} » n'est pas une adresse IP. Un lien prend une adresse, comme 10.0.1.11 ou 10.0.1.11,priority=20 : un nom "
    "d'hôte peut en désigner une autre plus tard",
)
NO_PRIORITY = Text(
    en="“{word}” is not the priority of a link: priority=0 to priority=255, and the higher one carries the traffic",
    fr="« {word} » n'est pas la priorité d'un lien : priority=0 à priority=255, et la plus haute porte le trafic",
)
