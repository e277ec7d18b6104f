"""A request that cannot be read is in no other's way: it is named once, and never due, listed or in line."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from bot.demand import ANYONE, Demand, Slot
from bot.docket import Edit, Illegible
from bot.request import Move, State
from bot.store import SqlDocket, illegible
from tests.store.conftest import now_us
from tests.store.filed import filed, moved, spoilt

STRANGE: dict[str, dict[str, str]] = {
    "a demand with a key that nobody knows": {
        "demand": Demand((Slot(ANYONE),)).text.replace("{", '{"from_tomorrow":1,', 1)
    },
    "a demand that is none": {"demand": "[]"},
    "a demand cut short": {"demand": '{"slots"'},
    "a state that nobody knows": {"state": "dreaming"},
    "a plan of another version": {"plan_text": '{"v":99}'},
    "a requester that is none": {"requester": "7"},
}


@pytest.fixture
def docket(engine: Engine) -> SqlDocket:
    return SqlDocket(engine, now_us)


@pytest.fixture(params=STRANGE)
def strange(engine: Engine, request: pytest.FixtureRequest) -> str:
    """The first of three requests that wait."""
    for id_ in ("r1", "r2", "r3"):
        filed(engine, id_, cluster=id_)
    spoilt(engine, "r1", **STRANGE[request.param])
    return "r1"


def test_the_others_are_due_and_found_and_it_takes_no_place_among_them(docket: SqlDocket, strange: str) -> None:
    assert [one.id for one in docket.due(1 << 60, limit=1)] == ["r2"]
    assert {one.id for one in docket.due(1 << 60)} == {"r2", "r3"}
    assert len(docket.find(tuple(State), limit=2)) == 2
    assert strange not in {one.id for one in docket.find(tuple(State))}


def test_whoever_wants_it_itself_hears_that_it_cannot_be_read(docket: SqlDocket, strange: str) -> None:
    for want in (docket.get, lambda id_: docket.change(id_, lambda _now, _at_us: Edit())):
        with pytest.raises(Illegible, match=f"Request {strange} cannot be read"):
            want(strange)


def test_it_is_named_once_in_the_log_however_often_it_is_met(docket: SqlDocket, strange: str) -> None:
    with capture_logs() as logged:
        for _ in range(3):
            docket.due(1 << 60)
            docket.find(tuple(State))
    named: list[Any] = [one for one in logged if one.get("request") == strange]
    assert [one["log_level"] for one in named] == ["error"]


def test_all_are_named_with_the_state_that_stands_there(engine: Engine, strange: str) -> None:
    (found,) = illegible(engine)
    assert (found[0].id, found[1] in {"pending", "dreaming"}) == (strange, True)


def test_an_approved_one_is_in_nobodys_line_and_a_running_one_keeps_its_cluster(
    engine: Engine, docket: SqlDocket
) -> None:
    for id_, moves in {"r1": (Move.APPROVE,), "r2": (Move.APPROVE, Move.CLAIM), "r3": (Move.APPROVE,)}.items():
        filed(engine, id_, cluster=id_)
        moved(docket, id_, *moves)
    for id_ in ("r1", "r2"):
        spoilt(engine, id_, demand="[]")
    assert {one.id for one in docket.line()} == {"r2", "r3"}
