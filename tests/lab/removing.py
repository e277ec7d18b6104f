"""A lab of three whose third node is off, and the bots that are asked about it: for the tests of `remove`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.action import Report
from bot.config import load
from bot.names import ClusterName
from bot.request import Request
from tests.actions.two_of_five import RecordedApi, status
from tests.lab import removal
from tests.lab.conftest import config_file
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.removal import EXECUTOR, FOLDER, MEMBERS, NODE, run
from tests.lab.running_changes import Changing, changing


@dataclass(frozen=True)
class Off:
    """*ignorant*: a bot that was never told of the third node. *with_api*: one to which its API answers."""

    lab: Lab
    bot: Changing
    ignorant: Changing
    with_api: Changing

    @property
    def told(self) -> Report:
        """The last report of a run."""
        return self.bot.reports[-1]

    def approved(self, line: str) -> Request:
        request = self.bot.file(line)
        self.bot.approve(request)
        return request


@pytest.fixture(scope="module")
def off(booted: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Off]:
    path = config_file(booted, tmp_path_factory.mktemp("bot"))
    with (
        changing(load(path), connector(booted)) as usual,
        changing(load(_without_the_node(path)), connector(booted)) as ignorant,
    ):
        removal.power_off(booted)
        yield Off(booted, usual, ignorant, _with_an_api(usual))


@pytest.fixture
def dead(off: Off) -> Off:
    """The third node is off, and listed; nothing is on it."""
    if not removal.is_listed(off.lab):
        removal.list_again(off.lab)
    removal.remove_traces(off.lab)
    run(off.lab, EXECUTOR, f"mkdir -p {FOLDER}/qemu-server")
    return _ready(off)


@pytest.fixture
def gone(off: Off) -> Off:
    """The third node is off, and removed; everything that a node can leave is there."""
    if removal.is_listed(off.lab):
        removal.remove_by_hand(off.lab)
    removal.put_traces(off.lab)
    return _ready(off)


def _ready(off: Off) -> Off:
    """Connections stand, as they do in a bot that runs; nobody lists a guest of the third node any more."""
    off.lab.wait_for(*MEMBERS, command=f"! grep -q {NODE} /etc/pve/.vmlist")
    removal.settled(off.lab)
    off.bot.ask("status")
    return off


def _without_the_node(path: Path) -> Path:
    text = path.read_text()
    at = text.index(f'{{ name = "{NODE}"')
    other = path.with_name("without.toml")
    other.write_text(text[:at].rstrip(", ") + "]\n")
    return other


def _with_an_api(bot: Changing) -> Changing:
    name = ClusterName("lab")
    cluster = replace(bot.workflow.clusters[name], api=RecordedApi({NODE: status(quorate=False, node=NODE)}))
    return replace(bot, workflow=replace(bot.workflow, clusters={name: cluster}))
