"""What must hold of the links: the new node has an address for each that the cluster has, and no other node has it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Finding
from bot.actions.join import refusals, words
from bot.actions.join.joining import Derived, Joining
from bot.actions.join.reached import reached
from bot.actions.join.words import no


def of_links(joining: Joining) -> Iterator[Finding]:
    for number, link in joining.links.items():
        yield from _link(joining, number, link)
    yield from _taken(joining)
    yield from reached(joining)


def _link(joining: Joining, number: int, link: Derived) -> Iterator[Finding]:
    conf = joining.conf
    values = {"node": joining.new, "link": number, "network": link.network}
    fix = words.GIVE_LINK.fill(link=number)
    if conf and number not in conf.links:
        links = ", ".join(map(str, conf.links))
        yield no(refusals.LINK_UNKNOWN.fill(link=number, links=links), words.SAME_LINKS)
    elif link.given:
        return
    elif not link.network:
        yield no(refusals.NETWORK_UNKNOWN.fill(member=joining.member, link=number), fix)
    elif not link.candidates:
        yield no(refusals.LINK_MISSING.fill(**values), fix)
    elif len(link.candidates) > 1:
        yield no(refusals.LINK_AMBIGUOUS.fill(**values, addresses=", ".join(link.candidates)), fix)


def _taken(joining: Joining) -> Iterator[Finding]:
    """Proxmox VE refuses it of the cluster's own list; two links on one address, nobody does."""
    used = {
        address: other
        for other, node in (joining.conf.nodes if joining.conf else {}).items()
        for address in node.addresses.values()
        if other != joining.new
    }
    for link in joining.links.values():
        if link.address in used:
            found = refusals.ADDRESS_TAKEN.fill(address=link.address, other=used[link.address])
            yield no(found, words.FREE_ADDRESS)
