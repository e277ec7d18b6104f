"""What one node says of itself: who it is, what is mounted, which guests' files and login keys it has."""

from __future__ import annotations

import pytest

from bot.action import Output, Unreadable
from bot.cluster.identity import CONF, Identity
from bot.cluster.local_guests import LocalGuests
from bot.cluster.mounts import Mount, Mounts
from bot.names import NodeName
from tests.recorded import answers

PVE03 = NodeName("pve03")
FILE = answers("healthy-3", "cat /etc/pve/corosync.conf")[0].stdout
HOST = "==> /proc/sys/kernel/hostname <==\n{}\n"


def said(stdout: str, exit_: int = 0, stderr: str = "") -> Output:
    return Output(PVE03, exit_, stdout, stderr)


def test_a_node_says_its_name_without_the_domain_and_its_number() -> None:
    found = Identity.parse(said(f"{HOST.format('pve03.example.com')}\n==> {CONF} <==\n{FILE}"))
    assert (found.host, found.cluster, found.node_id) == ("pve03", "pve-lab", 3)


def test_a_file_that_does_not_name_the_node_gives_it_no_number() -> None:
    assert Identity.parse(said(f"{HOST.format('pve09')}\n==> {CONF} <==\n{FILE}")).node_id is None


def test_a_node_without_a_file_belongs_to_no_cluster() -> None:
    missing = f"head: cannot open '{CONF}' for reading: No such file or directory"
    found = Identity.parse(said(HOST.format("pve03"), 1, missing))
    assert (found.host, found.conf, found.cluster, found.node_id) == ("pve03", None, "", None)


@pytest.mark.parametrize(
    "output",
    [
        said(""),
        said("pve03\n"),
        said(HOST.format("")),
        said(HOST.format("pve03"), 1, f"head: cannot open '{CONF}' for reading: Permission denied"),
    ],
)
def test_half_an_answer_is_no_identity(output: Output) -> None:
    with pytest.raises(Unreadable):
        Identity.parse(output)


def test_guests_are_found_by_their_files_on_every_node_of_the_copy() -> None:
    paths = ("pve03/qemu-server/103.conf", "pve03/lxc/99.conf", "pve01/qemu-server/100.conf", "pve03/priv/x.conf")
    found = LocalGuests.parse(said("".join(f"/etc/pve/nodes/{path}\n" for path in paths)))
    assert (found.on("pve03"), found.on("pve01"), found.on("pve02")) == ((99, 103), (100,), ())


@pytest.mark.parametrize("why", ["No such file or directory", "Transport endpoint is not connected"])
def test_without_etc_pve_it_is_not_known_which_guests_there_are(why: str) -> None:
    assert not LocalGuests.parse(said("", 1, f"find: '/etc/pve/nodes': {why}")).mounted


def test_another_failure_is_not_taken_for_no_guests() -> None:
    with pytest.raises(Unreadable):
        LocalGuests.parse(said("", 1, "find: '/etc/pve/nodes/pve03': Input/output error"))


def test_a_greeting_is_not_taken_for_no_guests() -> None:
    with pytest.raises(Unreadable, match="line 1"):
        LocalGuests.parse(said("Welcome to pve03\n"))


def test_only_what_other_hosts_can_mount_too_is_shared() -> None:
    found = Mounts.parse(said("ext4 /\nfuse /etc/pve\nnfs4 /mnt/pve/nas\\x20one\nzfs /rpool\nceph /mnt/pve/cephfs\n"))
    assert found.shared == (Mount("nfs4", "/mnt/pve/nas\\x20one"), Mount("ceph", "/mnt/pve/cephfs"))


@pytest.mark.parametrize("output", [said(""), said("ext4 /\n", 1), said("nonsense\n")])
def test_a_list_of_mounts_that_is_not_whole_is_none(output: Output) -> None:
    with pytest.raises(Unreadable):
        Mounts.parse(output)
