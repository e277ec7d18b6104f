"""Ways into and out of what `remove` meets in a lab of three: a node that is off, removed, or back; and its traces."""

from __future__ import annotations

import re

from tests.lab import cables
from tests.lab.lab import Lab

NODE, EXECUTOR, OTHER = "pve03", "pve01", "pve02"
MEMBERS = (EXECUTOR, OTHER)
QUORATE = "grep -q '\"quorate\": 1' /etc/pve/.members"
CONF, LOCAL_CONF = "/etc/pve/corosync.conf", "/etc/corosync/corosync.conf"
FOLDER, LOGINS, HOSTS = f"/etc/pve/nodes/{NODE}", "/etc/pve/priv/authorized_keys", "/etc/pve/priv/known_hosts"
KEY = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGone0000000000000000000000000000000000000000 root@{NODE}"
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHost0000000000000000000000000000000000000000"


def run(lab: Lab, node: str, script: str, **options: str) -> str:
    return str(lab.exec(node, "sh", "-c", script, check=True, **options).stdout)


def write(lab: Lab, path: str, text: str) -> None:
    """In /etc/pve, on the executing node."""
    run(lab, EXECUTOR, f"cat >{path}", input=text)


def settled(lab: Lab) -> None:
    """The two that stay see each other, and /etc/pve can be written."""
    lab.wait_members(2, MEMBERS)
    lab.wait_for(*MEMBERS, command=f"test -w /etc/pve/priv && {QUORATE}")


def unplug(lab: Lab, node: str = NODE) -> None:
    for number, _ in enumerate(lab.nodes[node].nets):
        lab.ip(f"link set {cables.port(lab.nodes[node], number)} down")


def plug_in(lab: Lab, node: str = NODE) -> None:
    for number, _ in enumerate(lab.nodes[node].nets):
        lab.ip(f"link set {cables.port(lab.nodes[node], number)} up")
    lab.ip("neigh flush all")  # nobody believes any longer that nobody is there


def power_off(lab: Lab) -> None:
    """As a power cut: its network cards are silent too."""
    if lab.is_up(NODE):
        lab.kill(NODE)
    unplug(lab)
    settled(lab)


def power_on(lab: Lab) -> None:
    """As a member: with the corosync.conf that the others have now."""
    plug_in(lab)
    lab.start(NODE)
    run(lab, NODE, f"cat >{LOCAL_CONF}", input=run(lab, EXECUTOR, f"cat {CONF}"))
    run(lab, NODE, "systemctl restart pve-cluster corosync")
    lab.wait_members(3)
    lab.wait_for(*MEMBERS, NODE, command="test -w /etc/pve/priv")


def power_on_as_it_was(lab: Lab) -> None:
    """With the corosync.conf that it had when it was removed: alone."""
    plug_in(lab)
    lab.start(NODE)
    run(lab, NODE, "systemctl restart corosync")
    lab.wait_members(1, [NODE], quorate=False)
    lab.wait_for(NODE, command=f"grep -q {NODE}.*id /etc/pve/.members")
    lab.wait_reached(NODE)


def is_listed(lab: Lab) -> bool:
    return f"name: {NODE}\n" in run(lab, EXECUTOR, f"cat {CONF}")


def list_again(lab: Lab) -> None:
    """Put it back into corosync.conf, as if it had never been removed: it is off, so nobody notices."""
    address = "".join(f"    ring{n}_addr: {lab.address(NODE, f'link{n}')}\n" for n in range(lab.nodes[NODE].links))
    block = f"  node {{\n    name: {NODE}\n    nodeid: 3\n    quorum_votes: 1\n{address}  }}\n"
    change_conf(lab, lambda text: text.replace("nodelist {\n", f"nodelist {{\n{block}", 1))


def change_conf(lab: Lab, change: object = None) -> None:
    """Write another corosync.conf with the next version, as an administrator does, and wait until corosync has it."""
    text = run(lab, EXECUTOR, f"cat {CONF}")
    version = int(re.findall(r"config_version: (\d+)", text)[0]) + 1
    changed = change(text) if callable(change) else text
    new = re.sub(r"config_version: \d+", f"config_version: {version}", changed)
    run(lab, EXECUTOR, f"cat >{CONF}.new && mv {CONF}.new {CONF}", input=new)
    lab.wait_for(*MEMBERS, command=f"corosync-cmapctl -g totem.config_version | grep -q '= {version}$'")
    settled(lab)


def remove_by_hand(lab: Lab) -> None:
    run(lab, EXECUTOR, f"pvecm delnode {NODE}")
    settled(lab)


def put_traces(lab: Lab) -> None:
    """All that a node can leave but guests, whatever of it is there already."""
    run(lab, EXECUTOR, f"rm -rf {FOLDER}; mkdir -p {FOLDER}/qemu-server {FOLDER}/lxc; echo old >{FOLDER}/lrm_status")
    run(lab, EXECUTOR, f"grep -q ' root@{NODE}$' {LOGINS} || echo '{KEY}' >>{LOGINS}")
    write(lab, HOSTS, f"{EXECUTOR} {HOST_KEY}1\n{NODE} {HOST_KEY}3\n{lab.address(NODE)} {HOST_KEY}3\n")
    write(lab, "/etc/pve/storage.cfg", STORAGES)
    run(lab, EXECUTOR, "mkdir -p /etc/pve/ha")
    write(lab, "/etc/pve/ha/rules.cfg", RULES)
    write(lab, "/etc/pve/ha/groups.cfg", GROUPS)
    write(lab, "/etc/pve/replication.cfg", f"local: 100-0\n\ttarget {NODE}\n\tsource {EXECUTOR}\n\n")


def remove_traces(lab: Lab) -> None:
    run(
        lab,
        EXECUTOR,
        f"rm -rf {FOLDER}; cd /etc/pve; rm -f storage.cfg ha/rules.cfg ha/groups.cfg replication.cfg {HOSTS}",
    )
    run(lab, EXECUTOR, f"grep -v ' root@{NODE}$' {LOGINS} >{LOGINS}.new; mv {LOGINS}.new {LOGINS}")


STORAGES = (
    "dir: local\n\tpath /var/lib/vz\n\tcontent iso\n\n"
    f"nfs: shared\n\tpath /mnt/shared\n\tserver 10.77.0.1\n\texport /x\n\tnodes {EXECUTOR},{NODE}\n\n"
    f"dir: lonely\n\tpath /srv\n\tnodes {NODE}\n\n"
)
RULES = f"node-affinity: near\n\tresources vm:100\n\tnodes {NODE}:2,{OTHER}:1\n\tstrict 1\n\n"
GROUPS = f"group: old\n\tnodes {OTHER},{NODE}\n\n"
