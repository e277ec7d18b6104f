"""The files of one node that anybody asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.demo.cluster.cmap import COEFFICIENT_MS
from bot.demo.cluster.conf import Conf
from bot.demo.cluster.situation import Situation


def corosync_conf(conf: Conf) -> str:
    """As `pvecm create`, `add` and `qdevice setup` leave it, if nobody wrote another."""
    if conf.text:
        return conf.text
    nodes = ""
    for member in sorted(conf.members, key=lambda member: member.name):
        rings = "".join(f"    ring{link}_addr: {address}\n" for link, address in member.addresses)
        head = f"    name: {member.name}\n    nodeid: {member.id}\n    quorum_votes: {member.votes}\n"
        nodes += f"  node {{\n{head}{rings}  }}\n"
    device = (
        "  device {\n    model: net\n    net {\n      algorithm: ffsplit\n"
        f"      host: {conf.qnetd}\n      tls: on\n    }}\n    votes: 1\n  }}\n"
    )
    token = f"  token: {conf.token_ms}\n" if conf.token_ms else ""
    return (
        "logging {\n  debug: off\n  to_syslog: yes\n}\n\n"
        f"nodelist {{\n{nodes}}}\n\n"
        f"quorum {{\n{device if conf.has_qdevice else ''}  provider: corosync_votequorum\n}}\n\n"
        f"totem {{\n  cluster_name: {conf.name}\n  config_version: {conf.version}\n{_interfaces(conf)}"
        "  ip_version: ipv4-6\n  link_mode: passive\n  secauth: on\n"
        f"{token}  token_coefficient: {COEFFICIENT_MS}\n  version: 2\n}}\n\n"
    )


def _interfaces(conf: Conf) -> str:
    priorities = {link: f"    knet_link_priority: {priority}\n" for link, priority in conf.priorities}
    return "".join(f"  interface {{\n{priorities.get(link, '')}    linknumber: {link}\n  }}\n" for link in conf.links)


def members(now: Situation, node: str, clock: float) -> str:
    """/etc/pve/.members: of who stands alone, or is not yet up, only the name. Of who never came, no address (seen)."""
    conf = now.conf_of(node)
    if conf is None or now.is_busy(node, clock):
        return f'{{\n"nodename": "{node}",\n"version": {0 if conf else 10 + now.changes}\n}}\n'
    ring = now.last_seen(node)
    rows = ",\n".join(
        f'  "{member.name}": {{ "id": {member.id}, "online": {int(member.name in ring)}{_ip(now, conf, member.name)}}}'
        for member in conf.members
    )
    return (
        f'{{\n"nodename": "{node}",\n"version": {10 + now.changes},\n'
        f'"cluster": {{ "name": "{conf.name}", "version": {conf.version}, "nodes": {len(conf.members)}, '
        f'"quorate": {int(now.is_quorate(node))} }},\n"nodelist": {{\n{rows}\n  }}\n}}\n'
    )


def _ip(now: Situation, conf: Conf, name: str) -> str:
    own = now.conf_of(name)
    return f', "ip": "{now.layout.management(name)}"' if own is not None and own.key == conf.key else ""


def package(name: str, version: str) -> str:
    """What dpkg notes of an installed one."""
    return (
        f"Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: admin\n"
        f"Architecture: all\nVersion: {version}\n"
    )


def vmlist(now: Situation, node: str) -> str:
    """/etc/pve/.vmlist: two virtual machines and a container a node, but for those that are empty."""
    rows = ",\n".join(
        f'"{id_}": {{ "node": "{owner}", "type": "{kind}", "version": 3 }}' for id_, owner, kind, _ in guests(now, node)
    )
    return f'{{\n"version": 3,\n"ids": {{\n{rows}}}\n\n}}\n'


def rrd(now: Situation, node: str, clock: float) -> str:
    """/etc/pve/.rrd, as far as it is about guests: those of nodes that are gone are no longer in it."""
    ring = now.last_seen(node)
    return "".join(
        f"pve-vm-9.0/{id_}:{8640 * runs}:{kind}{id_}:{'running' if runs else 'stopped'}:0:{int(clock)}:2\n"
        for id_, owner, kind, runs in guests(now, node)
        if owner in ring
    )


def guests(now: Situation, seen_from: str) -> Iterator[tuple[int, str, str, bool]]:
    """Number, node, kind, and whether it runs: of all that have a directory in /etc/pve/nodes there."""
    for number, node in enumerate(now.layout.nodes, start=1):
        if node in now.layout.empty or node not in now.pve_of(seen_from).nodes:
            continue
        for offset, (kind, runs) in enumerate((("qemu", True), ("qemu", False), ("lxc", True))):
            yield 100 * number + offset, node, kind, runs


def journal(now: Situation, node: str, clock: float) -> str:
    """`journalctl --unit=corosync --output=json`: how what is missing was lost, three hours ago."""
    began_us = int((clock - 3 * 3600) * 1_000_000)
    lines = [*_losses(now, node), *_membership(now, node)] if now.has_corosync(node) else STOPPED
    entries = [
        {"__REALTIME_TIMESTAMP": str(began_us + 137_000 * number), "MESSAGE": f"  {line}"}
        for number, line in enumerate(lines)
    ]
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def _losses(now: Situation, node: str) -> Iterator[str]:
    conf, ring = now.member_conf(node), now.members(node)
    for peer in (other for other in conf.members if other.name != node):
        for link in conf.member(node).links:
            if not now.connected(node, peer.name, link):
                yield f"[KNET  ] link: host: {peer.id} link: {link} is down"
        if peer.name not in ring:
            yield f"[KNET  ] host: host: {peer.id} has no active links"
    if len(ring) < len(conf.members):
        yield "[TOTEM ] Token has not been received in 2437 ms "
        yield "[TOTEM ] A processor failed, forming new configuration."


def _membership(now: Situation, node: str) -> Iterator[str]:
    yield f"[TOTEM ] A new membership ({now.member_conf(node).member(node).id}.2a) was formed."
    yield f"[QUORUM] {PRIMARY if now.is_quorate(node) else NOT_PRIMARY}"
    yield "[MAIN  ] Completed service synchronization, ready to provide service."


PRIMARY = "This node is within the primary component and will provide service."
NOT_PRIMARY = "This node is within the non-primary component and will NOT provide any services."
STOPPED = ("[CFG   ] Node was shut down by sysadmin", "[MAIN  ] Corosync Cluster Engine exiting normally")
