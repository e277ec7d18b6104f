"""What must hold whoever runs approved requests, the dispatcher of SQLite or that of PostgreSQL, in real processes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bot.act import Deed
from bot.request import Progress, State
from bot.wiring import now_us
from tests.dispatch.nodes import Habits
from tests.dispatch.office import ONE_OTHER, Office, office
from tests.ssh.sshd import until

ENDLESS = Habits(lasts_s=(3600.0,))


@pytest.fixture
def here(tmp_path: Path, url: str) -> Iterator[Office]:
    with office(tmp_path, url, ("a", "b")) as one:
        yield one


@pytest.fixture
def slow(tmp_path: Path, url: str) -> Iterator[Office]:
    """The first step ends when the test says so."""
    with office(tmp_path, url, ("a", "b"), ENDLESS) as one:
        yield one


def test_an_approval_that_waits_survives_kill_9(here: Office) -> None:
    id_ = here.asked()
    here.kills(here.starts())
    here.clicks(id_)
    here.starts()
    assert here.ends(id_).state is State.SUCCEEDED
    assert here.task.nodes("a").sent() == [f"{id_}-0", f"{id_}-1"]


def test_what_expires_while_nobody_works_is_expired_and_a_late_approval_is_refused(tmp_path: Path, url: str) -> None:
    with office(tmp_path, url, ("a",), None, replace(ONE_OTHER, approve_within_s=1)) as here:
        id_ = here.asked()
        until(lambda: now_us() >= here.request(id_).approve_by_us)
        here.clicks(id_)
        here.starts()
        assert here.ends(id_).votes == ()
        assert here.request(id_).state is State.EXPIRED
        here.answers()
        assert here.task.nodes("a").sent() == []


def test_a_bot_killed_in_the_middle_of_a_step_is_followed_by_one_that_finds_the_outcome_on_the_node(
    slow: Office,
) -> None:
    (id_,) = slow.approved("a")
    first = slow.starts()
    slow.begins(f"{id_}-0")
    slow.kills(first)
    slow.starts()
    assert slow.follows(id_, f"{id_}-0").state is State.SUCCEEDED
    assert slow.task.nodes("a").sent() == [f"{id_}-0", f"{id_}-1"]


def test_a_node_that_dies_in_the_middle_leaves_the_outcome_unknown_and_its_cluster_locked_until_people_say(
    slow: Office,
) -> None:
    (lost,) = slow.approved("a")
    first = slow.starts()
    slow.begins(f"{lost}-0")
    slow.kills(first)
    slow.task.nodes("a").boots()
    slow.starts()
    assert slow.ends(lost).state is State.INDETERMINATE
    slow.task.nodes("b").changes(Habits())
    waiting, other = slow.approved("a", "b")
    assert slow.ends(other).state is State.SUCCEEDED
    assert slow.request(waiting).state is State.APPROVED
    slow.clicks(lost, Deed.DID_NOT)
    assert slow.comes(lost, State.RECONCILED).did is False
    assert slow.ends(waiting).state is State.SUCCEEDED
    assert f"{lost}-1" not in slow.task.nodes("a").sent()


def test_one_runs_at_a_time_on_each_cluster_and_first_approved_is_first_run(here: Office) -> None:
    here.starts()
    ids = [here.approves(cluster) for cluster in "aabbaababa"]
    ended = {id_: here.ends(id_) for id_ in ids}
    assert {one.state for one in ended.values()} == {State.SUCCEEDED}
    for cluster in "ab":
        runs = sorted(here.task.nodes(cluster).runs().items(), key=lambda run: run[1].at_s)
        assert all(one.until_s <= next_.at_s for (_, one), (_, next_) in pairwise(runs))
        in_order = [id_ for id_ in ids if ended[id_].cluster == cluster]
        assert [ticket for ticket, _ in runs] == [f"{id_}-{step}" for id_ in in_order for step in (0, 1)]


def test_a_bot_told_to_end_leaves_the_run_to_its_node_and_the_next_one_brings_it_home(slow: Office) -> None:
    (id_,) = slow.approved("a")
    first = slow.starts()
    slow.begins(f"{id_}-0")
    first.send(signal.SIGTERM)
    assert first.ends(10) == 0
    left = slow.request(id_)
    assert (left.state, left.steps[0].progress) == (State.RUNNING, Progress.STARTED)
    slow.starts()
    assert slow.follows(id_, f"{id_}-0").state is State.SUCCEEDED
    assert slow.task.nodes("a").sent() == [f"{id_}-0", f"{id_}-1"]


def test_a_second_bot_may_work_on_postgresql_and_not_on_sqlite(here: Office) -> None:
    first, second = here.starts(), here.starts()
    assert bool(second.owner) is not here.is_alone
    if here.is_alone:
        assert second.ends() == 1
        here.kills(first)
        assert here.starts().owner
