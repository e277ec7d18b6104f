"""A QDevice for a lab of two nodes and a qnetd host, set up as a person would."""

from __future__ import annotations

from tests.lab.kernel import LabError
from tests.lab.lab import Lab
from tests.lab.plan import QNETD

READY = "corosync-quorumtool -s | grep -q 'Total votes:      3'"


def set_up(lab: Lab) -> None:
    """Return when both nodes count its vote."""
    for node in lab.members:  # what `pvecm qdevice setup` needs between the nodes themselves
        lab.exec(node, "sh", "-c", "cat >> /root/.ssh/known_hosts", input=lab.known_hosts(), check=True)
    done = lab.ssh(lab.members[0], f"pvecm qdevice setup {lab.address(QNETD)}")
    if done.returncode:
        raise LabError(done.stdout + done.stderr)
    lab.wait_for(*lab.members, command=READY)
