"""A lab of two members and an empty node beside them, and the bot that joins it: for the tests of `join`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.action import Report
from bot.actions.reset.script import separate
from bot.config import load
from bot.names import NodeName
from bot.request import Request
from tests.lab.conftest import config_file
from tests.lab.join_cases import NEW
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.running_changes import Changing, changing


@dataclass(frozen=True)
class Joining:
    """*folder*: of the bot's configuration."""

    lab: Lab
    bot: Changing
    folder: Path

    @property
    def told(self) -> Report:
        """The last report of a run."""
        return self.bot.reports[-1]

    def approved(self, line: str) -> Request:
        request = self.bot.file(line)
        self.bot.approve(request)
        return request


@pytest.fixture(scope="module")
def parts(booted: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joining]:
    folder = tmp_path_factory.mktemp("bot")
    with changing(load(config_file(booted, folder)), connector(booted)) as bot:
        yield Joining(booted, bot, folder)


@pytest.fixture
def joining(parts: Joining) -> Joining:
    """Each test finds pve03 alone, as after `reset` and `delnode`."""
    apart(parts.lab)
    return parts


def apart(lab: Lab) -> None:
    lab.heal()
    lab.start(*(node for node in lab.members if not lab.is_up(node)))
    if lab.exec(NEW, "test", "-e", "/etc/corosync/corosync.conf").returncode == 0:
        lab.exec(NEW, "mkdir", "-p", "/var/lib/pve-cluster-bot", check=True)
        lab.exec(NEW, *separate(NodeName(NEW)), check=True)
    listed = lab.exec("pve01", "grep", "-q", f"name: {NEW}", "/etc/pve/corosync.conf").returncode == 0
    if listed:
        lab.wait_members(2, ["pve01", "pve02"])
        lab.wait_for("pve01", command="test -w /etc/pve/priv")
        lab.exec("pve01", "pvecm", "delnode", NEW, check=True)
    lab.wait_members(2, ["pve01", "pve02"])
    lab.wait_for("pve01", "pve02", command="test -w /etc/pve/priv")
