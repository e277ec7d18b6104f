"""What is approved of a `join`: the steps, what they rest on, what guards them; and that nothing typed gets into them as it is."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.actions import load_actions
from bot.actions.join.check import check
from bot.command_line import parse
from bot.text import Refused
from tests.actions import joining_node as node
from tests.actions.joining_node import CONF, NEW, OVER_API, OVER_SSH, look, planned

FINGERPRINT = planned(look()).steps[0].argv[4]


def test_votes_and_number_are_passed_on() -> None:
    line = f"{OVER_SSH} --votes 2 --nodeid 7"
    assert planned(look(line=line), line).steps[2].argv[-4:] == ("--nodeid", "7", "--votes", "2")


def test_no_plan_ever_forces() -> None:
    for line in (OVER_API, OVER_SSH):
        assert all("--force" not in step.argv for step in planned(look(line=line), line).steps)


def test_the_password_is_a_reference_and_only_over_the_api() -> None:
    assert [step.secret for step in planned(look()).steps] == ["root_password"]
    assert {step.secret for step in planned(look(line=OVER_SSH), OVER_SSH).steps} == {""}


def test_success_is_the_last_line_and_never_an_exit_code() -> None:
    marker = "successfully added node 'pve04' to cluster."
    assert planned(look()).steps[0].marker == marker
    assert planned(look(line=OVER_SSH), OVER_SSH).steps[2].marker == marker


def test_an_approval_rests_on_both_sides() -> None:
    rests_on = planned(look()).rests_on
    assert rests_on == {
        "cluster": "pve-lab",
        "config_version": 1,
        "members": ["pve01", "pve02", "pve03"],
        "ring": [1, 2, 3],
        "quorate": True,
        "member": "pve01",
        "node": "pve04",
        "node_is_listed": False,
        "addresses": ["10.0.0.14", "10.0.1.14", "10.0.2.14"],
        "fingerprint": FINGERPRINT,
    }


def judge(tmp_path: Path, guard: str, said: Mapping[str, tuple[str, int]]) -> tuple[int, str]:
    """Exit code and reason of a guard, where the node's tools say what is given."""
    for name, (text, code) in said.items():
        (tmp_path / f"{name}.txt").write_text(text)
        tool = tmp_path / name
        lines = f"while read -r line; do printf '%s\\n' \"$line\"; done <{tmp_path}/{name}.txt"
        tool.write_text(f"#!/bin/sh\n{lines}\nexit {code}\n")
        tool.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    ran = subprocess.run(["/bin/sh", "-c", guard], env=env, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr.strip()


READY = {
    "hostname": ("pve04\n", 0),
    "ls": ("", 2),
    "corosync-quorumtool": ("", 1),
    "find": ("", 0),
    "ip": ("2: eth1 inet 10.0.1.14/24 scope\n3: eth2 inet 10.0.2.14/24 scope\n", 0),
}


def test_the_guard_of_the_new_node_lets_pass_what_was_approved(tmp_path: Path) -> None:
    assert judge(tmp_path, planned(look()).steps[0].guard, READY) == (0, "")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hostname": ("pve05\n", 0)}, "host name: pve05; approved: pve04"),
        ({"ls": ("/etc/corosync/authkey\n", 2)}, "left of a cluster: /etc/corosync/authkey"),
        ({"ls": ("", 127)}, ""),
        ({"corosync-quorumtool": ("", 2)}, "corosync runs"),
        ({"find": ("/etc/pve/nodes/pve04/lxc/7.conf\n", 0)}, "guests: /etc/pve/nodes/pve04/lxc/7.conf"),
        ({"find": ("", 1)}, ""),
        (
            {"ip": ("2: eth1 inet 10.0.1.14/24 scope\n3: eth2 inet 10.0.2.141/24 scope\n", 0)},
            "no address 10.0.2.14 here",
        ),
    ],
)
def test_the_guard_of_the_new_node_refuses_what_was_not(
    tmp_path: Path, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, planned(look()).steps[0].guard, {**READY, **changed})
    assert code != 0
    assert said.startswith(why)


TAKES_IN = {
    "hostname": ("pve01\n", 0),
    "cat": (CONF, 0),
    "corosync-quorumtool": (node.VIEW, 0),
}


def test_the_guard_of_the_member_lets_pass_what_was_approved(tmp_path: Path) -> None:
    assert judge(tmp_path, planned(look(line=OVER_SSH), OVER_SSH).steps[1].guard, TAKES_IN) == (0, "")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (
            {"cat": (CONF.replace("config_version: 1", "config_version: 2"), 0)},
            "version of corosync.conf: 2; approved: 1",
        ),
        ({"cat": (CONF.replace("name: pve03", "name: pve04"), 0)}, "the cluster lists pve04 already"),
        (
            {"corosync-quorumtool": (node.VIEW.replace("Quorate:          Yes", "Quorate:          No"), 2)},
            "quorate: No",
        ),
        ({"hostname": ("pve02\n", 0)}, "host name: pve02; approved: pve01"),
    ],
)
def test_the_guard_of_the_member_refuses_what_was_not(
    tmp_path: Path, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, planned(look(line=OVER_SSH), OVER_SSH).steps[1].guard, {**TAKES_IN, **changed})
    assert code != 0
    assert said.startswith(why)


# Whatever is typed

WORDS = st.sampled_from(
    ["pve01", "10.0.1.11", "10.0.2.11", "pve04", "fd00::1", "10.0.1.14", "1", "2", FINGERPRINT, "x y", "$(id)"]
)
OPTIONS = st.sampled_from(
    ["--node", "--link0", "--link1", "--link7", "--fingerprint", "--use_ssh", "--votes", "--nodeid", "--force"]
)
# What is in the plan whatever is typed and answered.
FIXED = {
    *("pvecm", "add", "--fingerprint", "--use_ssh", "--nodeid", "--votes", "--link0", "--link1"),
    *("know", "forget", "admit", "dismiss", "pve-cluster-bot", "join"),
}
ANSWERS = {word.strip('",') for word in re.split(r"[\s,/]+", " ".join(map(str, node.said().values())))}


@given(st.lists(WORDS | OPTIONS | st.text(max_size=8), max_size=8))
@example(["pve01", "--node", "pve04", "--link1", "10.0.2.14,priority=3", "--votes", "2", "--nodeid", "9"])
@example(["pve01", "--node", "pve04", "--use_ssh"])
def test_no_word_of_a_command_is_other_than_the_grammar_or_a_nodes_answer(typed: list[str]) -> None:
    line = " ".join(["join", *typed])
    try:
        command = parse(line, load_actions())
        facts = look(line=line) if command.action.name == "join" else None
    except Refused:
        return
    if facts is None or any(found.blocks for found in check(command.args, facts)):
        return
    numbers = {str(int(each)) for each in (command.args.votes, command.args.nodeid) if each is not None}
    for step in planned(facts, line).steps:
        sent = step.argv if step.argv[0] == "pvecm" else step.argv[3:]
        words = {each for word in sent for each in re.split(r"[\s,]+", word)}
        assert words <= FIXED | ANSWERS | numbers | {FINGERPRINT, "1", "10.0.1.11", "10.0.2.11", NEW}, words
