"""join MEMBER --node NEW on real systemd, sshd and corosync: both ways, what forbids it, what breaks half-way."""

from __future__ import annotations

import pytest

from bot.action import Level
from bot.actions.join import refusals
from bot.request import State
from bot.text import Text
from tests.lab.join_cases import CASES, NEW, OVER_API, OVER_SSH, Case
from tests.lab.joining import Joining, joining, parts
from tests.lab.plan import PASSWORD
from tests.lab.running_changes import require, said

__all__ = ["joining", "parts"]


def test_each_thing_that_forbids_it_has_its_case() -> None:
    assert CASES.keys() == {name for name, text in vars(refusals).items() if isinstance(text, Text)}


@pytest.mark.parametrize("name", CASES)
def test_what_forbids_it(joining: Joining, name: str) -> None:
    joining.bot.ask("status")  # connections that stand before a door is shut
    case: Case = CASES[name]
    case.enter(joining.lab)
    try:
        found = joining.bot.refused(case.line)
    finally:
        case.leave(joining.lab)
    assert [text for text in found if case.says in text], found


def test_nothing_forbids_it_where_all_is_well(joining: Joining) -> None:
    for line in (OVER_API, OVER_SSH):
        assert not joining.bot.ask(f"{line} --dry-run").blocked


def test_a_node_joins_over_the_api_with_two_links_derived(joining: Joining) -> None:
    ended = joining.bot.change(OVER_API)
    require(ended, State.SUCCEEDED)
    report = joining.bot.reports[-1]
    assert report.level is Level.GOOD, report
    (step,) = ended.plan.steps
    assert step.argv[:4] == ("pvecm", "add", "10.77.0.11", "--fingerprint")
    assert step.argv[5:] == ("--link0", "10.77.1.13", "--link1", "10.77.2.13")
    joining.lab.wait_members(3)
    assert joining.lab.ssh(NEW, "true").returncode == 0, "a new login"
    assert PASSWORD not in said(ended)
    assert PASSWORD not in ended.plan.text


def test_a_node_joins_over_ssh_and_the_trust_is_taken_back(joining: Joining) -> None:
    lab = joining.lab
    ended = joining.bot.change(OVER_SSH)
    require(ended, State.SUCCEEDED)
    report = joining.bot.reports[-1]
    assert report.level is Level.GOOD, report
    lab.wait_members(3)
    keys = lab.exec("pve01", "cat", "/root/.ssh/authorized_keys").stdout
    assert "pve-cluster-bot join" not in keys
    assert f" root@{NEW}\n" in keys
    assert "pve-cluster-bot" not in lab.exec(NEW, "cat", "/root/.ssh/known_hosts").stdout
    assert lab.ssh(NEW, "true").returncode == 0, "a new login"
