"""On PostgreSQL an approval and the job to run it are one; of one request one job waits at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from bot.docket import Edit
from bot.request import Move, Moved, Request, State
from bot.store import SqlDocket, ready_engine
from bot.store.engine import reading, writing
from bot.store.jobs import Jobs
from tests.store.conftest import now_us
from tests.store.filed import APPROVED, filed, moved

pytestmark = pytest.mark.parametrize("empty_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
LATER = {**APPROVED, "not_before_us": 1 << 52}


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = ready_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def docket(engine: Engine) -> SqlDocket:
    return SqlDocket(engine, now_us, Jobs().approved)


def live(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return Jobs().live(connection)


def test_an_approval_puts_in_the_job_and_nothing_else_does(engine: Engine, docket: SqlDocket) -> None:
    for id_, moves in {"r1": (Move.APPROVE,), "r2": (), "r3": (Move.DENY,)}.items():
        filed(engine, id_)
        moved(docket, id_, *moves)
    assert live(engine) == {"r1"}


def test_an_approval_that_is_not_written_leaves_no_job(engine: Engine) -> None:
    jobs = Jobs()

    def hand_over(connection: object, request: Request) -> None:
        jobs.approved(connection, request)  # type: ignore[arg-type]  # a connection
        raise KeyError(request.id)

    filed(engine, "r1")
    docket = SqlDocket(engine, now_us, hand_over)
    with pytest.raises(KeyError):
        moved(docket, "r1", Move.APPROVE)
    assert live(engine) == set()
    assert [one.id for one in docket.find([State.PENDING])] == ["r1"]


def test_a_second_job_of_a_request_that_waits_is_none_and_spoils_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        for id_ in ("r1", "r1", "r2"):
            Jobs().put(connection, id_, "pve-prod")
    assert live(engine) == {"r1", "r2"}
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 2


def test_what_must_cool_down_gets_no_job_yet(engine: Engine, docket: SqlDocket) -> None:
    filed(engine, "r1")
    docket.change("r1", lambda _now, _at_us: Edit(moved=Moved(Move.APPROVE, fields=LATER)))
    assert live(engine) == set()
