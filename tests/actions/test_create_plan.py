"""/pve-cluster create NAME: what is approved, and what guards it on the node."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot import propose
from bot.actions import load_actions
from bot.command_line import parse
from bot.names import ClusterName
from bot.plan import Plan
from bot.policy import demand
from bot.text import Refused
from tests.actions import lone_host as host
from tests.actions.lone_host import LINE, Said, look


def planned(line: str = LINE, more: Said | None = None) -> Plan:
    command, name = parse(line, load_actions()), ClusterName("pve-prod")
    return propose.plan(command, name, line, look(more, line), demand(command, name, ()))


# What is approved


def test_the_plan_is_one_command_with_the_links_as_typed() -> None:
    (step,) = planned("create pve-prod --node pve01 --link0 10.0.1.11,priority=20 --link1 10.0.2.11").steps
    assert (step.on, step.argv) == (
        "pve01",
        ("pvecm", "create", "pve-prod", "--link0", "10.0.1.11,priority=20", "--link1", "10.0.2.11"),
    )
    assert step.marker == "Restart corosync and cluster filesystem"


def test_without_links_the_address_of_the_host_name_is_what_runs() -> None:
    assert planned("create pve-prod --node pve01").steps[0].argv[3:] == ("--link0", "10.0.0.11")


def test_votes_and_number_are_passed_on_and_counted() -> None:
    made = planned(f"{LINE} --votes 3 --nodeid 7")
    assert made.steps[0].argv[-4:] == ("--nodeid", "7", "--votes", "3")
    assert made.before is not None
    assert (made.before.present, made.before.quorate) == (0, False)
    assert made.after is not None
    assert (made.after.present, made.after.expected, made.after.needed, made.after.survives) == (3, 3, 2, 0)


def test_an_approval_rests_on_who_stands_alone_with_which_addresses() -> None:
    assert planned().rests_on == {
        "cluster": "",
        "config_version": 0,
        "node": "pve01",
        "addresses": {"0": "10.0.1.11", "1": "10.0.2.11"},
        "address_of_its_name": "10.0.0.11",
        "clusters_of_others": {},
    }
    assert planned().undo.to("en").endswith("/pve-cluster reset pve01")
    assert planned().risk == "destructive"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("create pve_prod --node pve01", "not a cluster name"),
        ("create much-too-long-name --node pve01", "15 characters at most"),
        ("create -p --node pve01", "no option"),
        ("create pve-prod", "NODE is missing"),
        ("create pve-prod --node pve01 --link0 pve01", "not an IP address"),
        ("create pve-prod --node pve01 --link8 10.0.1.11", "no option “--link8”"),
        ("create pve-prod --node pve01 --votes 0", "not a whole number from 1 on"),
        ("create pve-prod --node ../etc", "not a node name"),
    ],
)
def test_what_is_typed_wrong_is_refused_in_a_sentence(line: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        parse(line, load_actions())


def test_the_old_names_of_links_are_taken_as_the_new_ones_and_said_so() -> None:
    """Row 3 of what notes have wrong: pvecm knows --ring0_addr no longer."""
    line = "create pve-prod --node pve01 --ring0_addr 10.0.1.11 --ring1_addr 10.0.2.11"
    assert planned(line).steps[0].argv == planned().steps[0].argv
    assert any(one.text.to("en").startswith("--ring0_addr was taken as --link0") for one in planned(line).findings)


# What guards it


def judge(tmp_path: Path, changed: Mapping[str, tuple[str, int]]) -> tuple[int, str]:
    """Exit code and reason of the guard, where the node's tools say what was approved but for *changed*."""
    said = {
        "hostname": ("pve01\n", 0),
        "ls": ("", 2),
        "cat": ('{\n"nodename": "pve01",\n"version": 0\n}\n', 0),
        "corosync-quorumtool": ("", 1),
        "ip": (host.interfaces(11), 0),
        **changed,
    }
    for name, (text, code) in said.items():
        (tmp_path / f"{name}.txt").write_text(text)
        tool = tmp_path / name
        lines = f'while IFS= read -r line || [ -n "$line" ]; do printf \'%s\\n\' "$line"; done <{tmp_path}/{name}.txt'
        tool.write_text(f"#!/bin/sh\n{lines}\nexit {code}\n")
        tool.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    guard = planned().steps[0].guard
    ran = subprocess.run(["/bin/sh", "-c", guard], env=env, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr.strip()


def test_the_guard_lets_pass_what_was_approved(tmp_path: Path) -> None:
    assert judge(tmp_path, {}) == (0, "")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hostname": ("pve02\n", 0)}, "host name: pve02; approved: pve01"),
        ({"ls": ("/etc/corosync/authkey\n", 2)}, "left of a cluster: /etc/corosync/authkey"),
        ({"ls": ("", 127)}, ""),
        ({"cat": (host.members("pve01", "x"), 0)}, "it is in a cluster"),
        ({"cat": ("", 1)}, ""),
        ({"cat": ("", 0)}, "/etc/pve says nothing"),
        ({"corosync-quorumtool": ("", 0)}, "corosync runs"),
        ({"ip": (host.interfaces(12), 0)}, "address 10.0.1.11 is not here"),
        ({"ip": (host.interfaces(111), 0)}, "address 10.0.1.11 is not here"),
        ({"ip": (host.interfaces(11).replace("10.0.2.11", "10.0.2.12"), 0)}, "address 10.0.2.11 is not here"),
        ({"ip": ("", 1)}, "address 10.0.1.11 is not here"),
    ],
)
def test_the_guard_refuses_what_was_not_approved_and_says_why(
    tmp_path: Path, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, changed)
    assert (code != 0, said) == (True, why)
