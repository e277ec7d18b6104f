"""The table of `remove` on a lab of three whose third node is off: what forbids it, and how each of its steps fails.

For a clean-up the third node is removed, and everything is there that a node can leave.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from bot.actions.remove.left import LOCKED, STOPPED_AT
from tests.lab import cables, faults, removal
from tests.lab.lab import Lab
from tests.lab.matrix import Break, Refusal, World
from tests.lab.pve_files import ha_rule, pve_file, replication
from tests.lab.removal import EXECUTOR, HOSTS, LOGINS, MEMBERS, NODE, OTHER, run

REMOVE, CLEANUP = f"remove {NODE}", f"remove {NODE} --cleanup"
Turn = Callable[[Lab], object]


def world(enter: Turn, leave: Turn) -> World:
    @contextmanager
    def entered(lab: Lab) -> Iterator[None]:
        try:
            enter(lab)
            yield
        finally:
            leave(lab)

    return entered


def done(enter: str, leave: str, node: str = EXECUTOR) -> World:
    return world(lambda lab: run(lab, node, enter), lambda lab: run(lab, node, leave))


def saying(path: str, text: str) -> World:
    """A file below /etc/pve."""
    return lambda lab: pve_file(lab, EXECUTOR, path, text)


def instead(node: str, tool: str, script: str) -> World:
    """Another program stands in the way of *tool*."""
    path = f"/usr/local/bin/{tool}"

    def enter(lab: Lab) -> None:
        run(lab, node, f"cat >{path}; chmod 755 {path}", input=f"#!/bin/sh\n{script}\n")

    return world(enter, lambda lab: run(lab, node, f"rm {path}"))


def without_corosync(*nodes: str) -> World:
    def stop(lab: Lab) -> None:
        for node in nodes:
            run(lab, node, "systemctl stop corosync")
        if others := [node for node in MEMBERS if node not in nodes]:
            lab.wait_members(1, others, quorate=False)

    return world(stop, start_corosync)


def start_corosync(lab: Lab) -> None:
    for node in MEMBERS:
        run(lab, node, "systemctl start corosync")
    removal.settled(lab)


@contextmanager
def lowered(lab: Lab) -> Iterator[None]:
    """The executor alone has quorum, by `pvecm expected 1`; the other is up without corosync."""
    with without_corosync(OTHER)(lab):
        run(lab, EXECUTOR, "pvecm expected 1")
        lab.wait_for(EXECUTOR, command=f"test -w /etc/pve/priv && {removal.QUORATE}")
        yield
    run(lab, EXECUTOR, "corosync-cfgtool -R")  # counts what the file lists anew
    removal.settled(lab)


def plugged_in(lab: Lab) -> None:
    """Something of it answers, no service does."""
    removal.plug_in(lab)
    lab.wait_for(*MEMBERS, command=f"ping -c 1 -W 1 {lab.address(NODE)}")


@contextmanager
def out_of_reach(lab: Lab) -> Iterator[None]:
    """The other member, of the bot; corosync has cables of its own."""
    port = cables.port(lab.nodes[OTHER], 0)
    lab.cut_ssh(OTHER)
    try:
        yield
    finally:
        lab.ip(f"link set {port} up")
        lab.wait_for(EXECUTOR, command=f"ping -c 1 -W 1 {lab.address(OTHER)}")


def a_guest(lab: Lab) -> AbstractContextManager[None]:
    return pve_file(lab, EXECUTOR, f"nodes/{NODE}/qemu-server/300.conf", "memory: 512\n")


NO_QUORUM, NO_VIEW = without_corosync(OTHER), without_corosync(*MEMBERS)
BACK = world(removal.power_on, removal.power_off)
PLUGGED_IN = world(plugged_in, removal.unplug)
LISTED_AGAIN = world(removal.list_again, removal.remove_by_hand)
READ_ONLY = done(
    *(f'sed -i \'s/"quorate": {a}/"quorate": {b}/\' /run/pve-cluster/members' for a, b in ((1, 0), (0, 1)))
)
SERVICES = saying("ha/manager_status", json.dumps({"service_status": {"vm:7": {"node": NODE, "state": "stopped"}}}))
CEPH = json.dumps({"mon": {NODE: [NODE]}, "mgr": {}, "mds": {}, "osd": {NODE: [3, 4], EXECUTOR: [1]}})
OTHER_VOTES = "/usr/sbin/corosync-quorumtool \"$@\" | sed 's/^Expected votes: .*/Expected votes:   5/'"
BOT_KEY = done(f"cp {LOGINS} /root/kept; sed -i 's/ bot@pvelab$/ root@{NODE}/' {LOGINS}", f"cat /root/kept >{LOGINS}")
NO_PING = done("mv /usr/bin/ping /usr/bin/gone", "mv /usr/bin/gone /usr/bin/ping", OTHER)
ALIVE = frozenset({"ONLINE", "ANSWERS_SSH", "ANSWERS_MEMBER"})

# By the name of the constant in bot/actions/remove/refusals.py.
REFUSALS: Mapping[str, Refusal] = {
    "NO_VIEW": Refusal(REMOVE, NO_VIEW),
    "NO_SUCH_NODE": Refusal("remove pve09"),
    "NOT_CONFIGURED": Refusal(REMOVE),  # asked of a bot that was never told of it
    "NO_QUORUM": Refusal(REMOVE, NO_QUORUM, also=frozenset({"OTHER_ALIVE"})),
    "READ_ONLY": Refusal(REMOVE, READ_ONLY),
    "LOSES_QUORUM": Refusal(REMOVE, lowered, also=frozenset({"OTHER_ALIVE"})),
    "ONLINE": Refusal(REMOVE, BACK, also=ALIVE - {"ONLINE"}),
    "ANSWERS_SSH": Refusal(REMOVE, BACK, also=ALIVE - {"ANSWERS_SSH"}),
    "ANSWERS_API": Refusal(REMOVE),  # asked of a bot that has a token for it
    "ANSWERS_MEMBER": Refusal(REMOVE, PLUGGED_IN),
    "NOT_TRIED": Refusal(REMOVE, NO_PING),
    "MEMBER_SILENT": Refusal(REMOVE, out_of_reach),
    "MEMBERS_DISAGREE": Refusal(REMOVE, instead(OTHER, "corosync-quorumtool", OTHER_VOTES)),
    "OTHER_ALIVE": Refusal(REMOVE, lowered, also=frozenset({"LOSES_QUORUM"})),
    "CHANGING": Refusal(REMOVE, lambda lab: faults.lock_held(lab, EXECUTOR)),
    "GUESTS": Refusal(REMOVE, a_guest),
    "SERVICES": Refusal(REMOVE, SERVICES),
    "ONLY_NODE_OF_RULE": Refusal(REMOVE, lambda lab: ha_rule(lab, EXECUTOR, "lonely", (f"{NODE}:1",), "vm:100")),
    "REPLICATION": Refusal(REMOVE, lambda lab: replication(lab, EXECUTOR, 100, NODE)),
    "CEPH": Refusal(REMOVE, instead(EXECUTOR, "ceph", f"echo '{CEPH}'")),
    "NOT_KNOWN": Refusal(REMOVE, saying("replication.cfg", "garbage\n")),
}

# By the name of the constant in bot/actions/remove/refusals_cleanup.py.
REFUSALS_CLEANUP: Mapping[str, Refusal] = {
    "NO_VIEW": Refusal(CLEANUP, NO_VIEW),
    "NO_QUORUM": Refusal(CLEANUP, NO_QUORUM),
    "READ_ONLY": Refusal(CLEANUP, READ_ONLY),
    "STILL_LISTED": Refusal(CLEANUP, LISTED_AGAIN, also=frozenset({"STILL_A_MEMBER"})),
    "STILL_A_MEMBER": Refusal(CLEANUP, LISTED_AGAIN, also=frozenset({"STILL_LISTED"})),
    "THINKS_IT_IS_A_MEMBER": Refusal(CLEANUP, world(removal.power_on_as_it_was, removal.power_off)),
    "MEMBER_SILENT": Refusal(CLEANUP, out_of_reach),
    "CHANGING": Refusal(CLEANUP, saying("corosync.conf.new", "")),
    "GUESTS": Refusal(CLEANUP, a_guest),
    "SERVICES": Refusal(CLEANUP, SERVICES),
    "BOT_KEY": Refusal(CLEANUP, BOT_KEY),
    "NOT_KNOWN": Refusal(CLEANUP, saying("storage.cfg", "garbage\n")),
    "NOTHING": Refusal(CLEANUP, world(removal.remove_traces, removal.put_traces)),
}


def cannot_be_replaced(path: str) -> World:
    """It is a mount point: no other file takes its name."""
    return done(f"mount --bind {path} {path}", f"umount {path}")


def missing(tool: str) -> World:
    return done(f"mv /usr/bin/{tool} /usr/bin/kept", f"mv /usr/bin/kept /usr/bin/{tool}")


FULL_DISK = done(
    f"head -c 300000 /dev/zero >{removal.FOLDER}/large; mount -t tmpfs -o size=200k none /var/lib/pve-cluster-bot",
    f"umount /var/lib/pve-cluster-bot; rm -f {removal.FOLDER}/large",
)
# In the order of the plans' steps.
BREAKS: Mapping[int, Break] = {0: Break(lambda lab: faults.lock_held(lab, EXECUTOR), tells=(LOCKED,), stays=True)}
BREAKS_CLEANUP: Mapping[int, Break] = {
    number: Break(fault, tells=(STOPPED_AT,))
    for number, fault in enumerate(
        (
            FULL_DISK,
            cannot_be_replaced(LOGINS),
            cannot_be_replaced(HOSTS),
            missing("pvesm"),
            missing("ha-manager"),
            missing("ha-manager"),
            missing("pvesr"),
        )
    )
}
