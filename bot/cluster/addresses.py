"""The network interfaces of a node and their addresses: the answer of `ip -j addr`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network, ip_address, ip_interface
from typing import Any, ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.json_answer import read_json

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Interface:
    """*state*: as the kernel calls it, `UP`, `DOWN`, `UNKNOWN` for what has no carrier. *addresses*: with their networks."""

    name: str
    mtu: int
    state: str
    addresses: tuple[IPv4Interface | IPv6Interface, ...] = ()

    @property
    def is_down(self) -> bool:
        return self.state in {"DOWN", "LOWERLAYERDOWN", "NOTPRESENT"}


@dataclass(frozen=True)
class Addresses:
    """Loopback included, as it is."""

    ARGV: ClassVar[tuple[str, ...]] = ("ip", "-j", "addr")

    interfaces: tuple[Interface, ...]

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0 or output.truncated:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        try:
            return cls(tuple(_interface(each) for each in read_json(output.stdout)))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise Unreadable(f"line 1: not a list of interfaces: {error}") from error

    def interface_of(self, ip: str) -> Interface | None:
        return next((one for one in self.interfaces if self._network(one, ip) is not None), None)

    def has(self, ip: str) -> bool:
        return self.interface_of(ip) is not None

    def network_of(self, ip: str) -> Network | None:
        """The network in which this node has *ip*; None: it does not have it."""
        found = (self._network(one, ip) for one in self.interfaces)
        return next((network for network in found if network is not None), None)

    def inside(self, network: Network) -> str | None:
        """The first address that this node has in *network*."""
        own = (address.ip for one in self.interfaces for address in one.addresses)
        return next((str(ip) for ip in own if ip.version == network.version and ip in network), None)

    @staticmethod
    def _network(interface: Interface, ip: str) -> Network | None:
        wanted = ip_address(ip)
        return next((address.network for address in interface.addresses if address.ip == wanted), None)


def _interface(each: Mapping[str, Any]) -> Interface:
    addresses = tuple(ip_interface(f"{one['local']}/{one['prefixlen']}") for one in each["addr_info"] if "local" in one)
    return Interface(str(each["ifname"]), int(each["mtu"]), str(each["operstate"]), addresses)
