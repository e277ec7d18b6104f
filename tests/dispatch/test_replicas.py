"""Several bots on one PostgreSQL: whoever dies or sleeps, another goes on, and nothing is done twice."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.event import Kind
from bot.request import State
from bot.store import SqlLedger
from bot.wiring import now_us
from tests.dispatch.connecting import ends_while_connecting, ends_while_registering
from tests.dispatch.nodes import Habits
from tests.dispatch.office import DONE_S, Office, office
from tests.ssh.sshd import until

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


def test_of_two_who_both_believe_the_run_is_theirs_one_writes_and_goes_on(slow: Office) -> None:
    (id_,) = slow.approved("a")
    sleeper = slow.starts()
    slow.begins(f"{id_}-0")
    sleeper.send(signal.SIGSTOP)
    slow.starts()
    until(lambda: slow.request(id_).fence == 2, DONE_S)
    sleeper.send(signal.SIGCONT)
    assert slow.follows(id_, f"{id_}-0").state is State.SUCCEEDED
    assert slow.task.nodes("a").sent() == [f"{id_}-0", f"{id_}-1"]
    assert {step.fence for step in slow.request(id_).steps} == {1, 2}
    kinds = [row.kind for row in SqlLedger(slow.engine, now_us).page(limit=100)]
    assert (kinds.count(Kind.RUN_STARTED), kinds.count(Kind.RUN_FINISHED)) == (2, 2)


@pytest.mark.parametrize("run", [ends_while_connecting, ends_while_registering])
def test_one_that_is_told_to_end_while_it_begins_ends(slow: Office, run: Callable[..., None]) -> None:
    assert slow.starts(run).ends() == 0
