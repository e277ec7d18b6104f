"""The sections and keys that corosync and its QDevice know, and what each value may be (corosync.conf(5))."""

from __future__ import annotations

import re

_U32 = (0, 4294967295)
_U8 = (0, 255)
_YES_NO = frozenset({"yes", "no"})

TOTEM, INTERFACE = ("totem",), ("totem", "interface")
NODE = ("nodelist", "node")
QUORUM, DEVICE = ("quorum",), ("quorum", "device")
LOGGING = ("logging",)
RING = re.compile(r"ring(\d{1,9})_addr")

SECTIONS = frozenset(
    {
        TOTEM,
        INTERFACE,
        ("nodelist",),
        NODE,
        QUORUM,
        DEVICE,
        (*DEVICE, "net"),
        (*DEVICE, "heuristics"),
        LOGGING,
        (*LOGGING, "logger_subsys"),
        ("system",),
        ("resources",),
        ("uidgid",),
        ("nozzle",),
    }
)

NUMBERS: dict[tuple[str, ...], dict[str, tuple[int, int]]] = {
    TOTEM: {
        **dict.fromkeys(
            [
                "version",
                "token",
                "token_coefficient",
                "token_retransmit",
                "token_retransmits_before_loss_const",
                "hold",
                "join",
                "send_join",
                "consensus",
                "merge",
                "downcheck",
                "fail_recv_const",
                "seqno_unchanged_const",
                "heartbeat_failures_allowed",
                "threads",
                "max_network_delay",
                "window_size",
                "max_messages",
                "miss_count_const",
                "netmtu",
                "knet_pmtud_interval",
                "knet_mtu",
                "nodeid",
                "knet_compression_threshold",
            ],
            _U32,
        ),
        "token_warning": (0, 100),
    },
    INTERFACE: {
        "linknumber": (0, 7),
        "mcastport": (1, 65535),
        "ttl": _U8,
        "knet_link_priority": _U8,
        "knet_ping_interval": _U32,
        "knet_ping_timeout": _U32,
        "knet_ping_precision": _U32,
        "knet_pong_count": _U32,
    },
    NODE: {"nodeid": (1, 4294967295), "quorum_votes": _U32},
    QUORUM: {
        **dict.fromkeys(("expected_votes", "votes", "last_man_standing_window"), _U32),
        **dict.fromkeys(("two_node", "wait_for_all", "last_man_standing", "auto_tie_breaker", "allow_downscale"), _U8),
    },
    DEVICE: dict.fromkeys(("votes", "timeout", "sync_timeout"), _U32),
}

WORDS: dict[tuple[str, ...], dict[str, frozenset[str]]] = {
    TOTEM: {
        "secauth": frozenset({"on", "off"}),
        "transport": frozenset({"knet", "udpu", "udp"}),
        "ip_version": frozenset({"ipv4", "ipv6", "ipv4-6", "ipv6-4"}),
        "link_mode": frozenset({"passive", "active", "rr"}),
        "crypto_cipher": frozenset({"none", "aes128", "aes192", "aes256"}),
        "crypto_hash": frozenset({"none", "md5", "sha1", "sha256", "sha384", "sha512"}),
        "crypto_model": frozenset({"nss", "openssl"}),
        "block_unlisted_ips": _YES_NO,
        "clear_node_high_bit": _YES_NO,
        "cancel_token_hold_on_retransmit": _YES_NO,
    },
    INTERFACE: {"knet_transport": frozenset({"udp", "sctp"})},
    QUORUM: {"provider": frozenset({"corosync_votequorum"})},
    DEVICE: {"model": frozenset({"net"})},
    LOGGING: {
        "debug": frozenset({"on", "off", "trace"}),
        "timestamp": frozenset({"on", "off", "hires"}),
        "fileline": frozenset({"on", "off"}),
        "function_name": frozenset({"on", "off"}),
        "to_syslog": _YES_NO,
        "to_stderr": _YES_NO,
        "to_logfile": _YES_NO,
        "blackbox": frozenset({"on", "off"}),
    },
}

# Keys that take any word.
FREE: dict[tuple[str, ...], frozenset[str]] = {
    TOTEM: frozenset(
        [
            "cluster_name",
            "config_version",
            "keyfile",
            "key",
            "knet_compression_model",
            "knet_compression_level",
            "vsftype",
            "autojoin",
        ]
    ),
    INTERFACE: frozenset(["bindnetaddr", "mcastaddr", "broadcast", "ringnumber"]),
    NODE: frozenset({"name"}),
    QUORUM: frozenset(["auto_tie_breaker_node", "expected_votes_tracking"]),
    DEVICE: frozenset(),
    (*DEVICE, "net"): frozenset(
        [
            "host",
            "port",
            "algorithm",
            "tls",
            "tie_breaker",
            "connect_timeout",
            "force_ip_version",
            "keep_active_partition_tie_breaker",
        ]
    ),
    LOGGING: frozenset(["syslog_facility", "syslog_priority", "logfile", "logfile_priority", "subsys", "tags"]),
}


def known_keys(path: tuple[str, ...]) -> frozenset[str] | None:
    """The keys of the section at *path*; None: any key is taken there."""
    if path not in FREE:
        return None
    return FREE[path] | frozenset(NUMBERS.get(path, ())) | frozenset(WORDS.get(path, ()))
