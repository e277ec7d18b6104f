"""What must hold of the node that joins: its name, that it is empty and in no cluster, its version, its clock."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from bot.action import Finding
from bot.actions.join import refusals, words
from bot.actions.join.joining import Joining, own
from bot.actions.join.words import no, unknown
from bot.cluster.leftovers import KEY

LIMIT_US = 1_000_000


def of_node(joining: Joining) -> Iterator[Finding]:
    yield from _name(joining)
    yield from _guests(joining)
    yield from _left(joining)
    yield from _version(joining)
    yield from _clock(joining)


def _name(joining: Joining) -> Iterator[Finding]:
    """Proxmox VE takes a node's first address from its name; 127.0.1.1 is what Debian's installer writes for it."""
    node, facts = joining.new, joining.facts
    yield from unknown(node, facts.own_name, words.ITS_NAME)
    yield from unknown(node, facts.addresses, words.ITS_ADDRESSES)
    if node not in facts.own_name.by_node or node not in facts.addresses.by_node:
        return
    found, here = facts.own_name.by_node[node].addresses, facts.addresses.by_node[node]
    fix = words.ETC_HOSTS.fill(node=node, line=f"{next(iter(own(here)), 'IP')} {node}")
    if not found:
        yield no(refusals.NAME_UNKNOWN.fill(node=node), fix)
    for address in found:
        if ip_address(address).is_loopback:
            yield no(refusals.NAME_LOOPBACK.fill(node=node, address=address), fix)
        elif not here.has(address):
            yield no(refusals.NAME_FOREIGN.fill(node=node, address=address), fix)


def _guests(joining: Joining) -> Iterator[Finding]:
    """By what its own /etc/pve has, of whichever node: `pvecm add` counts all of them."""
    node, guests = joining.new, joining.facts.guests
    yield from unknown(node, guests, words.WHICH_GUESTS)
    here = guests.by_node.get(node)
    if here is not None and not here.mounted:
        yield no(refusals.NO_PMXCFS.fill(node=node), words.START_PMXCFS.fill(node=node))
    ids = sorted({id_ for each in here.by_node.values() for id_ in each}) if here else []
    if ids:
        yield no(refusals.HAS_GUESTS.fill(node=node, ids=", ".join(map(str, ids))), words.MOVE_GUESTS)


def _left(joining: Joining) -> Iterator[Finding]:
    node, facts = joining.new, joining.facts
    yield from unknown(node, facts.leftovers, words.WHAT_IS_LEFT)
    yield from unknown(node, facts.quorum, words.ITS_COROSYNC)
    left = facts.leftovers.by_node.get(node)
    files = ", ".join(each for each in left.files if each != KEY) if left else ""
    if files:
        yield no(refusals.HAS_CONF.fill(node=node, files=files), words.RESET.fill(node=node))
    if left and KEY in left.files:
        fix = words.RESET if files else words.REMOVE_KEY
        yield no(refusals.HAS_AUTHKEY.fill(node=node), fix.fill(node=node))
    quorum = facts.quorum.by_node.get(node)
    if quorum and quorum.view:
        fix = words.RESET if files else words.STOP_COROSYNC
        yield no(refusals.COROSYNC_RUNS.fill(node=node), fix.fill(node=node))


def _version(joining: Joining) -> Iterator[Finding]:
    """The major version is what must be the same; a join itself only compares the version of its own API."""
    node, versions = joining.new, joining.facts.versions
    yield from unknown(node, versions, words.ITS_VERSION)
    mine = versions.by_node.get(node)
    others = {
        member: versions.by_node[member].version
        for member in joining.members
        if mine and member in versions.by_node and _major(versions.by_node[member].version) != _major(mine.version)
    }
    if mine and others:
        told = ", ".join(f"{member} {version}" for member, version in others.items())
        yield no(refusals.OTHER_MAJOR.fill(node=node, version=mine.version, others=told), words.UPGRADE)


def _major(version: str) -> str:
    return version.partition(".")[0]


def _clock(joining: Joining) -> Iterator[Finding]:
    """Against each member; certificates and tickets fail across clocks that are apart."""
    node, clocks = joining.new, joining.facts.clocks
    yield from unknown(node, clocks, words.ITS_CLOCK)
    mine = clocks.by_node.get(node)
    for member in joining.members:
        theirs = clocks.by_node.get(member)
        if mine is None or theirs is None:
            continue
        apart = abs(mine.offset_us - theirs.offset_us)
        if apart - mine.error_us - theirs.error_us >= LIMIT_US:
            yield no(refusals.CLOCK.fill(node=node, other=member, seconds=f"{apart / 1e6:.1f}"), words.SET_CLOCK)
