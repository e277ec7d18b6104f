"""A bot killed between the click and the report, with a real node that runs the commands. `make chaos` tries all points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.lab import killed_in, office_in
from tests.chaos.points import POINTS, Point
from tests.dispatch.office import Office
from tests.lab.lab import Lab

pytestmark = pytest.mark.parametrize("booted", [{"count": 1, "links": 1}], indirect=True)
DRAWN = [point for point in POINTS if str(point) in {"after-start-1", "after-trace-1", "before-change-4"}]


@pytest.fixture
def office(booted: Lab, tmp_path: Path) -> Iterator[Office]:
    with office_in(booted, tmp_path) as one:
        yield one


@pytest.mark.parametrize("point", DRAWN, ids=str)
def test_whatever_point_a_bot_is_killed_at_each_command_runs_once(office: Office, booted: Lab, point: Point) -> None:
    killed_in(office, booted, point)
