"""What the cluster has of a node that goes: storages, HA's rules, replication, Ceph, its directory, its keys, a lock."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.action import Output, Unreadable
from bot.cluster.ceph import Ceph
from bot.cluster.conf_change import LOCK, NEW, ConfChange
from bot.cluster.ha_rules import HaRule, HaRules
from bot.cluster.key_lists import HOSTS, LOGINS, KeyLists
from bot.cluster.node_folders import NodeFolders
from bot.cluster.replication import Job, Replication
from bot.cluster.section_config import Entry, entries
from bot.cluster.storages import Storage, Storages
from bot.names import NodeName

PVE01, PVE02, PVE04 = (NodeName(f"pve0{n}") for n in (1, 2, 4))
ABSENT = "cat: /etc/pve/x: No such file or directory\n"


def said(stdout: str, exit_: int = 0, stderr: str = "", key: str = "") -> Output:
    return Output(PVE01, exit_, stdout, stderr, key=key)


def files(*texts: tuple[str, str], absent: tuple[str, ...] = (), key: str = "") -> Output:
    """An answer to `head -v`."""
    missing = "".join(f"head: cannot open '{path}' for reading: No such file or directory\n" for path in absent)
    shown = "\n".join(f"==> {path} <==\n{text}" for path, text in texts)
    return Output(PVE01, int(bool(absent)), shown, missing, key=key)


# The form of the files


def test_a_file_is_read_by_its_sections() -> None:
    text = "# by hand\ndir: local\n\tpath /var/lib/vz\n\tdisable\n\nnfs: big.nas-1\n\tnodes pve01, pve02;pve04\n  server 10.0.0.1\n"
    local, big = entries(text)
    assert local == Entry("dir", "local", 2, {"path": "/var/lib/vz", "disable": "1"})
    assert (big.type, big.id, big.nodes()) == ("nfs", "big.nas-1", (PVE01, PVE02, PVE04))


@pytest.mark.parametrize(
    ("text", "line"),
    [("\tpath /x\n", "line 1"), ("dir: a\nno key\n", "line 2"), ("dir: $(rm)\n", "line 1"), ("dir: --x\n", "line 1")],
)
def test_what_is_no_section_and_no_key_is_not_understood(text: str, line: str) -> None:
    with pytest.raises(Unreadable, match=line):
        entries(text)


@pytest.mark.parametrize("fact", [Storages, Replication])
def test_a_file_that_is_not_there_names_nothing_and_one_that_cannot_be_read_is_no_answer(fact: type[Storages]) -> None:
    assert fact.parse(said("", 1, ABSENT)) == fact()
    with pytest.raises(Unreadable, match="Transport endpoint"):
        fact.parse(said("", 1, "cat: x: Transport endpoint is not connected\n"))


def test_a_storage_says_on_which_nodes_it_is() -> None:
    found = Storages.parse(
        said("dir: local\n\tpath /x\n\nnfs: nas\n\tnodes pve04,pve01\n\ndir: own\n\tnodes pve04\n\n")
    )
    assert found.by_id["local"] == Storage("dir")
    assert found.naming("pve04") == {"nas": (PVE01,), "own": ()}
    assert found.naming("pve02") == {}


def test_a_storage_on_what_is_no_node_is_not_understood() -> None:
    with pytest.raises(Unreadable, match="line 3"):
        Storages.parse(said("dir: a\n\nnfs: nas\n\tnodes pve01,$(reboot)\n"))


def test_a_replication_job_says_whose_it_is_and_where_it_goes() -> None:
    text = "local: 100-0\n\ttarget pve04\n\tschedule */15\n\tsource pve01\n\nlocal: 101-2\n\ttarget pve02\n"
    assert Replication.parse(said(text)).jobs == (
        Job("100-0", 100, PVE04, "pve01"),
        Job("101-2", 101, PVE02),
    )


@pytest.mark.parametrize("text", ["local: 100-0\n\tschedule x\n", "local: all\n\ttarget pve01\n"])
def test_a_job_without_number_or_target_is_not_understood(text: str) -> None:
    with pytest.raises(Unreadable, match="line 1"):
        Replication.parse(said(text))


RULES, GROUPS = HaRules.ARGV[-2:]


def test_rules_of_both_kinds_say_which_nodes_they_name() -> None:
    rules = "node-affinity: near\n\tresources vm:100\n\tnodes pve04:2,pve01\n\nresource-affinity: apart\n\tresources vm:1,vm:2\n\n"
    found = HaRules.parse(files((RULES, rules), (GROUPS, "group: old\n\tnodes pve02:1\n\n")))
    assert found.rules == (
        HaRule("node-affinity", "near", {PVE04: ":2", PVE01: ""}),
        HaRule("group", "old", {PVE02: ":1"}),
    )
    assert [rule.name for rule in found.naming("pve04")] == ["near"]
    assert found.rules[0].without("pve04") == ("pve01",)
    assert found.rules[1].without("pve02") == ()


def test_where_ha_was_never_used_there_are_no_rules() -> None:
    assert HaRules.parse(files(absent=(RULES, GROUPS))) == HaRules()
    assert HaRules.parse(files((GROUPS, ""), absent=(RULES,))) == HaRules()


@pytest.mark.parametrize("text", ["node-affinity: a\n\tnodes pve01:x\n", "node-affinity: a\n\tnodes p;rm -rf\n"])
def test_a_rule_on_what_is_no_node_is_not_understood(text: str) -> None:
    with pytest.raises(Unreadable, match="line 1"):
        HaRules.parse(files((RULES, text), absent=(GROUPS,)))


# Ceph

LISTED = '{"mon":{"pve01":["pve01"],"pve04":["pve04"]},"osd":{"pve04":[3,4]},"mds":{},"mgr":{"pve01":["pve01"]}}'


def test_ceph_says_which_daemons_are_where() -> None:
    found = Ceph.parse(said(LISTED))
    assert found.on("pve04") == ("mon.pve04", "osd.3", "osd.4")
    assert found.on("pve02") == ()


@pytest.mark.parametrize(
    "answer",
    [
        said("", 127, "env: 'ceph': No such file or directory\n"),
        said(
            "",
            1,
            "Error initializing cluster client: ObjectNotFound('RADOS object not found (error calling conf_read_file)')\n",
        ),
    ],
)
def test_where_ceph_is_not_set_up_it_has_no_daemons(answer: Output) -> None:
    assert Ceph.parse(answer) == Ceph()


@pytest.mark.parametrize("answer", [said("", 110, "timed out"), said("[]"), said('{"mon":{}}'), said('{"mon":3}')])
def test_a_ceph_that_does_not_say_is_no_ceph_without_daemons(answer: Output) -> None:
    with pytest.raises(Unreadable):
        Ceph.parse(answer)


# Who changes corosync.conf


def absent(path: str) -> str:
    return f"find: '{path}': No such file or directory\n"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (said("", 1, absent(NEW) + absent(LOCK)), ConfChange(prepared=False, locked=False)),
        (said("", 1, absent(NEW)), ConfChange(prepared=False, locked=False)),
        (said(f"{LOCK}\n", 1, absent(NEW)), ConfChange(prepared=False, locked=True)),
        (said(f"{NEW}\n{LOCK}\n"), ConfChange(prepared=True, locked=True)),
    ],
)
def test_the_lock_and_the_prepared_file_are_seen(answer: Output, found: ConfChange) -> None:
    assert ConfChange.parse(answer) == found


@pytest.mark.parametrize("answer", [said("", 1, "find: Permission denied\n"), said("", 127), said("/etc/passwd\n")])
def test_another_answer_is_not_taken_for_no_change(answer: Output) -> None:
    with pytest.raises(Unreadable):
        ConfChange.parse(answer)


@pytest.mark.parametrize(("age", "is_held"), [("now", True), ("10 minutes ago", False)])
def test_an_old_lock_is_one_that_a_dead_command_left(tmp_path: Path, age: str, *, is_held: bool) -> None:
    """The words themselves, by the real find."""
    lock, new = tmp_path / "lock", tmp_path / "new"
    lock.mkdir()
    subprocess.run(["touch", "-d", age, lock], check=True)
    words = [word.replace(NEW, str(new)).replace(LOCK, str(lock)) for word in ConfChange.ARGV]
    ran = subprocess.run(
        words, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    )
    again = said(ran.stdout.replace(str(lock), LOCK), ran.returncode, ran.stderr)
    assert ConfChange.parse(again) == ConfChange(prepared=False, locked=is_held)


# Directories and keys


def test_a_directory_says_what_lies_in_it() -> None:
    text = "/etc/pve/nodes/pve04\n/etc/pve/nodes/pve04/lxc\n/etc/pve/nodes/pve04/lrm_status\n/etc/pve/nodes/pve01\n"
    assert NodeFolders.parse(said(text)).by_node == {"pve04": ("lrm_status", "lxc"), "pve01": ()}


@pytest.mark.parametrize(
    "answer", [said("", 1, absent("/etc/pve/nodes")), said("/etc/passwd\n"), said("/etc/pve/nodes/a/b/c\n")]
)
def test_a_directory_that_cannot_be_read_is_no_empty_one(answer: Output) -> None:
    with pytest.raises(Unreadable):
        NodeFolders.parse(answer)


BOT = "ssh-ed25519 AAAAbot="
LOGIN_LINES = f"# root@pve04\nssh-rsa AAAA1 root@pve01\nssh-rsa AAAA4 root@pve04\nssh-rsa AAAA5 root@pve04.lab.test\n{BOT} bot\nssh-rsa AAAA6 root@pve044\n"
HOST_LINES = "pve01 ssh-rsa H1\n10.0.0.11 ssh-rsa H1\npve04,10.0.1.14 ssh-rsa H4\n10.0.0.14 ssh-rsa H4\n10.0.0.12 ssh-rsa H4\n|1|hashed= ssh-rsa H9\n"


def lists() -> KeyLists:
    return KeyLists.parse(files((LOGINS, LOGIN_LINES), (HOSTS, HOST_LINES), key=BOT))


def test_the_key_of_a_node_is_the_one_with_its_name_whole_or_with_a_domain() -> None:
    assert lists().logins_of("pve04") == ("ssh-rsa AAAA4 root@pve04", "ssh-rsa AAAA5 root@pve04.lab.test")
    assert lists().logins_of("pve0") == ()
    assert lists().bot == f"{BOT} bot"


def test_a_node_is_known_by_its_name_and_by_the_addresses_of_its_key_but_those_of_others() -> None:
    """Two hosts that were cloned have one key."""
    names = lists().names_of("pve04", {"10.0.0.12"})
    assert names == ("10.0.0.14", "10.0.1.14", "pve04")
    assert lists().hosts_of(names) == ("pve04,10.0.1.14 ssh-rsa H4", "10.0.0.14 ssh-rsa H4")
    assert lists().names_of("pve09") == ()


def test_lists_that_are_not_there_know_nobody() -> None:
    assert KeyLists.parse(files(absent=(LOGINS, HOSTS))) == KeyLists()
    with pytest.raises(Unreadable):
        KeyLists.parse(said("", 1, "head: cannot open: Permission denied\n"))
