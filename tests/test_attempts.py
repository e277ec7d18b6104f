"""Whatever goes wrong with one request, it is tried again later and less often, and nothing rises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bot.attempts import Attempts
from bot.pause import Leaving, Pause


@dataclass
class Clock:
    at_us: int = 0

    def now_us(self) -> int:
        return self.at_us

    def rests_for_s(self, attempts: Attempts, id_: str) -> float:
        begun_us = self.at_us
        while id_ in attempts.resting():
            self.at_us += 1_000_000
        return (self.at_us - begun_us) / 1_000_000


def says(*answers: bool | Exception) -> Callable[[str], bool]:
    left = iter(answers)

    def run(_id: str) -> bool:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return run


def test_one_that_is_done_does_not_rest() -> None:
    attempts = Attempts(says(True), Clock().now_us)
    attempts.make("r1")
    assert attempts.resting() == set()


def test_one_that_must_wait_rests_the_same_each_time_and_not_once_it_is_done() -> None:
    clock = Clock()
    attempts = Attempts(says(False, False, True), clock.now_us)
    rested = []
    for _ in range(3):
        attempts.make("r1")
        rested.append(clock.rests_for_s(attempts, "r1"))
    assert rested == [5, 5, 0]


def test_after_each_mistake_it_rests_twice_as_long_but_never_for_ever() -> None:
    clock = Clock()
    attempts = Attempts(says(*[KeyError("x")] * 9, True, KeyError("x")), clock.now_us)
    rested = []
    for _ in range(11):
        attempts.make("r1")
        rested.append(clock.rests_for_s(attempts, "r1"))
    assert rested == [10, 20, 40, 80, 160, 300, 300, 300, 300, 0, 10]


def test_a_run_that_is_left_is_neither_done_nor_a_mistake() -> None:
    attempts = Attempts(says(Leaving()), Clock().now_us)
    attempts.make("r1")
    assert attempts.resting() == set()


def test_a_pause_ends_with_the_bot() -> None:
    pause = Pause()
    pause.sleep(0)
    pause.end()
    with pytest.raises(Leaving):
        pause.sleep(3600)
