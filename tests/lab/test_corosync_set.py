"""corosync set on real nodes: a live change, one that corosync stops before any node has it, and one that goes back by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.action import Level
from bot.actions.corosync import told_set
from bot.actions.corosync.refusals_set import FLAWED, NOT_ALL_THERE, REJECTED
from bot.cluster.conf_swap import BACKUPS
from bot.config import load
from bot.request import State
from tests.lab import faults
from tests.lab.conftest import config_file
from tests.lab.create_cases import between
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.running_changes import Changing, at, changing, require, said

EXECUTOR = "pve01"
CONF = "/etc/pve/corosync.conf"


@pytest.fixture(scope="module")
def bot(booted: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changing]:
    with changing(load(config_file(booted, tmp_path_factory.mktemp("bot"))), connector(booted)) as parts:
        yield parts


@pytest.fixture(autouse=True)
def at_rest(booted: Lab) -> None:
    """What the test before it changed is in force everywhere."""
    loaded_is_written = (
        "test \"$(corosync-cmapctl -g totem.config_version | sed 's/.*= //')\" = "
        f"\"$(sed -n 's/.*config_version: //p' {CONF})\""
    )
    booted.wait_members(3)
    booted.wait_for(*booted.members, command=f"{loaded_is_written} && test -w /etc/pve/priv")


def conf(lab: Lab, node: str = EXECUTOR) -> str:
    return str(lab.exec(node, "cat", CONF, check=True).stdout)


def loaded(lab: Lab) -> list[str]:
    said = (lab.exec(node, "corosync-cmapctl", "-g", "totem.config_version").stdout for node in lab.members)
    return [text.rpartition("= ")[2].strip() for text in said]


def version(lab: Lab) -> int:
    return int(loaded(lab)[0])


def forbids(bot: Changing, line: str) -> set[str]:
    answer = bot.ask(line)
    assert answer.report is not None
    assert answer.blocked
    return {found.text.en for found in answer.report.findings if found.blocks}


def test_the_token_changes_on_a_live_cluster_and_no_member_is_lost(booted: Lab, bot: Changing) -> None:
    before = version(booted)
    ended = bot.change("corosync set totem.token=1500")
    require(ended, State.SUCCEEDED)
    assert bot.reports[-1].level is Level.GOOD
    assert loaded(booted) == [str(before + 1)] * 3
    effective = booted.exec("pve02", "corosync-cmapctl", "-g", "runtime.config.totem.token").stdout
    assert effective.endswith("= 1625\n"), "and 125 ms for the third node"
    booted.wait_members(3)
    assert booted.exec(EXECUTOR, "sh", "-c", f"ls {BACKUPS}* {CONF}.bak", check=True).stdout.count("corosync.conf") == 2


def test_a_file_that_corosync_refuses_is_stopped_before_any_node_has_it(booted: Lab, bot: Changing) -> None:
    before = [conf(booted, node) for node in booted.members]
    assert REJECTED.en in forbids(bot, "corosync set logging.debug=perhaps")
    assert forbids(bot, "corosync set totem.token=20") == {FLAWED.en}, "which corosync itself would take"
    assert [conf(booted, node) for node in booted.members] == before


def test_a_node_that_is_not_there_keeps_the_file_from_being_changed(booted: Lab, bot: Changing) -> None:
    booted.exec("pve03", "systemctl", "stop", "corosync", check=True)
    booted.wait_members(2, [EXECUTOR, "pve02"])
    try:
        assert NOT_ALL_THERE.en in forbids(bot, "corosync set totem.token=1400")
    finally:
        booted.exec("pve03", "systemctl", "start", "corosync", check=True)
        booted.wait_members(3)
        booted.wait_for(*booted.members, command="test -w /etc/pve/priv")


def test_a_version_that_moved_since_it_was_asked_supersedes_it(booted: Lab, bot: Changing) -> None:
    request = bot.file("corosync set totem.token=1400")
    bot.approve(request)
    faults.move_conf(booted, EXECUTOR)
    require(bot.run(request), State.SUPERSEDED)
    assert "token: 1400" not in conf(booted)


def test_a_lock_of_somebody_else_is_waited_for_and_then_nothing_is_changed(booted: Lab, bot: Changing) -> None:
    before = conf(booted)
    lock = "/etc/pve/priv/lock/file-corosync_conf"
    request = bot.file("corosync set totem.token=1400")
    bot.approve(request)
    with between(booted, EXECUTOR, "true", f"rmdir {lock}"):
        ended = bot.run(request, at(0, lambda: booted.exec(EXECUTOR, "mkdir", lock, check=True)))
    require(ended, State.FAILED)
    assert f"somebody else holds {lock}" in said(ended)
    assert conf(booted) == before
    assert bot.reports[-1].headline.en == told_set.UNCHANGED.en


def test_what_does_not_hold_goes_back_by_itself_under_a_version_of_its_own(booted: Lab, bot: Changing) -> None:
    """The executor's corosync never says that it took the new file."""
    before, number = conf(booted), version(booted)
    real, moved = "/usr/sbin/corosync-cmapctl", "/usr/sbin/corosync-cmapctl.real"
    blind = f"mv {real} {moved} && printf '#!/bin/sh\\nexit 1\\n' >{real} && chmod 755 {real}"
    request = bot.file("corosync set totem.token=1400")
    bot.approve(request)
    hide = at(0, lambda: booted.exec(EXECUTOR, "sh", "-c", blind, check=True))
    ended = bot.run(request, hide, at(0, lambda: booted.exec(EXECUTOR, "mv", moved, real, check=True)))
    require(ended, State.FAILED)
    assert f"version {number + 1} does not hold" in said(ended)
    assert conf(booted) == before.replace(f"config_version: {number}\n", f"config_version: {number + 2}\n")
    assert loaded(booted) == [str(number + 2)] * 3
    assert bot.reports[-1].headline.en == told_set.WENT_BACK.en
    booted.wait_members(3)
