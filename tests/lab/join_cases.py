"""For each thing that forbids a `join`: how a healthy lab comes into it, what is typed, and how the lab gets out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.lab.lab import Lab

NEW = "pve03"
OVER_API, OVER_SSH = f"join pve01 --node {NEW}", f"join 10.77.0.11 --node {NEW} --use_ssh"
OTHER = ":".join(["AB"] * 32)
CONF = (
    "totem {\n  version: 2\n  cluster_name: old\n  config_version: 1\n}\nquorum {\n  provider: corosync_votequorum\n}\n"
    "nodelist {\n  node {\n    name: pve03\n    nodeid: 9\n    ring0_addr: 10.77.1.13\n  }\n}\n"
)
Change = Callable[[Lab], None]


@dataclass(frozen=True)
class Case:
    """*says*: what the refusal says, at least in part."""

    says: str
    enter: Change
    leave: Change
    line: str = OVER_API


def run(node: str, script: str) -> Change:
    def change(lab: Lab) -> None:
        lab.exec(node, "sh", "-c", script, check=True)

    return change


def nothing(_lab: Lab) -> None:
    pass


def typed(says: str, line: str) -> Case:
    return Case(says, nothing, nothing, line)


def done(node: str, enter: str, leave: str, says: str, line: str = OVER_API) -> Case:
    return Case(says, run(node, enter), run(node, leave), line)


def moved(node: str, path: str, says: str, line: str = OVER_API) -> Case:
    return done(node, f"mv {path} {path}.away", f"mv {path}.away {path}", says, line)


def instead(node: str, tool: str, script: str, says: str) -> Case:
    """Another program stands in the way of *tool*: what a lab's kernel cannot be told."""
    path = f"/usr/local/bin/{tool}"
    return done(node, f"printf '#!/bin/sh\\n{script}\\n' >{path}; chmod 755 {path}", f"rm {path}", says)


def replaced(node: str, tool: str) -> Case:
    """*tool* fails, also for `pvecm`, which looks nowhere else."""
    path = f"/usr/bin/{tool}"
    write = f"mv {path} {path}.away; printf '#!/bin/sh\\nexit 9\\n' >{path}; chmod 755 {path}"
    return done(node, write, f"mv {path}.away {path}", "")


def hosts(line: str, says: str) -> Case:
    """What stands in /etc/hosts for the new node's own name."""
    away = "/etc/hosts.away"
    script = f"cp /etc/hosts {away}; grep -v {NEW} {away} >/etc/hosts; echo '{line}' >>/etc/hosts"
    return done(NEW, script, f"cat {away} >/etc/hosts; rm {away}", says)


def off(*nodes: str) -> tuple[Change, Change]:
    def power_on(lab: Lab) -> None:
        lab.start(*nodes)
        lab.wait_for(*nodes, command="test -e /etc/pve/.members")

    return (lambda lab: lab.kill(*nodes)), power_on


def apart(lab: Lab) -> None:
    lab.partition("pve02")
    lab.wait_members(1, ["pve01", "pve02"], quorate=False)


def healed(lab: Lab) -> None:
    lab.heal()
    lab.wait_members(2, ["pve01", "pve02"])


def alone_without_quorum(lab: Lab) -> None:
    lab.kill("pve02")
    lab.wait_members(1, ["pve01"], quorate=False)


def has_guests(lab: Lab) -> None:
    lab.guests(NEW, "vm:300", "ct:301")


def has_none(lab: Lab) -> None:
    lab.guests(NEW)


def link_is_gone(lab: Lab) -> None:
    for node, host in (("pve01", 11), ("pve02", 12)):
        run(node, f"ip addr del 10.77.2.{host}/24 dev eth2")(lab)


def link_is_back(lab: Lab) -> None:
    for node, host in (("pve01", 11), ("pve02", 12)):
        run(node, f"ip addr add 10.77.2.{host}/24 dev eth2")(lab)


DEVICE = "/^quorum/a\\  device {\\n    model: net\\n    votes: 1\\n    net {\\n      host: 10.77.0.200\\n      algorithm: ffsplit\\n    }\\n  }"
LISTED = "/etc/pve/priv/authorized_keys"
CASES: Mapping[str, Case] = {
    "NOT_LISTED": typed("has no node “pve09”: it has pve01, pve02, pve03", "join pve01 --node pve09"),
    "NEW_SILENT": Case("pve03 does not answer: ", *off(NEW)),
    "OTHER_HOST": done(NEW, "hostname pve07", f"hostname {NEW}", "The host that answers as pve03 is named pve07"),
    "NO_CLUSTER": Case("None of the other nodes that answer is in a cluster", *off("pve01", "pve02")),
    "NOT_A_MEMBER": typed("10.77.0.99 is neither the name nor an address", f"join 10.77.0.99 --node {NEW}"),
    "MEMBER_SILENT": Case(
        "pve02, which is to take the new node in, does not answer", *off("pve02"), f"join pve02 --node {NEW}"
    ),
    "NO_QUORUM": Case("pve01 has no quorum", alone_without_quorum, off("pve02")[1]),
    "DISAGREE": Case("The members do not see the same ring: pve01: 1 · pve02: 2", apart, healed),
    "READ_ONLY": done(
        "pve01", "systemctl stop pve-cluster", "systemctl start pve-cluster", "/etc/pve cannot be written on pve01 yet"
    ),
    "NAME_TAKEN": typed("The cluster lab lists a node pve02 already", "join pve01 --node pve02"),
    "NAME_UNKNOWN": hosts("", "pve03 does not resolve its own name"),
    "NAME_LOOPBACK": hosts("127.0.1.1 pve03", "pve03 resolves its own name to 127.0.1.1"),
    "NAME_FOREIGN": hosts("10.77.0.99 pve03", "pve03 resolves its own name to 10.77.0.99"),
    "HAS_GUESTS": Case("pve03 has guests: 300, 301", has_guests, has_none),
    "NO_PMXCFS": done(
        NEW, "systemctl stop pve-cluster", "systemctl start pve-cluster", "/etc/pve is not mounted on pve03"
    ),
    "HAS_CONF": done(
        NEW,
        f"printf '%s' '{CONF}' >/etc/corosync/corosync.conf",
        "rm /etc/corosync/corosync.conf",
        "pve03 has a corosync.conf already: /etc/corosync/corosync.conf",
    ),
    "HAS_AUTHKEY": done(
        NEW, "touch /etc/corosync/authkey", "rm /etc/corosync/authkey", "pve03 still has the key of a cluster"
    ),
    "COROSYNC_RUNS": done(
        NEW,
        f"printf '%s' '{CONF}' >/etc/corosync/corosync.conf; systemctl start corosync",
        "systemctl stop corosync; rm /etc/corosync/corosync.conf",
        "corosync runs on pve03",
    ),
    "OTHER_MAJOR": done(
        NEW,
        "sed -i.away 's/^Version: 9.1.1$/Version: 8.4.1/' /var/lib/dpkg/status",
        "mv /var/lib/dpkg/status.away /var/lib/dpkg/status",
        "pve03 runs Proxmox VE 8.4.1, pve01 9.1.1, pve02 9.1.1: not the same major version",
    ),
    "PORT_CLOSED": done(
        "pve01",
        "systemctl stop pveproxy-lab.socket",
        "systemctl start pveproxy-lab.socket",
        "pve03 does not reach TCP port 8006 of pve01 (10.77.0.11): connection refused",
    ),
    "LINK_MISSING": done(
        NEW,
        "ip addr del 10.77.2.13/24 dev eth2",
        "ip addr add 10.77.2.13/24 dev eth2",
        "pve03 has no address in 10.77.2.0/24, the network of link 1",
    ),
    "LINK_AMBIGUOUS": done(
        NEW,
        "ip addr add 10.77.2.113/24 dev eth2",
        "ip addr del 10.77.2.113/24 dev eth2",
        "pve03 has several addresses in 10.77.2.0/24, the network of link 1: 10.77.2.13, 10.77.2.113",
    ),
    "NETWORK_UNKNOWN": Case(
        "pve01 does not say in which network its address of link 1 lies", link_is_gone, link_is_back
    ),
    "LINK_UNKNOWN": typed("The cluster has no link 2: it has 0, 1", f"{OVER_API} --link2 10.77.0.13"),
    "ADDRESS_TAKEN": typed("10.77.2.12 is the address of pve02", f"{OVER_API} --link1 10.77.2.12"),
    "QDEVICE": done(
        "pve01",
        f"cp /etc/pve/corosync.conf /root/conf; sed '{DEVICE}' /root/conf >/etc/pve/corosync.conf",
        "cat /root/conf >/etc/pve/corosync.conf",
        "The cluster has a QDevice (on 10.77.0.200)",
    ),
    "ID_TAKEN": typed("pve02 has the node id 2 already", f"{OVER_API} --nodeid 2"),
    "CLOCK": instead(NEW, "date", 'exec /usr/bin/date -d "+5 seconds" "$@"', "The clocks of pve03 and pve01 are "),
    "BOT_KEY": done(
        "pve01",
        f"cp {LISTED} /root/keys; grep -v bot@pvelab /root/keys >{LISTED}",
        f"cat /root/keys >{LISTED}",
        "The bot's own key is not in the cluster's list",
    ),
    "SECOND_FACTOR": done(
        "pve01",
        """echo '{"users":{"root@pam":{"totp":[]}}}' >/etc/pve/priv/tfa.cfg""",
        "rm /etc/pve/priv/tfa.cfg",
        "root@pam has a second factor",
    ),
    "NO_CERTIFICATE": moved("pve01", "/etc/pve/nodes/pve01/pve-ssl.pem", "pve01 has no certificate in /etc/pve"),
    "COPIES_DIFFER": done(
        "pve02",
        "cp /etc/pve/nodes/pve02/pve-ssl.pem /root/other.pem; mount --bind /root/other.pem /etc/pve/nodes/pve01/pve-ssl.pem",
        "umount /etc/pve/nodes/pve01/pve-ssl.pem",
        "pve01 and pve02 do not have the same certificate of pve01",
    ),
    "WRONG_FINGERPRINT": typed("is not that of pve01: given AB:AB:", f"{OVER_API} --fingerprint {OTHER}"),
    "SERVES_OTHER": done(
        "pve01",
        "systemctl stop pveproxy-lab.socket; systemd-run --quiet --unit=other openssl s_server -quiet -accept 8006 "
        "-cert /etc/pve/nodes/pve02/pve-ssl.pem -key /etc/pve/nodes/pve02/pve-ssl.key",
        "systemctl stop other; systemctl start pveproxy-lab.socket",
        "What answers pve03 on 10.77.0.11:8006 shows another certificate than pve01 has",
    ),
    "NO_OWN_KEY": moved(NEW, "/root/.ssh/id_rsa.pub", "root on pve03 has no SSH key of its own", OVER_SSH),
    "NO_HOST_KEY": moved("pve01", "/etc/ssh/ssh_host_ed25519_key.pub", "pve01 has no SSH host key", OVER_SSH),
    "NOT_KNOWN": instead(NEW, "dpkg-query", "exit 1", "pve03 does not say which version of Proxmox VE it runs"),
}
