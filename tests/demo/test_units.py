"""The simulated nodes run tickets as systemd does: burnt first, guarded, limited in time, and cut by a power loss."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.action import Output
from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.cluster.situation import Layout, Power, Service, Situation
from bot.names import NodeName
from bot.run import Fate, Outcome, Ticket, outcome
from bot.ssh import run_once
from bot.ssh.able import ABLE, obstacles
from bot.ssh.login import Login
from tests.demo.tickets import ran, start, trace

FIVE = Layout("pve-lab", tuple(f"pve0{n}" for n in range(1, 6)), links=1, has_qdevice=False)
FAR = 4_000_000_000
EXPECTED_1 = Ticket("r-0", NodeName("pve01"), ("pvecm", "expected", "1"), "exit 0\n", 30, "SHA256:x", FAR)
LOGIN = Login("pve01", 22, "root", Path("key"))
SLEEP = replace(EXPECTED_1, id="r-1", argv=("sleep", "60"))


@pytest.fixture
def alone() -> Iterator[SimulatedCluster]:
    """pve01 is left of five."""
    cluster = SimulatedCluster(_alone())
    yield cluster
    cluster.close()


def _alone() -> Situation:
    now = Situation(FIVE)
    for node in FIVE.nodes[1:]:
        now = now.with_power(node, Power.OFF)
    return now


def test_a_command_has_its_effect_and_leaves_its_result(alone: SimulatedCluster) -> None:
    assert ran(alone, EXPECTED_1) == Outcome(Fate.SUCCEEDED, 0)
    assert alone.situation.is_quorate("pve01")


def test_a_command_that_fails_leaves_its_exit_code_and_what_it_said(alone: SimulatedCluster) -> None:
    nobody = replace(EXPECTED_1, argv=("pvecm", "expected", "0"))
    assert ran(alone, nobody) == Outcome(Fate.FAILED, 1)
    assert trace(alone, nobody).err == "Unable to set expected votes: CS_ERR_INVALID_PARAM\n"


def test_a_second_start_of_a_ticket_runs_nothing_and_changes_no_result(alone: SimulatedCluster) -> None:
    ran(alone, EXPECTED_1)
    ran(alone, replace(EXPECTED_1, argv=("systemctl", "mask", "--runtime", "corosync")))
    assert not alone.situation.masked
    assert trace(alone, EXPECTED_1).result == "success exited 0"


def test_a_unit_that_runs_is_not_started_again(alone: SimulatedCluster) -> None:
    assert start(alone, SLEEP) == 0
    assert trace(alone, SLEEP).is_active
    assert start(alone, SLEEP) == 1


def test_a_guard_that_says_no_keeps_the_command_from_running(alone: SimulatedCluster) -> None:
    assert ran(alone, replace(EXPECTED_1, guard="set -eu\nfalse\n")).fate is Fate.REFUSED
    assert alone.situation.expected("pve01") == 5


def test_a_guard_that_came_in_only_in_part_starts_nothing(alone: SimulatedCluster) -> None:
    assert start(alone, EXPECTED_1, cut_after=3) != 0
    assert not trace(alone, EXPECTED_1).spent


def test_a_simulated_node_says_that_it_can_run_changes(alone: SimulatedCluster) -> None:
    said = alone.run("pve01", ABLE)
    now_us = round(time.time() * 1_000_000)
    assert (
        list(obstacles(LOGIN, Output(NodeName("pve01"), said.exit, said.stdout, said.stderr, sent_at_us=now_us))) == []
    )


def test_what_comes_too_late_never_runs(alone: SimulatedCluster) -> None:
    assert ran(alone, replace(EXPECTED_1, not_after_s=1_000_000_000)).fate is Fate.REFUSED


def test_a_command_that_takes_too_long_is_ended(alone: SimulatedCluster) -> None:
    assert ran(alone, replace(SLEEP, argv=("sleep", "60"), timeout_s=1)).fate is Fate.TIMED_OUT


def test_a_burnt_ticket_never_runs_and_is_burnt_once(alone: SimulatedCluster) -> None:
    burns = [alone.run("pve01", run_once.burn(EXPECTED_1)) for _ in range(2)]
    assert [run_once.burnt(Output(NodeName("pve01"), b.exit, b.stdout, b.stderr)) for b in burns] == [True, False]
    ran(alone, EXPECTED_1)
    assert alone.situation.expected("pve01") == 5


def test_a_node_that_loses_power_in_the_middle_leaves_nobody_the_wiser(alone: SimulatedCluster) -> None:
    boot_id = trace(alone, SLEEP).boot_id
    start(alone, SLEEP)
    while not trace(alone, SLEEP).spent:
        pass
    alone.power("pve01", "off")
    alone.power("pve01", "on")
    assert trace(alone, SLEEP).boot_id != boot_id
    assert outcome(trace(alone, SLEEP), boot_id).fate is Fate.UNKNOWN


def test_what_a_node_keeps_outlives_the_demo(tmp_path: Path) -> None:
    first = SimulatedCluster(_alone(), file=tmp_path / "nodes.json")
    ran(first, EXPECTED_1)
    second = SimulatedCluster(Situation(FIVE), file=tmp_path / "nodes.json")
    assert trace(second, EXPECTED_1) == trace(first, EXPECTED_1)
    assert second.situation == first.situation


@pytest.mark.parametrize("word", ["$HOME", "${X}", "$$", "a b", "it's", 'say "no"', "%s", "back\\slash", "é"])
def test_words_arrive_as_they_were_planned(alone: SimulatedCluster, word: str) -> None:
    ticket = replace(EXPECTED_1, argv=(word, "x"))
    ran(alone, ticket)
    assert trace(alone, ticket).err == f"{word}: not on this node\n"


@pytest.mark.parametrize(
    ("guard", "holds"),
    [
        ('[ "$(hostname)" = pve01 ]', True),
        ('[ "$(hostname)" = pve02 ]', False),
        ('said=$(corosync-quorumtool -siH) || [ $? -eq 2 ]\necho "$said" | grep -q "^Total votes: *1$"', True),
        ("systemctl is-active --quiet corosync", True),
        ("! systemctl is-active --quiet corosync", False),
        ("grep -q 'config_version: 14' <<E\n$(cat /etc/pve/corosync.conf)\nE", True),
        ("cat /etc/passwd", False),
        ("ip -o addr | grep -qF ' 10.0.1.11/'", True),
        ("ip -o addr | grep -qF ' 10.0.1.12/'", False),
        ("ip route", False),
        ("! ping -n -q -c 2 -i 0.3 -W 1 10.0.1.12", True),
        ("! ping -n -q -c 2 -i 0.3 -W 1 10.0.1.11", False),
        ("qm list", False),
        ('[ -z "${HOME:-}" ]', True),
    ],
)
def test_a_guard_sees_the_simulated_node_and_nothing_of_this_machine(
    alone: SimulatedCluster, guard: str, *, holds: bool
) -> None:
    fate = ran(alone, replace(EXPECTED_1, guard=f"set -eu\n{guard}\n")).fate
    assert (fate is Fate.SUCCEEDED) == holds


def test_a_masked_corosync_cannot_be_started_until_the_mask_is_gone_or_the_node_boots(alone: SimulatedCluster) -> None:
    alone.service("pve01", Service.COROSYNC, runs=False)
    ran(alone, replace(EXPECTED_1, argv=("systemctl", "mask", "--runtime", "corosync")))
    with pytest.raises(ValueError, match="masked"):
        alone.service("pve01", Service.COROSYNC, runs=True)
    ran(alone, replace(EXPECTED_1, id="r-2", argv=("systemctl", "unmask", "--runtime", "corosync")))
    alone.service("pve01", Service.COROSYNC, runs=True)
    assert alone.situation.has_corosync("pve01")
