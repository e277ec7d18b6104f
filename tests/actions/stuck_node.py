"""Four of five real nodes with quorum, and one that is stuck: what `reset NODE` then sees."""

from __future__ import annotations

from collections.abc import Mapping

from bot.action import Output
from bot.actions.reset.facts import Facts
from bot.look import Look
from bot.names import NodeName
from bot.text import Text
from tests.recorded import RecordedNodes, answers, stopped

PVE05 = NodeName("pve05")
CONF = answers("one-node-down", "cat /etc/pve/corosync.conf")[0].stdout
GUESTS, MOUNTS = (
    "find /etc/pve/nodes -mindepth 3 -maxdepth 3 -name *.conf",
    "findmnt --raw --noheadings --output FSTYPE,TARGET",
)
IDENTITY = "head -v -c 900000 /proc/sys/kernel/hostname /etc/corosync/corosync.conf"
KEYS, HA, QUORUM = "cat /root/.ssh/authorized_keys", "cat /etc/pve/ha/manager_status", "corosync-quorumtool -siH"
Said = Mapping[tuple[str, str], str | Text | Output]


def identity(host: str, conf: str | None = CONF) -> str | Output:
    shown = f"==> /proc/sys/kernel/hostname <==\n{host}\n"
    if conf is not None:
        return f"{shown}\n==> /etc/corosync/corosync.conf <==\n{conf}"
    why = "head: cannot open '/etc/corosync/corosync.conf' for reading: No such file or directory"
    return Output(PVE05, 1, shown, why)


def stuck(node: str = "pve05") -> dict[tuple[str, str], str | Text | Output]:
    """It answers; its corosync is stopped, nothing is on it."""
    return {
        **stopped(node),
        (node, IDENTITY): identity(node),
        (node, GUESTS): "/etc/pve/nodes/pve01/qemu-server/100.conf\n",
        (node, MOUNTS): "ext4 /\nfuse /etc/pve\n",
        (node, KEYS): "".join(f"ssh-rsa AAAA{n} root@pve0{n}\n" for n in range(6)),
        (node, "cat /etc/pve/corosync.conf"): CONF,
    }


def look(more: Said | None = None, situation: str = "one-node-down") -> Facts:
    """Four of five have quorum, and pve05 is stuck."""
    found: Facts = Look(RecordedNodes(situation, {**stuck(), **(more or {})}, ("pve05",))).gather(Facts)
    return found


ALONE: Said = {
    ("pve05", IDENTITY): identity("pve05", None),
    ("pve05", "cat /etc/pve/.members"): '{"nodename": "pve05", "version": 0}',
    ("pve05", "cat /etc/pve/corosync.conf"): Output(PVE05, 1, "", "cat: No such file or directory"),
}
