"""corosync's own tools and `pvecm` on one node: which text they print, and the exit code."""

from __future__ import annotations

from bot.demo.cluster import cmap, corosync
from bot.demo.cluster.conf import Conf
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation


def answer(now: Situation, node: str, argv: tuple[str, ...], clock: float) -> Said | None:
    """None: this is none of them. *clock* is Unix time in seconds."""
    match argv:
        case ("corosync-qdevice-tool", "-s"):
            return Said(corosync.qdevice_tool(now, node)) if now.has_daemon(node) else NO_DAEMON
        case ("pvecm", "expected"):
            return Said("", EXPECTED_USAGE, 255)
        case ("pvecm", *rest) if not now.has_corosync(node):
            return NO_CLUSTER if (conf := now.conf_of(node)) is None else _stopped(conf, rest)
        case (("corosync-quorumtool" | "corosync-cfgtool" | "corosync-cmapctl") as tool, *_):
            return _of_corosync(now, node, argv, clock) if now.has_corosync(node) else STOPPED[tool]
        case ("pvecm", *_):
            return _of_corosync(now, node, argv, clock)
    return None


def _stopped(conf: Conf, rest: list[str]) -> Said:
    return Said(_header(conf) if rest == ["status"] else "", NO_CMAP.stderr, 1)


def _of_corosync(now: Situation, node: str, argv: tuple[str, ...], clock: float) -> Said | None:
    said: Said | None = None
    match argv:
        case ("corosync-quorumtool", "-s"):
            said = Said(_status(now, node, clock, ips=False), exit=_exit(now, node))
        case ("corosync-quorumtool", "-siH"):
            said = Said(_status(now, node, clock, ips=True), exit=_exit(now, node))
        case ("pvecm", "status"):
            said = Said(_header(now.member_conf(node)) + _status(now, node, clock, ips=True), exit=_exit(now, node))
        case ("corosync-quorumtool", "-l") | ("pvecm", "nodes"):
            said = Said("\n" + corosync.membership(now, node, ips=False, hexadecimal=False))
        case ("corosync-cfgtool", "-s"):
            said = Said(corosync.cfgtool_status(now, node))
        case ("corosync-cfgtool", "-n"):
            said = Said(corosync.cfgtool_nodes(now, node))
        case ("corosync-cmapctl", "-m", "stats", *prefix):
            said = Said(cmap.print_keys(cmap.statistics(now, node), "".join(prefix)))
        case ("corosync-cmapctl", *prefix):
            said = Said(cmap.print_keys(cmap.configuration(now.member_conf(node)), "".join(prefix)))
    return said


def _status(now: Situation, node: str, clock: float, *, ips: bool) -> str:
    return corosync.quorumtool(now, node, clock, ips=ips, hexadecimal=ips)


def _exit(now: Situation, node: str) -> int:
    return 0 if now.is_quorate(node) else 2  # quorumtool(8): 2 is "not quorate", an answer


def _header(conf: Conf) -> str:
    return (
        "Cluster information\n-------------------\n"
        f"Name:             {conf.name}\nConfig Version:   {conf.version}\n"
        "Transport:        knet\nSecure auth:      on\n\n"
    )


NO_CMAP = Said("", "Cannot initialize CMAP service\n", 1)
NO_CLUSTER = Said(
    "", "Error: Corosync config '/etc/pve/corosync.conf' does not exist - is this node part of a cluster?\n", 2
)
STOPPED = {
    "corosync-quorumtool": NO_CMAP,
    "corosync-cfgtool": Said("", "Could not initialize corosync configuration API error 2\n", 1),
    "corosync-cmapctl": Said("", "Failed to initialize the cmap API. Error CS_ERR_LIBRARY\n", 1),
}
EXPECTED_USAGE = "400 not enough arguments\npvecm expected <expected>\n"
NO_DAEMON = Said(
    "", "corosync-qdevice-tool: Can't connect to QDevice socket (is QDevice running?): No such file or directory\n", 3
)
GUARDED: tuple[tuple[str, ...], ...] = (
    *(("corosync-quorumtool", option) for option in ("-s", "-siH", "-l")),
    *(("corosync-cfgtool", option) for option in ("-s", "-n")),
    *(("pvecm", verb) for verb in ("status", "nodes")),
)
"""What a guard may ask."""
