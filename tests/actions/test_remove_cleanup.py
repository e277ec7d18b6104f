"""/pve-cluster remove NODE --cleanup: what forbids it, each of its steps, run by a real shell, and what it leaves alone."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import propose
from bot.action import Finding, Level, Output, Report
from bot.actions import load_actions
from bot.actions.remove import outcome, scripts
from bot.actions.remove.check import check
from bot.actions.remove.facts import Args, Facts
from bot.actions.remove.left import left
from bot.cluster.key_lists import HOSTS, LOGINS
from bot.command_line import parse
from bot.names import ClusterName, NodeName
from bot.plan import Plan
from bot.policy import demand
from bot.text import same
from tests.actions.dead_node import (
    ALIVE,
    CEPH,
    CHANGE,
    CONF,
    CONF_CMD,
    FILES,
    FOLDERS,
    HA,
    IDS,
    JOBS,
    KEYS,
    MEMBERS,
    PVE05,
    QUORUM,
    RULES,
    STORAGES,
    Said,
    everywhere,
    headed,
    look,
)
from tests.recorded import answers, members

ARGS = Args(PVE05, cleanup=True)
WITHOUT = CONF.replace(CONF[CONF.index("  node {\n    name: pve05") : CONF.index("}\n\nquorum")], "")
FOUR = {name: IDS[name] for name in ALIVE}
LINES = ("ssh-rsa AAAA1 root@pve01", "ssh-rsa AAAA5 root@pve05", "ssh-rsa AAAAB bot")
KNOWN = ("pve01 ssh-rsa H1", "pve05 ssh-rsa H5", "10.0.1.15 ssh-rsa H5", "10.0.1.14 ssh-rsa H5")
TRACES: Said = {
    ("pve01", STORAGES): "nfs: nas\n\tnodes pve01,pve05\n\ndir: own\n\tnodes pve05\n",
    ("pve01", RULES): headed(
        RULES, "node-affinity: near\n\tnodes pve05:2,pve01:1\n", "group: old\n\tnodes pve02,pve05\n"
    ),
    ("pve01", JOBS): "local: 100-0\n\ttarget pve05\n",
    ("pve01", KEYS): headed(KEYS, "\n".join(LINES) + "\n", "\n".join(KNOWN) + "\n"),
}


def gone(more: Said | None = None) -> Facts:
    """Nobody lists it any more; all that it can leave is there."""
    lists = everywhere(MEMBERS, members("pve01", FOUR, quorate=True, online=ALIVE))
    return look({**lists, **everywhere(CONF_CMD, WITHOUT), **TRACES, **(more or {})}, cleanup=True)


def found(facts: Facts) -> list[Finding]:
    return check(ARGS, facts)


def refused(facts: Facts) -> list[str]:
    return [each.text.to("en") for each in found(facts) if each.blocks]


def planned(facts: Facts) -> Plan:
    command, name = parse("remove pve05 --cleanup", load_actions()), ClusterName("pve-lab")
    return propose.plan(command, name, "remove pve05 --cleanup", facts, demand(command, name, ()))


def test_what_a_removed_node_left_may_be_cleaned_up() -> None:
    assert refused(gone()) == []


LOST = {
    **everywhere(
        QUORUM,
        Output(
            PVE05,
            2,
            answers("one-node-down", QUORUM)[0].stdout.replace("Quorate:          Yes", "Quorate:          No"),
        ),
    )
}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({("pve02", CONF_CMD): CONF}, "pve05 is still a node of the cluster, by corosync.conf on pve02"),
        (
            {("pve02", MEMBERS): members("pve02", IDS, quorate=True, online=ALIVE)},
            "pve05 is still a member of the cluster, by /etc/pve/.members on pve02",
        ),
        (
            {("pve05", MEMBERS): members("pve05", IDS, quorate=False)},
            "pve05 is up, and takes itself for a member of the cluster: it came back after its removal",
        ),
        (LOST, "There is no quorum (4 of 3 votes): /etc/pve cannot be written"),
        (
            everywhere(MEMBERS, members("pve01", FOUR, quorate=False, online=ALIVE)),
            "/etc/pve is still read-only on pve01, although corosync has quorum there",
        ),
        (
            {("pve03", CONF_CMD): same("timed out")},
            "pve03 is in the ring and does not tell the bot whether it still knows pve05: timed out",
        ),
        (
            {("pve01", CHANGE): "/etc/pve/corosync.conf.new\n"},
            "Somebody else is changing corosync.conf: /etc/pve/corosync.conf.new is there",
        ),
        (
            {("pve02", FILES): "/etc/pve/nodes/pve05/lxc/7.conf\n"},
            "/etc/pve/nodes/pve05 holds guests, and may be all that is left of them: 7",
        ),
        (
            {("pve01", HA): '{"service_status": {"vm:1": {"node": "pve05", "state": "error"}}}'},
            "HA has services on pve05: vm:1",
        ),
        *(
            ({("pve01", command): same("timed out")}, f"pve01 does not say {what}: timed out")
            for command, what in (
                (FILES, "which guests are where"),
                (HA, "where HA's services are"),
                (RULES, "what HA's rules name"),
                (JOBS, "what is replicated"),
                (CHANGE, "whether corosync.conf is being changed"),
                (STORAGES, "what the storages name"),
                (FOLDERS, "what lies in /etc/pve/nodes"),
                (KEYS, "which keys the cluster knows"),
            )
        ),
    ],
)
def test_what_forbids_it(more: Said, why: str) -> None:
    assert refused(gone(more)) == [why]


def test_a_ceph_that_does_not_answer_forbids_no_clean_up() -> None:
    assert refused(gone({("pve01", CEPH): same("timed out")})) == []


def test_a_node_that_stands_alone_again_forbids_nothing() -> None:
    assert refused(gone({("pve05", MEMBERS): '{"nodename": "pve05", "version": 0}'})) == []


def test_the_key_of_the_bot_itself_is_never_taken_out() -> None:
    own = Output(PVE05, 0, headed(KEYS, "ssh-ed25519 AAAAB root@pve05\n", ""), key="ssh-ed25519 AAAAB")
    assert refused(gone({("pve01", KEYS): own})) == [
        "The key with which the bot itself logs in is named root@pve05, as that of pve05 is"
    ]


NOTHING: Said = {
    ("pve01", STORAGES): "dir: own\n\tnodes pve05\n",
    ("pve01", RULES): headed(RULES, "node-affinity: own\n\tnodes pve05\n", ""),
    ("pve01", JOBS): "",
    ("pve01", KEYS): headed(KEYS, LINES[0], ""),
    ("pve01", FOLDERS): "/etc/pve/nodes/pve01\n",
}


def test_where_nothing_is_left_there_is_nothing_to_clean_up_and_what_is_not_touched_is_told() -> None:
    facts = gone(NOTHING)
    assert refused(facts) == ["There is nothing of pve05 to clean up"]
    assert [each.text.to("en") for each in found(facts) if not each.blocks] == [
        "The storage own is for pve05 alone",
        "The HA rule own is for pve05 alone: it is not touched",
    ]


def test_where_nobody_has_a_view_nobody_can_write() -> None:
    facts = gone({(name, "*"): same("off") for name in ALIVE} | {})
    assert refused(look({(name, "*"): same("off") for name in ALIVE}, cleanup=True)) == [
        "No node says how the votes stand: nobody can write /etc/pve"
    ]
    assert facts is not None


def test_every_finding_is_said_in_both_languages() -> None:
    for each in [*found(gone(NOTHING)), *found(gone(LOST)), *found(gone({("pve02", CONF_CMD): CONF}))]:
        assert each.text.to("en") != each.text.to("fr")
        assert each.fix is None or each.fix.to("en") != each.fix.to("fr")


# The plan


def test_each_thing_that_is_there_is_a_step_and_nothing_else_is() -> None:
    steps = planned(gone()).steps
    assert {step.on for step in steps} == {"pve01"}
    assert [step.argv if step.argv[0] != "sh" else step.argv[3:] for step in steps] == [
        ("archive", "pve05"),
        ("forget-logins", "pve05"),
        ("forget-hosts", "10.0.1.15", "pve05"),
        ("pvesm", "set", "nas", "--nodes", "pve01"),
        ("ha-manager", "rules", "set", "node-affinity", "near", "--nodes", "pve01:1"),
        ("ha-manager", "groupset", "old", "--nodes", "pve02"),
        ("pvesr", "delete", "100-0", "--force"),
    ]
    only_keys = {**NOTHING, ("pve01", KEYS): headed(KEYS, "\n".join(LINES), "")}
    assert [step.argv[3] for step in planned(gone(only_keys)).steps] == ["forget-logins"]


def test_it_takes_the_nodes_name_no_statement_and_costs_no_vote() -> None:
    made = planned(gone())
    assert (made.confirm, made.statement) == ("pve05", None)
    assert made.before == made.after
    assert "tar -C /etc/pve/nodes -xf /var/lib/pve-cluster-bot/nodes-pve05" in made.undo.to("fr")
    assert made.rests_on == {
        "cluster": "pve-lab",
        "config_version": 1,
        "node": "pve05",
        "folder": ["lrm_status"],
        "keys": 1,
        "known_hosts": 2,
        "storages": ["nas"],
        "rules": ["near", "old"],
        "replication": ["100-0"],
    }


def judge(tmp_path: Path, number: int, changed: Mapping[str, tuple[str, int]]) -> tuple[int, str]:
    """Exit code and reason of a step's guard, where `cat FILE` and the other tools say what was approved but for *changed*."""
    said = {
        "hostname": ("pve01\n", 0),
        "find": ("/etc/pve/nodes/pve01/qemu-server/100.conf\n", 0),
        "/etc/pve/corosync.conf": (WITHOUT, 0),
        LOGINS: ("\n".join(LINES) + "\n", 0),
        HOSTS: ("\n".join(KNOWN) + "\n", 0),
        **changed,
    }
    cases = "".join(
        f"*{name.rpartition('/')[2]}) printf %s '{text}'; exit {code} ;;\n" for name, (text, code) in said.items()
    )
    script = f'#!/bin/sh\ncase "${{0##*/}}:$1" in\nhostname:*) printf "%s" "{said["hostname"][0]}" ;;\nfind:*) printf "%s" "{said["find"][0]}"; exit {said["find"][1]} ;;\n{cases}esac\n'
    for tool in ("hostname", "find", "cat"):
        (tmp_path / tool).write_text(script)
        (tmp_path / tool).chmod(0o755)
    guard = planned(gone()).steps[number].guard
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    ran = subprocess.run(["/bin/sh", "-c", guard], env=env, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr.strip()


@pytest.mark.parametrize("number", range(7))
def test_the_guard_of_each_step_lets_pass_what_was_approved(tmp_path: Path, number: int) -> None:
    assert judge(tmp_path, number, {}) == (0, "")


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hostname": ("pve02\n", 0)}, "host name: pve02"),
        ({"/etc/pve/corosync.conf": (WITHOUT.replace("pve-lab", "other"), 0)}, "cluster: other"),
        ({"/etc/pve/corosync.conf": (WITHOUT.replace("n: 1\n", "n: 2\n"), 0)}, "version of corosync.conf: 2"),
        ({"/etc/pve/corosync.conf": (CONF, 0)}, "pve05 is in corosync.conf"),
        ({"/etc/pve/corosync.conf": ("", 1)}, "cluster: ;"),
    ],
)
def test_the_guard_of_each_step_refuses_another_cluster_than_was_approved(
    tmp_path: Path, number: int, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, number, changed)
    assert code != 0
    assert said.startswith(why)


@pytest.mark.parametrize(
    ("number", "changed", "why"),
    [
        (
            0,
            {"find": ("/etc/pve/nodes/pve05/qemu-server/7.conf\n", 0)},
            "guests: /etc/pve/nodes/pve05/qemu-server/7.conf",
        ),
        (0, {"find": ("", 1)}, ""),
        (1, {LOGINS: ("\n".join((*LINES, "ssh-rsa AAAA9 root@pve05")), 0)}, "keys of the node: "),
        (2, {HOSTS: ("pve05 ssh-rsa OTHER\n", 0)}, "host keys of the node: "),
    ],
)
def test_the_guard_refuses_what_came_since(
    tmp_path: Path, number: int, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, number, changed)
    assert code != 0
    assert said.startswith(why)


# The scripts, by the real shell, tar and awk


def run(argv: tuple[str, ...], root: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """With /etc/pve and the bot's directory below *root*."""
    script = argv[2].replace("/etc/pve", f"{root}/pve").replace("/var/lib/pve-cluster-bot", f"{root}/kept")
    words = [*argv[:2], script, *argv[3:]]
    return subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", **env})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "pve/nodes/pve05"
    (folder / "qemu-server").mkdir(parents=True)
    (folder / "lrm_status").write_text("old")
    (tmp_path / "pve/nodes/pve01").mkdir()
    (tmp_path / "pve/priv").mkdir()
    (tmp_path / "kept").mkdir()
    return tmp_path


def test_a_directory_is_archived_whole_then_removed_alone(root: Path) -> None:
    ran = run(scripts.archive_and_remove(PVE05), root)
    assert ran.returncode == 0, ran.stderr
    (archive,) = (root / "kept").iterdir()
    assert re.fullmatch(r"nodes-pve05-\d{8}T\d{6}Z\.tar", archive.name)
    assert f"archive {archive}" in ran.stdout
    listed = subprocess.run(["tar", "-tf", archive], capture_output=True, text=True, check=True).stdout.split()
    assert listed == ["pve05/", *sorted(listed[1:])] or {"pve05/", "pve05/qemu-server/", "pve05/lrm_status"} == set(
        listed
    )
    assert archive.stat().st_mode & 0o077 == 0
    assert [each.name for each in (root / "pve/nodes").iterdir()] == ["pve01"]


def test_what_cannot_be_archived_is_not_removed(root: Path) -> None:
    (root / "kept").rmdir()
    ran = run(scripts.archive_and_remove(PVE05), root)
    assert ran.returncode != 0
    assert "while archiving; nothing was removed" in ran.stderr
    assert (root / "pve/nodes/pve05/lrm_status").read_text() == "old"


def test_an_archive_that_is_not_what_is_there_is_thrown_away(root: Path, tmp_path: Path) -> None:
    """A tar that packs something else than there is."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "tar").write_text(
        '#!/bin/sh\n[ "$1" != -cf ] || { /usr/bin/tar "$@"; echo new >pve05/lrm_status; exit 0; }\nexec /usr/bin/tar "$@"\n'
    )
    (tools / "tar").chmod(0o755)
    ran = run(scripts.archive_and_remove(PVE05), root, PATH=f"{tools}:/usr/bin:/bin")
    assert ran.returncode != 0
    assert (root / "pve/nodes/pve05/lrm_status").read_text() == "new\n"
    assert list((root / "kept").iterdir()) == []


def test_the_lines_of_a_key_are_taken_out_and_printed(root: Path) -> None:
    (root / "pve/priv/authorized_keys").write_text("# root@pve05\n" + "\n".join(LINES) + "\n")
    ran = run(scripts.forget_logins(PVE05), root)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == LINES[1]
    assert (root / "pve/priv/authorized_keys").read_text().splitlines() == ["# root@pve05", LINES[0], LINES[2]]
    assert [each.name for each in (root / "pve/priv").iterdir()] == ["authorized_keys"]


def test_the_lines_of_a_host_key_are_taken_out_and_printed(root: Path) -> None:
    (root / "pve/priv/known_hosts").write_text("\n".join(KNOWN) + "\n")
    ran = run(scripts.forget_hosts(("10.0.1.15", "pve05")), root)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[:2] == [KNOWN[1], KNOWN[2]]
    assert (root / "pve/priv/known_hosts").read_text().splitlines() == [KNOWN[0], KNOWN[3]]


@pytest.mark.parametrize(
    "argv", [scripts.archive_and_remove(PVE05), scripts.forget_logins(PVE05), scripts.forget_hosts(("pve05",))]
)
def test_the_scripts_are_sound_shell(argv: tuple[str, ...]) -> None:
    assert argv[2].startswith("set -eu\n")
    assert subprocess.run(["/bin/sh", "-n"], input=argv[2], text=True, check=False).returncode == 0


# Afterwards, and half-way


def told(after: Facts) -> Report:
    return outcome.report(ARGS, gone(), after)


def test_nothing_left_is_good_news_and_something_left_is_not() -> None:
    assert (told(gone(NOTHING)).level, told(gone(NOTHING)).headline.to("en")) == (
        Level.GOOD,
        "Nothing is left of pve05",
    )
    more = told(gone())
    assert (more.level, more.headline.to("en")) == (Level.WARNING, "Something is still left of pve05")
    assert "The replication job 100-0 still goes to or from pve05" in [each.text.to("en") for each in more.findings]


def test_a_step_that_broke_is_told_with_what_is_left_and_how_to_go_on() -> None:
    report = left(ARGS, gone(), gone(), 3)
    assert report.headline.to("en").startswith("The clean-up stopped at step 4; this is still left of pve05")
    assert [words.to("en") for words in report.next] == ["/pve-cluster remove pve05 --cleanup"]
    assert len(report.findings) == 8
    assert left(ARGS, gone(), gone(NOTHING), 6).headline.to("en").endswith("nothing is left of pve05")


# Every word that a node can say, down to the words that are sent

NODE = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?", fullmatch=True).filter(
    lambda name: name not in IDS
)
ID = st.from_regex(r"[a-zA-Z][a-zA-Z0-9._-]{0,20}[a-zA-Z0-9]", fullmatch=True)
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:,_-]*|--nodes|--force")


@settings(max_examples=40, deadline=None)
@given(NODE, ID, ID, st.integers(100, 999_999_999), st.integers(0, 1000))
def test_a_plan_has_no_word_but_its_own_and_those_of_a_nodes_answer(
    node: str, storage: str, rule: str, guest: int, priority: int
) -> None:
    said: Said = {
        ("pve01", STORAGES): f"nfs: {storage}\n\tnodes pve01,{node}\n",
        ("pve01", RULES): headed(RULES, f"node-affinity: {rule}\n\tnodes {node},pve02:{priority}\n", ""),
        ("pve01", JOBS): f"local: {guest}-0\n\ttarget {node}\n",
        ("pve01", FOLDERS): f"/etc/pve/nodes/{node}\n",
        ("pve01", KEYS): headed(KEYS, f"ssh-rsa AAAA root@{node}\n", f"{node} ssh-rsa H\n"),
    }
    line = f"remove {node} --cleanup"
    command, name = parse(line, load_actions()), ClusterName("pve-lab")
    steps = propose.plan(command, name, line, gone(said), demand(command, name, ())).steps
    words = [word for step in steps for word in (step.argv[3:] if step.argv[0] == "sh" else step.argv)]
    assert all(SAFE.fullmatch(word) for word in words), words
    assert len(steps) == 6
    guards = "\n".join(step.guard for step in steps)
    assert subprocess.run(["/bin/sh", "-n"], input=guards, text=True, check=False).returncode == 0


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_whatever_stands_in_a_storage_is_taken_whole_or_forbids_it(word: str) -> None:
    facts = gone({("pve01", STORAGES): f"nfs: {word}\n\tnodes pve01,pve05\n"})
    if any(each.blocks for each in found(facts)):
        return
    steps = [step.argv for step in planned(facts).steps if step.argv[0] == "pvesm"]
    assert all(SAFE.fullmatch(part) for argv in steps for part in argv)


def test_the_digest_of_the_guard_is_that_of_the_lines(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("\n".join(LINES) + "\n")
    script = scripts.digest_of_logins(NodeName("pve05")).replace(LOGINS, str(tmp_path / "list"))
    ran = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == hashlib.sha256(f"{LINES[1]}\n".encode()).hexdigest()
