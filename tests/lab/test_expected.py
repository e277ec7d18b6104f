"""expected N on real corosync: a real minority, a real partition, and a world that changes under the bot's hands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.action import Level
from bot.config import load
from bot.request import Progress, State
from tests.lab.conftest import config_file
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.running_changes import Changing, changing, require, said


@dataclass(frozen=True)
class Minority:
    lab: Lab
    bot: Changing

    def expected(self) -> str:
        """What corosync on pve01 expects."""
        shown = self.lab.exec("pve01", "corosync-quorumtool", "-s").stdout
        return next(line.split()[-1] for line in shown.splitlines() if line.startswith("Expected votes"))


@pytest.fixture(scope="module")
def bot(booted: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changing]:
    config = load(config_file(booted, tmp_path_factory.mktemp("bot")))
    with changing(config, connector(booted)) as parts:
        yield parts


@pytest.fixture
def side(booted: Lab, bot: Changing) -> Iterator[Minority]:
    """Each test finds and leaves three members."""
    yield Minority(booted, bot)
    booted.heal()
    booted.start(*(node for node in booted.members if not booted.is_up(node)))
    for node in booted.members:
        booted.exec(node, "systemctl", "start", "corosync", check=True)
    booted.wait_members(3)
    booted.wait_for(*booted.members, command="test -w /etc/pve/priv")


def test_a_minority_is_quorate_again_after_real_power_offs(side: Minority) -> None:
    side.lab.kill("pve02", "pve03")
    side.lab.wait_members(1, ["pve01"], quorate=False)
    shown = side.bot.ask("expected").report
    assert shown is not None
    assert shown.data["proposal"] == 1
    ended = side.bot.change("expected 1")
    require(ended, State.SUCCEEDED)
    report = side.bot.reports[-1]
    assert (report.level, report.headline.to("en")) == (Level.GOOD, "Quorum: 1 vote of 1 expected, 1 needed")
    assert ended.plan.statement is not None
    assert [step.argv for step in ended.plan.steps] == [("pvecm", "expected", "1")]
    side.lab.wait_for("pve01", command="test -w /etc/pve/priv", timeout=1)


def test_a_number_that_corosync_would_refuse_is_refused_before_anybody_is_asked(side: Minority) -> None:
    side.lab.kill("pve03")
    side.lab.wait_members(2)
    assert side.bot.refused("expected 1") == ["corosync refuses 1: it is below the 2 votes that are present"]
    assert side.lab.ssh("pve01", "pvecm expected 1").returncode != 0


def test_while_the_other_side_lives_nobody_can_approve_it(side: Minority) -> None:
    side.lab.partition("pve01")
    side.lab.wait_members(1, ["pve01"], quorate=False)
    side.lab.wait_members(2, ["pve02", "pve03"])
    assert (
        "pve01 is alive: its corosync runs in another partition. Two sides would have quorum at once"
        in side.bot.refused("expected 2")
    )


def test_two_sides_without_quorum_are_refused_too(side: Minority) -> None:
    side.lab.kill("pve03")
    side.lab.partition("pve02")
    side.lab.wait_members(1, ["pve01", "pve02"], quorate=False)
    refused = side.bot.refused("expected 1")
    assert len([why for why in refused if "its corosync runs in another partition" in why]) == 1


def test_a_node_that_comes_back_after_the_approval_supersedes_it(side: Minority) -> None:
    side.lab.kill("pve02", "pve03")
    side.lab.wait_members(1, ["pve01"], quorate=False)
    request = side.bot.file("expected 1")
    side.bot.approve(request)
    side.lab.start("pve02")
    side.lab.wait_members(2, ["pve01", "pve02"])
    ended = side.bot.run(request)
    require(ended, State.SUPERSEDED)
    assert ended.steps[0].progress is Progress.TODO
    assert side.expected() == "3"


def test_a_node_that_comes_back_in_the_last_moment_is_noticed_on_the_node_itself(side: Minority) -> None:
    lab = side.lab
    lab.kill("pve02", "pve03")
    lab.wait_members(1, ["pve01"], quorate=False)
    request = side.bot.file("expected 1")
    side.bot.approve(request)

    def back(_step: int) -> None:
        lab.start("pve02")
        lab.wait_members(2, ["pve01", "pve02"])

    ended = side.bot.run(request, back)
    require(ended, State.ABORTED)
    assert "quorate: Yes; approved: No" in said(ended)
    assert side.expected() == "3"


def test_a_node_with_corosync_stopped_is_held_and_let_go(side: Minority) -> None:
    lab = side.lab
    lab.kill("pve02")
    lab.exec("pve03", "systemctl", "stop", "corosync", check=True)
    lab.wait_members(1, ["pve01"], quorate=False)
    ended = side.bot.change("expected 1")
    require(ended, State.SUCCEEDED)
    assert [(step.on, step.argv[:2]) for step in ended.plan.steps] == [
        ("pve03", ("systemctl", "mask")),
        ("pve01", ("pvecm", "expected")),
        ("pve03", ("systemctl", "unmask")),
    ]
    lab.exec("pve03", "systemctl", "start", "corosync", check=True)
    lab.wait_members(2, ["pve01", "pve03"])


def test_corosync_that_starts_in_the_last_moment_is_not_held(side: Minority) -> None:
    lab = side.lab
    lab.kill("pve02")
    lab.exec("pve03", "systemctl", "stop", "corosync", check=True)
    lab.wait_members(1, ["pve01"], quorate=False)
    request = side.bot.file("expected 1")
    side.bot.approve(request)
    ended = side.bot.run(request, lambda _step: lab.exec("pve03", "systemctl", "start", "corosync", check=True))
    require(ended, State.ABORTED)
    assert "corosync runs" in said(ended)
    assert lab.exec("pve03", "systemctl", "is-enabled", "corosync").stdout != "masked-runtime\n"
