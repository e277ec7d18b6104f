"""Ways to break a healthy lab and to make it whole again."""

from __future__ import annotations

from collections.abc import Callable

from tests.lab.lab import Lab

Change = Callable[[Lab], None]


def nothing(_lab: Lab) -> None:
    pass


def cut_a_link(lab: Lab) -> None:
    lab.link("pve03", 1, "down")


def whole(lab: Lab) -> None:
    """Until every node sees every other over every link again."""
    lab.wait_members(len(lab.members))
    lab.wait_for(*lab.members, command="corosync-cfgtool -s | grep -q nodeid && ! corosync-cfgtool -s | grep -q disc")


def mend(lab: Lab) -> None:
    lab.heal()
    whole(lab)


def power_off(*nodes: str) -> Change:
    return lambda lab: lab.kill(*nodes)


def power_on(*nodes: str) -> Change:
    def boot(lab: Lab) -> None:
        lab.start(*nodes)
        whole(lab)

    return boot


def stop(unit: str, node: str) -> Change:
    def run(lab: Lab) -> None:
        lab.exec(node, "systemctl", "stop", unit, check=True)

    return run


def start(unit: str, node: str) -> Change:
    def run(lab: Lab) -> None:
        lab.exec(node, "systemctl", "start", unit, check=True)
        whole(lab)

    return run


def freeze(node: str) -> Change:
    return lambda lab: lab.freeze(node)


def thaw(node: str) -> Change:
    def wake(lab: Lab) -> None:
        lab.thaw(node)
        whole(lab)

    return wake


def new_host_key(node: str) -> Change:
    """As after a reinstallation. Connections that are open stay so: the node is started again."""

    def install(lab: Lab) -> None:
        key = "/etc/ssh/ssh_host_ed25519_key"
        lab.exec(node, "sh", "-c", f"mv {key} {key}.old && ssh-keygen -q -t ed25519 -N '' -f {key}", check=True)
        restart(node)(lab)

    return install


def old_host_key(node: str) -> Change:
    def restore(lab: Lab) -> None:
        key = "/etc/ssh/ssh_host_ed25519_key"
        lab.exec(node, "mv", f"{key}.old", key, check=True)
        restart(node)(lab)

    return restore


def restart(node: str) -> Change:
    def off_and_on(lab: Lab) -> None:
        lab.kill(node)
        lab.start(node)
        whole(lab)

    return off_and_on
