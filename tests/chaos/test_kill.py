"""A bot killed anywhere between the click and the report: run once, nothing lost, nothing stuck. `make chaos` tries all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.chaos.kill import killed_at
from tests.chaos.points import POINTS, Point

DRAWN = 4  # on PostgreSQL, where it takes longer to see that a bot is dead


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_whatever_point_a_bot_is_killed_at_all_is_run_once(point: Point, tmp_path: Path, url: str) -> None:
    killed_at(point, tmp_path, url)


@pytest.mark.parametrize("empty_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize("point", random.Random(7).sample(POINTS, DRAWN), ids=str)
def test_the_same_on_postgresql(point: Point, tmp_path: Path, url: str) -> None:
    killed_at(point, tmp_path, url)
