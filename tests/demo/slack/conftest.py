"""A local Slack, started."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.demo.slack.server import LocalSlack
from tests.demo.slack.running import running_slack


@pytest.fixture
def local_slack() -> Iterator[LocalSlack]:
    with running_slack() as slack:
        yield slack
