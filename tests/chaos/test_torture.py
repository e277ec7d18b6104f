"""A short draw of the torture, with a fixed seed; `make chaos` runs it at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.store import upgrade
from bot.wiring import now_us
from tests.chaos.torture import Plan, tortured
from tests.store.postgres import running


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_one_bot_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path, url: str) -> None:
    done = tortured(Plan(seed=1, for_s=8, replicas=1), tmp_path, url)
    assert done["kills"] > 0
    assert done["succeeded"] > 0


@pytest.mark.postgres
def test_three_bots_on_a_postgresql_that_crashes_lose_and_double_nothing(tmp_path: Path) -> None:
    with running() as server:
        url = server.new("torture")
        upgrade(url, now_us)
        done = tortured(Plan(seed=2, for_s=10, replicas=3, crash=server.crash), tmp_path, url)
    assert done["kills"] > 0
    assert done["crashes"] == 1
    assert done["succeeded"] > 0
