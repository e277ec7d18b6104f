"""Real nodes: systemd, sshd, corosync. A lab is booted once for the tests of a file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import wiring
from bot.config import Config, load
from bot.people import Account, Standing, Who
from bot.workflow import Answer
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.one_step import NUMBERS, PVE01, Node, reached
from tests.lab.plan import PASSWORD
from tests.lab.requirements import why_not

TOKEN_MS = 1000  # a lost node is noticed in about twice that
READS = ("status", "nodes", "expected", "qdevice", "links", "certs", "corosync show", "corosync lint", "corosync log")
ALICE = Who(Account("T1", "U1"), "alice", "alice", Standing.MEMBER, "en")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    reason = why_not() if here else None
    for item in here:
        item.add_marker(pytest.mark.lab)
        if reason:
            item.add_marker(pytest.mark.skip(reason=f"the lab cannot run here: {reason}"))


@dataclass(frozen=True)
class Bench:
    """A lab and what the bot says of it, over real SSH."""

    lab: Lab
    config: Config
    answer: Callable[[str], Answer]

    def ask(self, line: str) -> str:
        """The answer as a person reads it, headline first."""
        answer = self.answer(line)
        assert answer.report is not None, answer.refusal
        parts = [answer.report.headline, *(f.text for f in answer.report.findings)]
        rows = [
            " ".join(c if isinstance(c, str) else c.to("en") for c in row)
            for t in answer.report.tables
            for row in t.rows
        ]
        pairs = [f"{k.to('en')}: {v if isinstance(v, str) else v.to('en')}" for k, v in answer.report.pairs]
        return "\n".join([*(p.to("en") for p in parts), *pairs, *rows])


def config_file(lab: Lab, folder: Path) -> Path:
    """A configuration for this lab, its database at head, beside it."""
    listed = ", ".join(f'{{ name = "{name}", host = "{lab.address(name)}" }}' for name in lab.members)
    for name in ("bot_token", "app_token", "signing_secret"):
        (folder / name).write_text("none")
    (folder / "root_password").write_text(PASSWORD)
    path = folder / "config.toml"
    path.write_text(
        '[slack]\nbot_token = "file:bot_token"\napp_token = "file:app_token"\nsigning_secret = "file:signing_secret"\n'
        f"[ssh]\nkey = {json.dumps(str(lab.key))}\nknown_hosts = {json.dumps(str(lab.known_hosts_file()))}\n"
        "connect_timeout_s = 2\nlogin_timeout_s = 2\n"
        f'[clusters.lab]\nchannels = ["C0OPS"]\nroot_password = "file:root_password"\nnodes = [{listed}]\n'
    )
    wiring.upgrade(load(path))
    return path


@pytest.fixture(scope="module")
def booted(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """*request.param*: what `Lab.up` takes; the name keeps labs of several runs apart."""
    with Lab(f"bot-{os.getpid()}-{request.module.__name__.rpartition('.')[2]}") as lab:
        lab.up(token=TOKEN_MS, **getattr(request, "param", {"count": 3, "links": 2}))
        yield lab


@pytest.fixture(scope="module")
def bench(booted: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    config = load(config_file(booted, tmp_path_factory.mktemp("bot")))
    with wiring.clusters(config, connector(booted)) as clusters:
        workflow = wiring.workflow(config, clusters)
        yield Bench(booted, config, lambda line: workflow.answer(line, ALICE, "C0OPS"))


@pytest.fixture
def node(booted: Lab) -> Iterator[Node]:
    with reached(booted) as nodes:
        yield Node(booted, nodes, nodes.boot_id(PVE01), NUMBERS)
