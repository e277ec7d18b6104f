"""The files of one node that anybody asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.demo.cluster.cmap import COEFFICIENT_MS
from bot.demo.cluster.situation import Situation


def corosync_conf(now: Situation) -> str:
    """As `pvecm create`, `add` and `qdevice setup` leave it."""
    layout = now.layout
    nodes = ""
    for node in layout.nodes:
        rings = "".join(f"    ring{link}_addr: {layout.address(node, link)}\n" for link in range(layout.links))
        nodes += f"  node {{\n    name: {node}\n    nodeid: {layout.id(node)}\n    quorum_votes: 1\n{rings}  }}\n"
    device = (
        "  device {\n    model: net\n    net {\n      algorithm: ffsplit\n"
        f"      host: {layout.qnetd}\n      tls: on\n    }}\n    votes: 1\n  }}\n"
    )
    links = "".join(f"  interface {{\n    linknumber: {link}\n  }}\n" for link in range(layout.links))
    token = f"  token: {layout.token_ms}\n" if layout.token_ms else ""
    return (
        "logging {\n  debug: off\n  to_syslog: yes\n}\n\n"
        f"nodelist {{\n{nodes}}}\n\n"
        f"quorum {{\n{device if layout.has_qdevice else ''}  provider: corosync_votequorum\n}}\n\n"
        f"totem {{\n  cluster_name: {layout.cluster}\n  config_version: {layout.version}\n{links}"
        "  ip_version: ipv4-6\n  link_mode: passive\n  secauth: on\n"
        f"{token}  token_coefficient: {COEFFICIENT_MS}\n  version: 2\n}}\n\n"
    )


def members(now: Situation, node: str) -> str:
    """/etc/pve/.members."""
    if node in now.separated:
        return f'{{\n"nodename": "{node}",\n"version": {10 + now.changes}\n}}\n'
    layout, ring = now.layout, now.last_seen(node)
    rows = ",\n".join(
        f'  "{n}": {{ "id": {layout.id(n)}, "online": {int(n in ring)}, "ip": "{layout.management(n)}"}}'
        for n in layout.nodes
    )
    return (
        f'{{\n"nodename": "{node}",\n"version": {10 + now.changes},\n'
        f'"cluster": {{ "name": "{layout.cluster}", "version": {layout.version}, "nodes": {len(layout.nodes)}, '
        f'"quorate": {int(now.is_quorate(node))} }},\n"nodelist": {{\n{rows}\n  }}\n}}\n'
    )


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
    """Number, node, kind, and whether it runs. A separated node knows of nobody else's."""
    for number, node in enumerate(now.layout.nodes, start=1):
        if node in now.layout.empty or (seen_from in now.separated and node != seen_from):
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
    layout, ring = now.layout, now.members(node)
    for peer in (other for other in layout.nodes if other != node):
        for link in range(layout.links):
            if not now.connected(node, peer, link):
                yield f"[KNET  ] link: host: {layout.id(peer)} link: {link} is down"
        if peer not in ring:
            yield f"[KNET  ] host: host: {layout.id(peer)} has no active links"
    if len(ring) < len(layout.nodes):
        yield "[TOTEM ] Token has not been received in 2437 ms "
        yield "[TOTEM ] A processor failed, forming new configuration."


def _membership(now: Situation, node: str) -> Iterator[str]:
    yield f"[TOTEM ] A new membership ({now.layout.id(node)}.2a) was formed."
    yield f"[QUORUM] {PRIMARY if now.is_quorate(node) else NOT_PRIMARY}"
    yield "[MAIN  ] Completed service synchronization, ready to provide service."


PRIMARY = "This node is within the primary component and will provide service."
NOT_PRIMARY = "This node is within the non-primary component and will NOT provide any services."
STOPPED = ("[CFG   ] Node was shut down by sysadmin", "[MAIN  ] Corosync Cluster Engine exiting normally")
