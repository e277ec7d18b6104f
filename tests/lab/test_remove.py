"""remove NODE on real systemd, sshd and corosync: all that forbids it, the removal, bad luck, and the step that fails."""

from __future__ import annotations

import pytest

from bot.action import Level, Votes
from bot.actions.remove import refusals
from bot.actions.remove.left import LOST_QUORUM
from bot.actions.remove.outcome import NOT_EVERYWHERE
from bot.request import State
from tests.lab import faults, matrix, removal
from tests.lab.matrix import Refusal
from tests.lab.removal import EXECUTOR, FOLDER, MEMBERS, NODE, run
from tests.lab.remove_cases import BACK, BREAKS, CLEANUP, NO_QUORUM, PLUGGED_IN, REFUSALS, REMOVE, done, saying
from tests.lab.removing import Off, dead, off
from tests.lab.running_changes import at, require, said

__all__ = ["dead", "off"]
CONSTANTS = matrix.constants(refusals)
ASKED = {"NOT_CONFIGURED": "ignorant", "ANSWERS_API": "with_api"}


def test_nothing_that_forbids_it_is_without_a_case() -> None:
    assert matrix.gaps(CONSTANTS, REFUSALS) == []


@pytest.mark.parametrize("name", REFUSALS)
def test_what_forbids_it(dead: Off, name: str) -> None:
    matrix.refuses(dead.lab, getattr(dead, ASKED.get(name, "bot")), CONSTANTS, name, REFUSALS[name])


def test_a_corosync_conf_that_is_being_prepared_is_a_change_in_progress(dead: Off) -> None:
    prepared = Refusal(REMOVE, saying("corosync.conf.new", ""))
    matrix.refuses(dead.lab, dead.bot, CONSTANTS, "CHANGING", prepared)


# The removal


def test_a_dead_node_is_removed_and_what_is_left_is_told(dead: Off) -> None:
    request = dead.approved(REMOVE)
    plan = request.plan
    assert [(step.on, step.argv) for step in plan.steps] == [(EXECUTOR, ("pvecm", "delnode", NODE))]
    assert (plan.confirm, plan.statement is not None) == (NODE, True)
    assert (plan.before, plan.after) == (_votes(expected=3), _votes(expected=2))
    ended = dead.bot.run(request)
    require(ended, State.SUCCEEDED)
    assert "Killing node 3" in said(ended)
    assert "Could not kill node (error = CS_ERR_NOT_EXIST)" in said(ended), "harmless"
    assert dead.told.level is Level.GOOD
    assert dead.told.data["config_version"] == int(str(plan.rests_on["config_version"])) + 1
    assert [row[2] for row in dead.told.tables[0].rows] == ["pve01, pve02", "pve01, pve02"]
    assert dead.told.next[0].to("en") == f"/pve-cluster {CLEANUP}"
    assert any(f"{FOLDER} is still there" in found.text.to("en") for found in dead.told.findings)
    assert not removal.is_listed(dead.lab)


def _votes(expected: int) -> Votes:
    return Votes(present=2, expected=expected, needed=2, quorate=True, survives=0)


# What happens between approval and run, and in the last moment


def test_a_node_that_comes_back_after_the_approval_supersedes_it(dead: Off) -> None:
    request = dead.approved(REMOVE)
    with BACK(dead.lab):
        ended = dead.bot.run(request)
    require(ended, State.SUPERSEDED)
    assert "pve03 is online, say pve01, pve02" in said(ended)


def test_a_node_that_answers_in_the_last_moment_stops_it_on_the_node(dead: Off) -> None:
    request = dead.approved(REMOVE)
    world = PLUGGED_IN(dead.lab)
    try:
        ended = dead.bot.run(request, at(0, world.__enter__))
    finally:
        world.__exit__(None, None, None)
    require(ended, State.ABORTED)
    assert " answers" in said(ended)
    assert removal.is_listed(dead.lab)


def test_a_guest_that_comes_in_the_last_moment_stops_it_on_the_node(dead: Off) -> None:
    guest = f"{FOLDER}/qemu-server/300.conf"
    ended = dead.bot.run(dead.approved(REMOVE), at(0, lambda: run(dead.lab, EXECUTOR, f"touch {guest}")))
    require(ended, State.ABORTED)
    assert f"guests: {guest}" in said(ended)


def test_another_member_that_vanishes_after_the_approval_supersedes_it(dead: Off) -> None:
    request = dead.approved(REMOVE)
    with NO_QUORUM(dead.lab):
        ended = dead.bot.run(request)
    require(ended, State.SUPERSEDED)
    assert "There is no quorum (1 of 2 votes)" in said(ended)


def test_without_quorum_in_the_last_moment_it_stops_on_the_node(dead: Off) -> None:
    request = dead.approved(REMOVE)
    world = NO_QUORUM(dead.lab)
    try:
        ended = dead.bot.run(request, at(0, world.__enter__))
    finally:
        world.__exit__(None, None, None)
    require(ended, State.ABORTED)
    assert "quorate: No; approved: Yes" in said(ended)
    assert dead.told.headline.en == LOST_QUORUM.en


def test_another_version_of_corosync_conf_after_the_approval_supersedes_it(dead: Off) -> None:
    request = dead.approved(REMOVE)
    faults.move_conf(dead.lab, EXECUTOR)
    ended = dead.bot.run(request)
    require(ended, State.SUPERSEDED)
    assert "config_version" in said(ended)


def test_another_version_of_corosync_conf_in_the_last_moment_stops_it_on_the_node(dead: Off) -> None:
    ended = dead.bot.run(dead.approved(REMOVE), at(0, lambda: faults.move_conf(dead.lab, EXECUTOR)))
    require(ended, State.ABORTED)
    assert "version of corosync.conf" in said(ended)


# The step that fails: what is left, what to do


def test_each_step_has_a_case_in_which_it_fails(dead: Off) -> None:
    assert matrix.gaps_of_steps(dead.bot.file(REMOVE), BREAKS) == []


@pytest.mark.parametrize("number", BREAKS)
def test_a_lock_that_somebody_else_holds_leaves_all_as_it_was(dead: Off, number: int) -> None:
    ended, told = matrix.breaks(dead.lab, dead.bot, REMOVE, number, BREAKS[number])
    assert "got lock request timeout" in said(ended)
    assert told.next[0].to("en") == f"/pve-cluster {REMOVE}"
    assert removal.is_listed(dead.lab)


def test_a_file_that_was_written_and_not_reloaded_is_told_as_half_done(dead: Off) -> None:
    """Nobody tells corosync on either member."""
    worlds = [done(DEAF, "mv /usr/sbin/kept /usr/sbin/corosync-cfgtool", node)(dead.lab) for node in MEMBERS]
    with worlds[0], worlds[1]:
        ended = dead.bot.change(REMOVE)
    run(dead.lab, EXECUTOR, "corosync-cfgtool -R")
    removal.settled(dead.lab)
    require(ended, State.FAILED)
    assert dead.told.headline.en == NOT_EVERYWHERE.en
    assert dead.told.headline.values["nodes"] == "pve01, pve02"
    assert [code.lines for code in dead.told.code] == ["corosync-cfgtool -R"]


DEAF = (
    "mv /usr/sbin/corosync-cfgtool /usr/sbin/kept; printf '#!/bin/sh\\nexit 1\\n' >/usr/sbin/corosync-cfgtool; "
    "chmod 755 /usr/sbin/corosync-cfgtool"
)
