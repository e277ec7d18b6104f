"""remove NODE --cleanup on real nodes: all that forbids it, what it takes away and what not, and each step that fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.action import Level
from bot.actions.remove import refusals_cleanup
from bot.request import State
from tests.lab import matrix, removal
from tests.lab.removal import EXECUTOR, FOLDER, HOSTS, LOGINS, NODE, OTHER, run
from tests.lab.remove_cases import BREAKS_CLEANUP, CLEANUP, FULL_DISK, REFUSALS_CLEANUP, REMOVE
from tests.lab.removing import Off, gone, off
from tests.lab.running_changes import at, require, said

__all__ = ["gone", "off"]
CONSTANTS = matrix.constants(refusals_cleanup)
STEPS = ("archive", "forget-logins", "forget-hosts", "pvesm", "ha-manager", "ha-manager", "pvesr")


def test_nothing_that_forbids_it_is_without_a_case() -> None:
    assert matrix.gaps(CONSTANTS, REFUSALS_CLEANUP) == []


@pytest.mark.parametrize("name", REFUSALS_CLEANUP)
def test_what_forbids_it(gone: Off, name: str) -> None:
    matrix.refuses(gone.lab, gone.bot, CONSTANTS, name, REFUSALS_CLEANUP[name])


def test_all_that_was_left_is_taken_away_and_nothing_else(gone: Off) -> None:
    ended = gone.bot.change(CLEANUP)
    require(ended, State.SUCCEEDED)
    lab = gone.lab
    assert tuple(step.argv[3] if step.argv[0] == "sh" else step.argv[0] for step in ended.plan.steps) == STEPS
    assert (gone.told.level, gone.told.headline.to("en")) == (Level.GOOD, "Nothing is left of pve03")
    assert run(lab, OTHER, "ls /etc/pve/nodes") == "pve01\npve02\n"
    archive = run(lab, EXECUTOR, "ls -t /var/lib/pve-cluster-bot/nodes-pve03-*.tar | head -n 1").strip()
    assert archive in said(ended)
    assert "pve03/lrm_status" in run(lab, EXECUTOR, f"tar -tf {archive}")
    assert f"root@{NODE}" not in run(lab, OTHER, f"cat {LOGINS}")
    assert run(lab, OTHER, f"cat {HOSTS}") == f"{EXECUTOR} {removal.HOST_KEY}1\n"
    storages = run(lab, OTHER, "cat /etc/pve/storage.cfg")
    assert f"\tnodes {EXECUTOR}\n" in storages
    assert f"\tnodes {NODE}\n" in storages, "what is for it alone is told, and not touched"
    assert f"\tnodes {OTHER}:1\n" in run(lab, OTHER, "cat /etc/pve/ha/rules.cfg")
    assert f"\tnodes {OTHER}\n" in run(lab, OTHER, "cat /etc/pve/ha/groups.cfg")
    assert run(lab, OTHER, "cat /etc/pve/replication.cfg") == ""
    assert lab.ssh(EXECUTOR, "true").returncode == 0, "a new login"


# Each step that fails: what is left, what to do


def test_each_step_has_a_case_in_which_it_fails(gone: Off) -> None:
    assert matrix.gaps_of_steps(gone.bot.file(CLEANUP), BREAKS_CLEANUP) == []


@pytest.mark.parametrize("number", BREAKS_CLEANUP)
def test_a_step_that_fails_is_told_with_what_is_left_and_can_be_taken_up_again(gone: Off, number: int) -> None:
    _, told = matrix.breaks(gone.lab, gone.bot, CLEANUP, number, BREAKS_CLEANUP[number])
    assert told.headline.to("en").startswith(f"The clean-up stopped at step {number + 1}; this is still left of pve03")
    assert told.next[0].to("en") == f"/pve-cluster {CLEANUP}"
    assert (FOLDER in told.findings[0].text.to("en")) is (number == 0)
    assert gone.lab.ssh(EXECUTOR, "true").returncode == 0, "a new login"
    again = gone.bot.change(CLEANUP)
    require(again, State.SUCCEEDED)
    assert len(again.plan.steps) == len(STEPS) - number


def test_a_disk_that_is_full_leaves_no_half_archive_and_removes_nothing(gone: Off) -> None:
    with FULL_DISK(gone.lab):
        ended = gone.bot.change(CLEANUP)
        kept = run(gone.lab, EXECUTOR, "ls /var/lib/pve-cluster-bot")
    require(ended, State.FAILED)
    assert "STOPPED with exit code 2 while archiving; nothing was removed" in said(ended)
    assert ".tar" not in kept
    assert run(gone.lab, EXECUTOR, f"cat {FOLDER}/lrm_status") == "old\n"


def test_a_guest_that_comes_in_the_last_moment_stops_it_on_the_node(gone: Off) -> None:
    guest = f"{FOLDER}/lxc/301.conf"
    ended = gone.bot.run(gone.approved(CLEANUP), at(0, lambda: run(gone.lab, EXECUTOR, f"touch {guest}")))
    run(gone.lab, EXECUTOR, f"rm {guest}")
    require(ended, State.ABORTED)
    assert f"guests: {guest}" in said(ended)


def test_other_lines_of_keys_than_were_approved_stop_it_on_the_node(gone: Off) -> None:
    add = f"echo '{removal.KEY.replace('Igone', 'Iother')}' >>{LOGINS}"
    ended = gone.bot.run(gone.approved(CLEANUP), at(1, lambda: run(gone.lab, EXECUTOR, add)))
    require(ended, State.ABORTED)
    assert "keys of the node" in said(ended)
    assert f"root@{NODE}" in run(gone.lab, EXECUTOR, f"cat {LOGINS}")


# Afterwards


def test_a_removed_node_that_comes_back_is_told(gone: Off) -> None:
    removed = replace(gone.bot.file(CLEANUP).plan, line=REMOVE)
    assert gone.bot.workflow.watched(removed) is None
    removal.power_on_as_it_was(gone.lab)
    try:
        told = gone.bot.workflow.watched(removed)
    finally:
        removal.power_off(gone.lab)
    assert told is not None
    assert (told.level, told.headline.to("en")) == (Level.BAD, "pve03 was removed, and answers again")
