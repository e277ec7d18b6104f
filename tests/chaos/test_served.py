"""The real `serve` killed between a click and the report: run once, nothing lost, nothing stuck. `make chaos` tries all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.chaos.fuse import Point
from tests.chaos.ground import simulated
from tests.chaos.real import real
from tests.chaos.served import POINTS, killed_in_serve
from tests.lab.lab import Lab
from tests.lab.requirements import why_not

NO_LAB = why_not()
TOKEN_MS = 1000  # a lost node is noticed in about twice that

FIRST = (("socket", Point("put", 1, "after")), ("http", Point("put", 1, "before")))  # the click itself is half-way
DRAWN = zip(("socket", "http"), random.Random(7).sample(POINTS[2:], 2), strict=True)


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("transport", "point"), [*FIRST, *DRAWN], ids=str)
def test_whatever_point_serve_is_killed_at_all_is_run_once(
    transport: str, point: Point, tmp_path: Path, url: str
) -> None:
    with simulated(tmp_path) as ground:
        killed_in_serve(point, tmp_path, url, ground, transport)


@pytest.mark.lab
@pytest.mark.skipif(bool(NO_LAB), reason=f"the lab cannot run here: {NO_LAB}")
@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_the_same_on_real_nodes(tmp_path: Path, url: str) -> None:
    with Lab("bot-served") as lab:
        lab.up(2, links=1, token=TOKEN_MS)
        with real(lab, tmp_path) as ground:
            killed_in_serve(Point("start", 2, "after"), tmp_path, url, ground)


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_a_point_is_read_as_it_is_written(point: Point) -> None:
    assert Point.read(str(point)) == point
