"""A local Slack, and threads that end with the test."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from bot.demo.slack.server import LocalSlack
from tests.demo.slack.running import running_slack
from tests.slack.office import Office


@pytest.fixture
def local_slack() -> Iterator[LocalSlack]:
    with running_slack(tiers=False) as slack:
        yield slack


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def office(local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor) -> Office:
    return Office(local_slack, engine, threads)


@pytest.fixture
def glass_office(local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor) -> Office:
    return Office(local_slack, engine, threads, glass="glass")
