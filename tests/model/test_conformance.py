"""The real code does what the model does: random walks on both databases, compared after every step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.request import State
from bot.store.ledger import SqlLedger
from tests.model.clock import Clock
from tests.model.flow import At
from tests.model.replay import TICK_US, Replay
from tests.model.walks import Passed, walk

WALKS = 150


@contextmanager
def replaying(clock: Clock, seed: int) -> Iterator[Replay]:
    """A request and a cluster of its own, later than all before: the ledger's time never goes back."""
    clock.set(clock.at_us + 10 * TICK_US)
    replay = Replay(clock.engine, clock.now_us, clock.set, f"walk-{seed}")
    try:
        yield replay
    finally:
        replay.close()


def test_the_real_code_does_what_the_model_does(clock: Clock) -> None:
    seen: set[State] = set()
    done: set[str] = set()
    for seed in range(WALKS):
        with replaying(clock, seed) as replay:
            for passed in _replayed(replay, seed):
                seen.add(passed.after.state)
                done.add(passed.step.what)
    assert seen == set(State) - {State.REFUSED}
    assert done >= set(At) - {At.IDLE} | {"crashes", "node reboots", "node ends badly", "stops", "says it did", "sweep"}
    assert SqlLedger(clock.engine, clock.now_us).verify().is_whole


def _replayed(replay: Replay, seed: int) -> Iterator[Passed]:
    taken: list[str] = []
    for passed in walk(seed):
        refused = replay.take(passed.step)
        taken.append(f"{passed.step}{'' if passed.allowed else ' (not in the model)'} → {passed.after.state}")
        told = f"seed {seed}: " + "\n".join(taken)
        assert not (passed.allowed and refused), f"{told}\n{refused}"
        assert replay.differences(passed.after) == [], told
        yield passed
