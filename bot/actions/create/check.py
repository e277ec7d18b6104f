"""What forbids `create NAME`: all of it at once; and what its approvers must know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.action import EachNode, Finding, Level
from bot.actions.create import refusals, texts
from bot.actions.create.facts import Args, Facts, links, wanted
from bot.cluster import network_findings
from bot.cluster.leftovers import KEY
from bot.cluster.link_address import links_of
from bot.cluster.views import side_by_side
from bot.names import NodeName
from bot.text import Text, counted

# corosync needs no clock that is right. The reference asks for a second; above 300 s a ticket of another host is one of the
# future, which Proxmox VE does not take (AccessControl.pm, verify_ticket), so that no node could join.
CLOCK_WARNS_S, CLOCK_FORBIDS_S = 1, 300
_US = 1_000_000


def check(args: Args, facts: Facts) -> list[Finding]:
    node = args.node
    if node not in facts.nodes:
        return [_no(refusals.NO_SUCH_NODE.fill(node=node, known=", ".join(facts.nodes)), texts.CHECK_CONFIG)]
    if node not in facts.identity.by_node:
        why = facts.identity.silent[node]
        return [_no(refusals.SILENT.fill(node=node, why=why), texts.CONSOLE.fill(node=node))]
    return [
        *_host(node, facts),
        *_standalone(node, facts),
        *_name(node, facts),
        *_others(args, facts),
        *_links(args, facts),
        *_clocks(node, facts),
        *_versions(node, facts),
        *_notes(args, facts),
    ]


def _no(text: Text, fix: Text) -> Finding:
    return Finding(Level.BAD, text, fix, blocks=True)


def _unknown(node: NodeName, asked: EachNode[Any], what: Text) -> Iterator[Finding]:
    """No answer is no answer: nothing is made on a guess."""
    if node in asked.silent:
        yield _no(refusals.NOT_KNOWN.fill(node=node, what=what, why=asked.silent[node]), texts.ASK_AGAIN)


def _host(node: NodeName, facts: Facts) -> Iterator[Finding]:
    host = facts.identity.by_node[node].host
    if host != node:
        yield _no(refusals.OTHER_HOST.fill(node=node, host=host), texts.CHECK_CONFIG)


def _standalone(node: NodeName, facts: Facts) -> Iterator[Finding]:
    cluster, members = facts.cluster_of(node), facts.members.by_node.get(node)
    if cluster:
        yield _no(refusals.MEMBER.fill(node=node, cluster=cluster), texts.JOIN_OR_RESET.fill(node=node))
        return
    yield from _left(node, facts)
    if facts.view(node):
        yield _no(refusals.RUNNING.fill(node=node), texts.STOP_COROSYNC.fill(node=node))
    if members is not None and not members.mounted:
        yield _no(refusals.NOT_MOUNTED.fill(node=node), texts.START_PMXCFS.fill(node=node))
    elif node in facts.writable.by_node and not facts.writable.by_node[node].writable:
        yield _no(refusals.READ_ONLY.fill(node=node), texts.SEE_PMXCFS.fill(node=node))
    yield from _unknown(node, facts.members, texts.ITS_NAME)
    yield from _unknown(node, facts.leftovers, texts.WHAT_IS_LEFT)
    yield from _unknown(node, facts.quorum, texts.ITS_RING)
    yield from _unknown(node, facts.writable, texts.ITS_WRITES)


def _left(node: NodeName, facts: Facts) -> Iterator[Finding]:
    """Of the key alone `reset` takes nothing away: for it, the node is in no cluster."""
    files = facts.leftovers.by_node[node].files if node in facts.leftovers.by_node else ()
    fix = texts.PUT_KEY_AWAY.fill(node=node, key=KEY) if files == (KEY,) else texts.RESET_FIRST.fill(node=node)
    if files:
        yield _no(refusals.LEFTOVERS.fill(node=node, files=", ".join(files)), fix)


def _name(node: NodeName, facts: Facts) -> Iterator[Finding]:
    """Pvecm itself does not start without (Cluster.pm), and the certificates are made out to that address."""
    own, addresses = facts.own_name.by_node.get(node), facts.addresses.by_node.get(node)
    fix = texts.HOSTS.fill(node=node, address=texts.ITS_ADDRESS)
    if own is not None and not own.addresses:
        yield _no(refusals.UNRESOLVED.fill(node=node), fix)
    elif own is not None and (own.address is None or (addresses is not None and not addresses.has(own.address))):
        yield _no(refusals.NAME_ELSEWHERE.fill(node=node, addresses=", ".join(own.addresses)), fix)
    yield from _unknown(node, facts.own_name, texts.ITS_HOST_NAME)


def _others(args: Args, facts: Facts) -> Iterator[Finding]:
    for other in facts.others(args.node):
        cluster = facts.cluster_of(other)
        fix = texts.JOIN_INSTEAD.fill(node=args.node, address=facts.own_address(other) or other)
        if cluster and cluster == args.name:
            yield _no(refusals.NAME_TAKEN.fill(cluster=cluster, other=other), fix)
        elif cluster:
            yield _no(refusals.CLUSTER_THERE.fill(cluster=cluster, other=other, node=args.node), fix)
        elif other in facts.identity.silent:
            why = facts.identity.silent[other]
            yield Finding(Level.WARNING, texts.OTHER_SILENT.fill(node=other, why=why))


def _links(args: Args, facts: Facts) -> Iterator[Finding]:
    yield from _unknown(args.node, facts.addresses, texts.ITS_ADDRESSES)
    typed, network = links(args, facts), wanted(args, facts)
    # Without it corosync ends with “No valid name found for local host”, and /etc/pve stays read-only (3.1.7, seen).
    if typed and 0 not in typed:
        yield _no(refusals.NO_LINK0.fill(links=", ".join(map(str, typed))), texts.BEGIN_WITH_0)
    bad = network_findings.refused(network, facts.addresses) if links_of(args) else []
    yield from bad
    if typed and not bad:
        yield from network_findings.dedicated_first(network, facts.addresses)
        yield from network_findings.findings(network, facts.addresses, facts.paths)
    for link, address in typed.items():
        if address.priority == 0:
            yield Finding(Level.NOTE, texts.PRIORITY_0.fill(link=link))


def _clocks(node: NodeName, facts: Facts) -> Iterator[Finding]:
    yield from _unknown(node, facts.clock, texts.ITS_CLOCK)
    own = facts.clock.by_node.get(node)
    if own is None:
        return
    if own.is_off_by_more_than(CLOCK_FORBIDS_S * _US):
        fix = texts.SET_CLOCK.fill(limit=CLOCK_FORBIDS_S, node=node)
        yield _no(refusals.CLOCK.fill(node=node, seconds=_seconds(own.offset_us)), fix)
    elif own.is_off_by_more_than(CLOCK_WARNS_S * _US):
        yield _clock_off(node, texts.BOT, own.offset_us)
    for other, clock in sorted(facts.clock.by_node.items()):
        apart = clock.offset_us - own.offset_us
        if abs(apart) - clock.error_us - own.error_us > CLOCK_WARNS_S * _US:
            yield _clock_off(other, node, apart)


def _clock_off(node: NodeName, other: object, offset_us: int) -> Finding:
    text = texts.CLOCK_OFF.fill(node=node, other=other, seconds=_seconds(offset_us))
    return Finding(Level.WARNING, text, texts.SET_CLOCKS)


def _seconds(offset_us: int) -> str:
    return f"{abs(offset_us) / _US:.1f}"


def _versions(node: NodeName, facts: Facts) -> Iterator[Finding]:
    pve = {each: own.version for each, own in sorted(facts.pve.by_node.items())}
    corosync = {each: own.version for each, own in sorted(facts.corosync.by_node.items())}
    yield from _differing(pve, texts.PVE_DIFFERS)
    yield from _differing(corosync, texts.COROSYNC_DIFFERS)
    own = facts.corosync.by_node.get(node)
    if own is not None and own.fences_all_for_one:
        yield Finding(Level.NOTE, texts.OLD_COROSYNC.fill(node=node, version=own.version), texts.UPDATE)


def _differing(versions: Mapping[NodeName, str], text: Text) -> Iterator[Finding]:
    if len(set(versions.values())) > 1:
        yield Finding(Level.WARNING, text.fill(versions=side_by_side(versions)), texts.UPDATE)


def _notes(args: Args, facts: Facts) -> Iterator[Finding]:
    own = facts.guests.by_node.get(args.node)
    ids = own.on(args.node) if own else ()
    if ids:
        guests = counted(len(ids), en=("guest", "guests"), fr=("machine", "machines"))
        yield Finding(Level.NOTE, texts.GUESTS.fill(node=args.node, guests=guests))
    yield Finding(Level.NOTE, texts.FOR_EVER.fill(name=args.name))
