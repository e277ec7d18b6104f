"""Several bots on one PostgreSQL: whoever dies or sleeps, another goes on, and nothing is done twice."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.request import State
from tests.dispatch.nodes import Habits
from tests.dispatch.office import Office, office

pytestmark = pytest.mark.parametrize("empty_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


@pytest.fixture
def slow(tmp_path: Path, url: str) -> Iterator[Office]:
    with office(tmp_path, url, ("a", "b"), Habits(lasts_s=(3600.0,))) as one:
        yield one


def test_another_takes_over_from_one_that_is_killed(slow: Office) -> None:
    (id_,) = slow.approved("a")
    first = slow.starts()
    slow.begins(f"{id_}-0")
    slow.starts()
    slow.kills(first)
    assert slow.follows(id_, f"{id_}-0").state is State.SUCCEEDED
    assert slow.task.nodes("a").sent() == [f"{id_}-0", f"{id_}-1"]


def test_one_that_slept_while_another_took_over_changes_nothing_when_it_wakes(slow: Office) -> None:
    (id_,) = slow.approved("a")
    sleeper = slow.starts()
    slow.begins(f"{id_}-0")
    sleeper.send(signal.SIGSTOP)
    slow.starts()
    ended = slow.follows(id_, f"{id_}-0")
    assert ended.state is State.SUCCEEDED
    sleeper.send(signal.SIGCONT)
    sleeper.send(signal.SIGTERM)
    assert sleeper.ends() == 0
    assert slow.request(id_) == ended
    assert slow.task.nodes("a").sent() == [f"{id_}-0", f"{id_}-1"]


def test_two_share_the_work_and_no_request_is_done_by_both(slow: Office) -> None:
    slow.starts()
    slow.starts()
    for name in "ab":
        slow.task.nodes(name).changes(Habits())
    ids = slow.approved(*"abababab")
    assert {(slow.ends(id_).state, slow.request(id_).fence) for id_ in ids} == {(State.SUCCEEDED, 1)}
