"""corosync's map of keys on one node, as corosync-cmapctl prints it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.demo.cluster.situation import Situation

Entry = tuple[str, str, object]
TOKEN_MS, COEFFICIENT_MS = 3000, 125


def print_keys(entries: Iterator[Entry], prefix: str) -> str:
    return "".join(f"{key} ({kind}) = {value}\n" for key, kind, value in entries if key.startswith(prefix))


def configuration(now: Situation) -> Iterator[Entry]:
    """What `corosync-cmapctl` without `-m` knows, as far as anybody asks."""
    layout = now.layout
    token = TOKEN_MS + max(len(layout.nodes) - 2, 0) * COEFFICIENT_MS
    for name, value in (("consensus", token * 6 // 5), ("join", 50), ("max_messages", 17), ("token", token)):
        yield f"runtime.config.totem.{name}", "u32", value
    yield "runtime.config.totem.token_retransmit", "u32", token * 5 // 21
    yield "runtime.config.totem.token_retransmits_before_loss_const", "u32", 4
    yield "runtime.config.totem.token_warning", "u32", 75
    yield "totem.cluster_name", "str", layout.cluster
    yield "totem.config_version", "u64", layout.version
    for link in range(layout.links):
        yield f"totem.interface.{link}.bindnetaddr", "str", layout.address(layout.nodes[0], link)
    yield "totem.ip_version", "str", "ipv4-6"
    yield "totem.link_mode", "str", "passive"
    yield "totem.secauth", "str", "on"
    yield "totem.token_coefficient", "u32", COEFFICIENT_MS
    yield "totem.version", "u32", 2


def statistics(now: Situation, node: str) -> Iterator[Entry]:
    """`-m stats`: per peer and link."""
    for peer in now.layout.nodes:
        for link in range(now.layout.links):
            yield from _link(now, node, peer, link)


def _link(now: Situation, node: str, peer: str, link: int) -> Iterator[Entry]:
    key = f"stats.knet.node{now.layout.id(peer)}.link{link}"
    if peer == node:
        values = {"connected": 1, "down_count": 0, "latency_ave": 0, "latency_max": 0, "mtu": 65535, "up_count": 1}
    else:
        up = now.connected(node, peer, link)
        latency = 180 + 17 * now.layout.id(peer) + 40 * link
        values = {"connected": int(up), "down_count": 0 if up else 1, "latency_ave": latency}
        values |= {"latency_max": latency * 3, "mtu": 1397, "up_count": 1}
    samples = {
        "enabled": 1,
        "latency_samples": 0 if peer == node else 2048,
        "rx_data_packets": 9131,
        "tx_data_packets": 9040,
    }
    for name, value in sorted((values | samples).items()):
        yield f"{key}.{name}", "u8" if name in {"connected", "enabled"} else "u32", value
