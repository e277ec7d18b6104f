"""The whole story on real nodes: a cluster is built of empty ones, a node dies, is removed, reset, and joins again.

Only by requests that a second person approved; afterwards the ledger tells it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.action import Level
from bot.config import load
from bot.request import Request, State
from bot.watch import Watch
from bot.wiring import now_us
from tests.lab.conftest import config_file
from tests.lab.lab import READY, Lab
from tests.lab.network import connector
from tests.lab.removal import power_off, power_on_as_it_was
from tests.lab.running_changes import Changing, changing, require

pytestmark = pytest.mark.parametrize("booted", [{"count": 3, "links": 2, "standalone": True}], indirect=True)
STORY = (
    "request.created",
    "vote.recorded",
    "request.approved",
    "run.claimed",
    "run.started",
    "run.finished",
    "run.succeeded",
)


@dataclass(frozen=True)
class Site:
    lab: Lab
    bot: Changing
    config: Path

    def done(self, line: str) -> Request:
        """Asked for by alice, approved by bob, run; and what was seen afterwards is good."""
        ended = self.bot.change(line)
        require(ended, State.SUCCEEDED)
        assert self.bot.reports[-1].level is Level.GOOD, self.bot.reports[-1]
        return ended

    def links(self, node: str) -> str:
        return " ".join(f"--link{n} {self.lab.address(node, f'link{n}')}" for n in range(2))

    def watch(self) -> None:
        Watch(self.bot.docket, self.bot.workflow, self.bot.tell, now_us).look()

    def story(self, request: Request) -> list[str]:
        """What `audit show` tells of it."""
        argv = [sys.executable, "-m", "bot", "audit", "show", "--json", "--config", str(self.config), request.id]
        said = subprocess.run(argv, capture_output=True, text=True, check=True)
        return [event["kind"] for event in json.loads(said.stdout)["events"]]


@pytest.fixture
def site(booted: Lab, tmp_path: Path) -> Iterator[Site]:
    path = config_file(booted, tmp_path)
    with changing(load(path), connector(booted)) as bot:
        yield Site(booted, bot, path)


def test_a_cluster_is_built_loses_a_node_and_gets_it_back(site: Site) -> None:
    lab, member = site.lab, site.lab.address("pve01")
    requests = [
        site.done(f"create lab --node pve01 {site.links('pve01')}"),
        site.done(f"join {member} --node pve02 --use_ssh"),
        site.done(f"join {member} --node pve03 {site.links('pve03')}"),
    ]
    lab.wait_members(3)

    power_off(lab)
    lab.wait_members(2, ["pve01", "pve02"])
    requests.append(site.done("remove pve03"))
    site.watch()
    reported = len(site.bot.reports)

    power_on_as_it_was(lab)
    lab.wait_members(1, ["pve03"], quorate=False)
    site.watch()
    site.watch()
    assert [report.level for report in site.bot.reports[reported:]] == [Level.BAD], "told once that it is back"

    requests.append(site.done("reset pve03"))
    lab.wait_for("pve01", command=READY)
    requests.append(site.done("remove pve03 --cleanup"))
    requests.append(site.done(f"join {member} --node pve03 --use_ssh"))
    lab.wait_members(3)
    answer = site.bot.ask("status")
    assert answer.report is not None
    assert answer.report.level is Level.GOOD, answer.report

    for request in requests:
        told = [kind for kind in dict.fromkeys(site.story(request)) if kind in STORY]
        assert tuple(told) == STORY
    assert "run.undone" in site.story(requests[3])
