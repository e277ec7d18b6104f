"""remove NODE on real systemd, sshd and corosync: what forbids it, the removal, and the clean-up after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.action import Level
from bot.config import load
from bot.request import State
from tests.lab.conftest import config_file
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.running_changes import Changing, changing, require, said

NODE = "pve03"


@dataclass(frozen=True)
class Dead:
    lab: Lab
    bot: Changing


@pytest.fixture(scope="module")
def bot(booted: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changing]:
    config = load(config_file(booted, tmp_path_factory.mktemp("bot")))
    with changing(config, connector(booted)) as parts:
        yield parts


@pytest.fixture
def dead(booted: Lab, bot: Changing) -> Dead:
    """Three nodes, the third powered off."""
    if booted.is_up(NODE):
        power_off(booted, NODE)
    booted.wait_members(2, ["pve01", "pve02"])
    booted.wait_for("pve01", "pve02", command="test -w /etc/pve/priv")
    return Dead(booted, bot)


def test_a_dead_node_is_removed_and_cleaned_up_after(dead: Dead) -> None:
    ended = dead.bot.change(f"remove {NODE}")
    require(ended, State.SUCCEEDED)
    assert "Could not kill node (error = CS_ERR_NOT_EXIST)" in said(ended)
    report = dead.bot.reports[-1]
    assert report.level is Level.GOOD
    ended = dead.bot.change(f"remove {NODE} --cleanup")
    require(ended, State.SUCCEEDED)
    assert dead.bot.reports[-1].headline.to("en") == "Nothing is left of pve03"


def power_off(lab: Lab, node: str) -> None:
    """As a power cut: its network cards are silent too."""
    lab.kill(node)
    lab.cut_ssh(node)
    for number in range(lab.nodes[node].links):
        lab.link(node, number, "down")
