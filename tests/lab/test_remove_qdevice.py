"""remove NODE of a pair with a QDevice: the documented order does not work with a dead node; the node goes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.action import Level
from bot.config import load
from bot.request import State
from tests.lab import qdevice, removal
from tests.lab.conftest import config_file
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.running_changes import Changing, changing, require

pytestmark = pytest.mark.parametrize("booted", [{"count": 2, "qnetd": True}], indirect=True)


@dataclass(frozen=True)
class Pair:
    lab: Lab
    bot: Changing


@pytest.fixture
def pair(booted: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    qdevice.set_up(booted)
    config = load(config_file(booted, tmp_path_factory.mktemp("bot")))
    with changing(config, connector(booted)) as bot:
        yield Pair(booted, bot)


def test_the_dead_node_of_a_pair_goes_first_while_the_qdevice_stays(pair: Pair) -> None:
    lab = pair.lab
    lab.kill("pve02")
    removal.unplug(lab, "pve02")
    lab.wait_members(1, ["pve01"])
    lab.wait_for("pve01", command=f"test -w /etc/pve/priv && {removal.QUORATE}")
    first = lab.exec("pve01", "pvecm", "qdevice", "remove")
    assert "All nodes must be online! Node pve02 is offline, aborting." in first.stderr
    request = pair.bot.file("remove pve02")
    assert any("So the node goes first" in found.text.to("en") for found in request.plan.findings)
    assert request.plan.after is not None
    assert (request.plan.after.expected, request.plan.after.quorate) == (2, True)
    pair.bot.approve(request)
    ended = pair.bot.run(request)
    require(ended, State.SUCCEEDED)
    assert pair.bot.reports[-1].level is Level.GOOD
    assert pair.bot.reports[-1].headline.to("en").endswith("2 votes of 2 expected, 2 needed")
