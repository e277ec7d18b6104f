"""What a simulated host says of whether it can begin a cluster: /etc/pve takes writes, and which corosync is installed."""

from __future__ import annotations

from bot.cluster.corosync_package import CorosyncPackage
from bot.cluster.writable import Writable
from bot.demo.cluster import files
from bot.demo.cluster.host import Argv, Host, Topic
from bot.demo.cluster.said import Said

COROSYNC = "3.1.9-pve2"


def _answer(host: Host, argv: Argv) -> Said | None:
    if argv == Writable.ARGV:
        return Said("/etc/pve/nodes\n" if host.now.can_write(host.node, host.clock) else "")
    if argv == CorosyncPackage.ARGV:
        return Said(files.package("corosync", COROSYNC))
    return None


TOPIC = Topic(_answer)
