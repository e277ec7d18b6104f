"""corosync's map of keys on one node, as corosync-cmapctl prints it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cluster.corosync_conf import timeouts
from bot.cluster.corosync_document import parse
from bot.demo.cluster.conf import Conf
from bot.demo.cluster.situation import Situation

Entry = tuple[str, str, object]
TOKEN_MS, COEFFICIENT_MS = 3000, 125


def print_keys(entries: Iterator[Entry], prefix: str) -> str:
    return "".join(f"{key} ({kind}) = {value}\n" for key, kind, value in entries if key.startswith(prefix))


def configuration(conf: Conf) -> Iterator[Entry]:
    """What `corosync-cmapctl` without `-m` knows, as far as anybody asks."""
    token = (conf.token_ms or TOKEN_MS) + max(len(conf.members) - 2, 0) * COEFFICIENT_MS
    written = timeouts(parse(conf.text)) if conf.text else None
    token, consensus = (written.effective_token_ms, written.consensus_ms) if written else (token, token * 6 // 5)
    for name, value in (("consensus", consensus), ("join", 50), ("max_messages", 17), ("token", token)):
        yield f"runtime.config.totem.{name}", "u32", value
    yield "runtime.config.totem.token_retransmit", "u32", token * 5 // 21
    yield "runtime.config.totem.token_retransmits_before_loss_const", "u32", 4
    yield "runtime.config.totem.token_warning", "u32", 75
    yield "totem.cluster_name", "str", conf.name
    yield "totem.config_version", "u64", conf.version
    for link, address in conf.members[0].addresses:
        yield f"totem.interface.{link}.bindnetaddr", "str", address
    yield "totem.ip_version", "str", "ipv4-6"
    yield "totem.link_mode", "str", "passive"
    yield "totem.secauth", "str", "on"
    yield "totem.token_coefficient", "u32", COEFFICIENT_MS
    yield "totem.version", "u32", 2


def statistics(now: Situation, node: str) -> Iterator[Entry]:
    """`-m stats`: per peer and link."""
    conf = now.member_conf(node)
    own = conf.member(node)
    for peer in conf.members:
        for link in own.links[:1] if peer == own else own.links:  # of itself it knows one, the loopback
            yield from _link(peer.id, link, is_own=peer == own, connected=now.connected(node, peer.name, link))


def _link(id_: int, link: int, *, is_own: bool, connected: bool) -> Iterator[Entry]:
    key = f"stats.knet.node{id_}.link{link}"
    up = is_own or connected
    downs = 0 if is_own else 1 if up else 2  # each counts one before it first comes up (seen)
    latency = 0 if is_own else 180 + 17 * id_ + 40 * link
    known = {"connected": int(up), "down_count": downs, "mtu": 65535 if is_own else 1397}
    known |= {"latency_ave": latency, "latency_max": latency * 3, "latency_min": latency * 2 // 3}
    counted = dict.fromkeys(ZERO, 0) | ({} if is_own else dict.fromkeys(TRAFFIC, 9131))
    values = {"enabled": 1, "latency_samples": 0 if is_own else 2048, "up_count": 1} | counted | known
    for name, value in sorted(values.items()):
        yield f"{key}.{name}", KINDS.get(name, "u64" if name.startswith(("rx_", "tx_total")) else "u32"), value


_WAYS = ("data", "ping", "pmtu", "pong")
ZERO = (
    *(f"rx_{way}_{what}" for way in (*_WAYS, "total") for what in ("bytes", "packets")),
    *(f"tx_{way}_{what}" for way in _WAYS for what in ("bytes", "errors", "packets", "retries")),
    *("rx_total_retries", "tx_total_bytes", "tx_total_errors", "tx_total_packets"),
)
TRAFFIC = tuple(name for name in ZERO if name.endswith(("bytes", "packets")))
KINDS = {"connected": "u8", "enabled": "u8"} | dict.fromkeys(TRAFFIC, "u64")
