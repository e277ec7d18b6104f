"""A step on a real node, and everything that may come between: no SSH, no power, no room, no systemd."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.action import Unreachable
from bot.run import KEPT, outcome
from tests.lab.one_step import NEVER, PVE01, SUCCEEDED, UNKNOWN, Node, reached
from tests.ssh.sshd import until

pytestmark = pytest.mark.parametrize("booted", [{"count": 1, "links": 1}], indirect=True)


def test_a_run_whose_ssh_was_cut_is_found_ended_afterwards(node: Node) -> None:
    ticket = node.ticket("sh", "-c", "until test -e /root/cut-now; do sleep 0.05; done; echo done")
    node.nodes.start(ticket)
    node.lab.cut_ssh(PVE01)
    try:
        node.sh("touch /root/cut-now")
        node.lab.wait_for(PVE01, command=f"test -s {KEPT}/{ticket.id}.result")
    finally:
        node.lab.heal()
    assert node.ended(ticket).out == "done\n"
    assert node.found(ticket) == SUCCEEDED


def test_a_run_goes_on_without_the_bot_and_without_sshd(node: Node) -> None:
    ticket = node.ticket("sh", "-c", "until test -e /root/no-sshd; do sleep 0.05; done; echo done")
    node.nodes.start(ticket)
    node.nodes.close()
    node.sh("pkill -9 sshd; touch /root/no-sshd")
    node.sh("systemctl restart ssh.socket ssh 2>/dev/null || systemctl restart ssh")
    with reached(node.lab) as again:
        until(lambda: outcome(again.trace(ticket), node.boot_id) == SUCCEEDED)


@pytest.mark.parametrize("moment", ["running", "not sent"])
def test_after_a_power_cut_nobody_says_that_it_never_ran(node: Node, moment: str) -> None:
    ticket = node.ticket("sh", "-c", "echo begun; exec sleep 60")
    if moment == "running":
        node.nodes.start(ticket)
        until(lambda: node.nodes.trace(ticket).out == "begun\n")
    node.lab.kill(PVE01)
    node.lab.start(PVE01)
    trace = node.nodes.trace(ticket)
    assert trace.boot_id != node.boot_id
    assert trace.spent == (moment == "running")
    assert node.found(ticket).fate is UNKNOWN


@contextmanager
def over_kept(node: Node, mount: str) -> Iterator[None]:
    node.sh(f"mkdir -p {KEPT}; {mount}")
    try:
        yield
    finally:
        node.sh(f"umount {KEPT}")


READ_ONLY = f"mount --bind {KEPT} {KEPT}; mount -o remount,bind,ro {KEPT}"


FULL = f"mount -t tmpfs -o size=64k,nr_inodes=1 full {KEPT}"


@pytest.mark.parametrize(("mount", "why"), [(READ_ONLY, "Read-only file system"), (FULL, "No space left on device")])
def test_a_node_that_cannot_write_starts_nothing_and_never_is_not_claimed_of_it(
    node: Node, mount: str, why: str
) -> None:
    ticket = node.ticket("touch", "/root/unwritten")
    with over_kept(node, mount):
        assert why in node.nodes.start(ticket)
        with pytest.raises(Unreachable, match=why):
            node.nodes.burn(ticket)
    assert node.sh("ls /root/unwritten 2>&1 || true").endswith("No such file or directory\n")
    assert node.nodes.burn(ticket)


def test_a_ticket_that_cannot_be_burnt_runs_nothing(node: Node) -> None:
    """Guard and command still find room, what burns the ticket does not."""
    ticket = node.ticket("touch", "/root/unburnt")
    with over_kept(node, FULL.replace("nr_inodes=1", "nr_inodes=4")):
        assert node.nodes.start(ticket) == ""
        node.ended(ticket)
        assert node.found(ticket).fate is NEVER
        with pytest.raises(Unreachable, match="No space left"):
            node.nodes.burn(ticket)
    assert node.sh("ls /root/unburnt 2>&1 || true").endswith("No such file or directory\n")


def test_a_run_that_cannot_write_its_result_is_of_unknown_outcome(node: Node) -> None:
    ticket = node.ticket("sh", "-c", "until test -e /root/read-only; do sleep 0.05; done")
    node.nodes.start(ticket)
    until(lambda: node.nodes.trace(ticket).spent)
    with over_kept(node, READ_ONLY):
        node.sh("touch /root/read-only")
        node.ended(ticket)
        assert node.found(ticket).fate is UNKNOWN


def test_a_node_whose_systemd_does_not_answer_proves_nothing(node: Node) -> None:
    ticket = node.ticket("true")
    node.sh("mv /usr/bin/systemctl /usr/bin/systemctl.away")
    try:
        with pytest.raises(Unreachable, match="cannot tell whether the unit runs"):
            node.nodes.trace(ticket)
    finally:
        node.sh("mv /usr/bin/systemctl.away /usr/bin/systemctl")


def test_a_node_that_can_run_changes_is_found_able_and_one_that_cannot_write_is_not(node: Node) -> None:
    assert [probe.obstacles for probe in node.nodes.probes()] == [()]
    with over_kept(node, READ_ONLY):
        (probe,) = node.nodes.probes()
    assert [text.to("en") for text in probe.obstacles] == [f"{KEPT} on {node.lab.address(PVE01)} cannot be written"]
