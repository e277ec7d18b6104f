"""What is wrong with the networks of links that are to be: on the node itself, and on the way to the others. Pure.

`refused` forbids; all else is for people to judge. UDP is not tried: nobody answers there before corosync runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from bot.action import EachNode, Finding, Level
from bot.cluster.addresses import Addresses
from bot.cluster.link_findings import ONE_LINK, ONE_LINK_FIX
from bot.cluster.network_texts import (
    ALIKE,
    CHECK_WAY,
    CLOSED,
    DEDICATED,
    DEDICATED_FIX,
    DOWN,
    DOWN_FIX,
    FRAGMENTS,
    FRAGMENTS_FIX,
    LOOPBACK,
    LOOPBACK_FIX,
    MTU,
    MTU_FIX,
    NO_ANSWER,
    NO_PING,
    NO_PING_FIX,
    NOT_LOCAL,
    NOT_LOCAL_FIX,
    NOWHERE,
    NOWHERE_FIX,
    PORT,
    PORT_FIX,
    SILENT,
    SLOW,
    SLOW_FIX,
    TOO_SLOW,
    TWICE,
    UDP,
    UDP_FIX,
    UNKNOWN_WAY,
    USE_ANOTHER,
)
from bot.cluster.paths import Door, Echo, Paths, Ping
from bot.cluster.wanted_links import FIRST_UDP, TCP, WantedLinks, Way, contacts, interface, payload
from bot.names import NodeName
from bot.text import Text

DOORS = {Door.REFUSED: CLOSED, Door.SILENT: SILENT}
SLOW_MS = 5  # pvecm.adoc, "Cluster Network": below 5 ms between all nodes …
TOO_SLOW_MS = 10  # … and above 10 ms it hardly works with more than three


def refused(wanted: WantedLinks, addresses: EachNode[Addresses]) -> list[Finding]:
    """Addresses that are not the node's own or that nobody else could reach, and one that two links have.

    `pvecm create` takes all of these, and its cluster then never gets a second node.
    """
    own = addresses.by_node.get(wanted.node)
    found = [finding for link, ip in sorted(wanted.links.items()) for finding in _unfit(wanted.node, link, ip, own)]
    seen: dict[object, int] = {}
    for link, ip in sorted(wanted.links.items()):
        first = seen.setdefault(ip_address(ip), link)
        if first != link:
            found.append(_no(TWICE.fill(ip=ip, one=first, other=link), USE_ANOTHER))
    return found


def findings(wanted: WantedLinks, addresses: EachNode[Addresses], paths: EachNode[Paths]) -> list[Finding]:
    """Of the links themselves, of each way along them, and of the TCP ports."""
    return [
        *_own(wanted, addresses),
        *_mtus(wanted, addresses),
        *_ways(wanted, addresses, paths),
        *_ports(wanted, paths),
        *_udp(wanted),
    ]


def dedicated_first(wanted: WantedLinks, addresses: EachNode[Addresses]) -> list[Finding]:
    """Where the traffic would go over the management network although another link has one of its own."""
    own, contact = addresses.by_node.get(wanted.node), wanted.contacts.get(wanted.node)
    management = own.network_of(contact) if own and contact else None
    if own is None or management is None:
        return []
    elsewhere = [link for link, ip in sorted(wanted.links.items()) if own.network_of(ip) not in {None, management}]
    if not elsewhere or own.network_of(wanted.links[wanted.first]) != management:
        return []
    better = [*elsewhere, *(link for link in sorted(wanted.links) if link not in elsewhere)]
    order = zip(sorted(wanted.links), (wanted.links[link] for link in better), strict=True)
    words = " ".join(f"--link{number} {ip}" for number, ip in order)
    return [Finding(Level.NOTE, DEDICATED.fill(link=wanted.first, other=elsewhere[0]), DEDICATED_FIX.fill(words=words))]


def _unfit(node: NodeName, link: int, ip: str, own: Addresses | None) -> Iterator[Finding]:
    address = ip_address(ip)
    if address.is_loopback or address.is_link_local:
        yield _no(LOOPBACK.fill(link=link, ip=ip), LOOPBACK_FIX)
    elif own is not None and not own.has(ip):
        known = ", ".join(str(one.ip) for each in own.interfaces for one in each.addresses if _is_fit(str(one.ip)))
        yield _no(NOT_LOCAL.fill(link=link, ip=ip, node=node), NOT_LOCAL_FIX.fill(node=node, known=known or "—"))


def _is_fit(ip: str) -> bool:
    return not (ip_address(ip).is_loopback or ip_address(ip).is_link_local)


def _no(text: Text, fix: Text) -> Finding:
    return Finding(Level.BAD, text, fix, blocks=True)


def _own(wanted: WantedLinks, addresses: EachNode[Addresses]) -> Iterator[Finding]:
    networks: dict[object, int] = {}
    for link, ip in sorted(wanted.links.items()):
        end = interface(addresses, wanted.node, ip)
        if end is None:
            continue
        if end.is_down:
            yield Finding(
                Level.WARNING, DOWN.fill(link=link, interface=end.name, node=wanted.node), DOWN_FIX.fill(name=end.name)
            )
        first = networks.setdefault(addresses.by_node[wanted.node].network_of(ip), link)
        if first != link:
            yield Finding(Level.WARNING, ALIKE.fill(one=first, other=link), USE_ANOTHER)
    if len(wanted.links) == 1:
        yield Finding(Level.NOTE, ONE_LINK, ONE_LINK_FIX)


def _mtus(wanted: WantedLinks, addresses: EachNode[Addresses]) -> Iterator[Finding]:
    ends = {link: {wanted.node: ip} for link, ip in sorted(wanted.links.items())}
    for peer, theirs in sorted(wanted.peers.items()):
        for link in sorted(wanted.links):
            if link in theirs:
                ends[link][peer] = theirs[link]
            elif peer in addresses.by_node:
                yield Finding(Level.WARNING, NOWHERE.fill(node=peer, link=link), NOWHERE_FIX)
    for link, by_node in ends.items():
        found = {node: interface(addresses, node, ip) for node, ip in by_node.items()}
        mtus = {node: end.mtu for node, end in found.items() if end}
        if len(set(mtus.values())) > 1:
            listed = " · ".join(f"{node}: {mtu}" for node, mtu in mtus.items())
            yield Finding(Level.WARNING, MTU.fill(link=link, mtus=listed), MTU_FIX)


def _ways(wanted: WantedLinks, addresses: EachNode[Addresses], paths: EachNode[Paths]) -> Iterator[Finding]:
    blind = sorted(node for node, own in paths.by_node.items() if not own.echoes and _is_asked(node, wanted))
    for node in blind:
        yield Finding(Level.UNKNOWN, NO_PING.fill(node=node), NO_PING_FIX.fill(node=node))
    for node, why in sorted(paths.silent.items()):
        yield Finding(Level.UNKNOWN, UNKNOWN_WAY.fill(node=node, why=why))
    for way in wanted.ways:
        if way.source in paths.by_node and way.source not in blind:
            yield from _way(way, paths.by_node[way.source], payload(way, addresses))


def _is_asked(node: NodeName, wanted: WantedLinks) -> bool:
    return any(way.source == node for way in wanted.ways)


def _way(way: Way, own: Paths, size: int) -> Iterator[Finding]:
    small, large = own.echoes.get(Ping(way.to)), own.echoes.get(Ping(way.to, size))
    if _is_lost(small) and _is_lost(large):
        yield Finding(Level.WARNING, _of(way, NO_ANSWER).fill(ip=way.to), CHECK_WAY.fill(port=FIRST_UDP + way.link))
    elif _is_lost(large):
        yield Finding(Level.WARNING, _of(way, FRAGMENTS).fill(size=size), FRAGMENTS_FIX)
    latency = own.latency_ms(way.to)
    if latency is not None and latency > TOO_SLOW_MS:
        yield Finding(Level.BAD, _of(way, TOO_SLOW).fill(ms=f"{latency:.1f}"), SLOW_FIX)
    elif latency is not None and latency >= SLOW_MS:
        yield Finding(Level.WARNING, _of(way, SLOW).fill(ms=f"{latency:.1f}"), SLOW_FIX)


def _is_lost(echo: Echo | None) -> bool:
    return echo is not None and echo.received == 0


def _ports(wanted: WantedLinks, paths: EachNode[Paths]) -> Iterator[Finding]:
    names = {ip: node for node, ip in wanted.contacts.items()}
    for source, to in contacts(wanted):
        own = paths.by_node.get(source)
        for port in TCP:
            door = own.door(to, port) if own else None
            if door is not None and door is not Door.OPEN:
                said = PORT.fill(node=source, port=port, target=names[to], ip=to, door=DOORS[door])
                yield Finding(Level.WARNING, said, PORT_FIX)


def _udp(wanted: WantedLinks) -> Iterator[Finding]:
    ports = ", ".join(str(FIRST_UDP + link) for link in sorted(wanted.links))
    yield Finding(Level.NOTE, UDP.fill(ports=ports), UDP_FIX)


def _of(way: Way, text: Text) -> Text:
    return text.fill(link=way.link, node=way.source, target=way.target)
