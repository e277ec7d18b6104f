"""Commands that come while the database is writing are written together next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Semaphore

import pytest

from bot.event import Event
from bot.filing import Filing
from bot.message import Asked, Letter
from bot.people import Account
from bot.slack.recorder import Recorder
from bot.text import Refused, Text
from tests.demo.slack.running import until


@dataclass
class Slow:
    """Each *turn* released lets one transaction through; a line "bad" is refused with all beside it."""

    batches: list[list[str]] = field(default_factory=list)
    turn: Semaphore = field(default_factory=lambda: Semaphore(0))

    def put(self, *asked: Asked) -> int:
        self.batches.append([one.line for one in asked])
        assert self.turn.acquire(timeout=10)
        if any(one.line == "bad" for one in asked):
            raise Refused(Text(en="no", fr="non"))
        return len(asked)

    def take(self, limit: int, *, now_us: int) -> list[Asked]:
        raise NotImplementedError

    def leave(self, asked: Asked) -> None:
        raise NotImplementedError

    def finish(self, asked: Asked, event: Event, letters: Sequence[Letter], filing: Filing | None = None) -> None:
        raise NotImplementedError


def ask(line: str) -> Asked:
    return Asked(line, line, Account("T1", "U1"), "slack", 0)


async def test_what_comes_meanwhile_shares_the_next_transaction(threads: ThreadPoolExecutor) -> None:
    inbox, woken = Slow(), Semaphore(0)
    recorder = Recorder(inbox, woken.release, threads)
    first = recorder.record(ask("first"))
    await until(lambda: bool(inbox.batches))
    rest = [recorder.record(ask(f"{n}")) for n in range(50)]
    inbox.turn.release(2)
    await asyncio.gather(first, *rest)
    assert inbox.batches == [["first"], [f"{n}" for n in range(50)]]
    assert await asyncio.to_thread(woken.acquire, timeout=10)
    assert await asyncio.to_thread(woken.acquire, timeout=10)


async def test_a_refusal_reaches_all_that_were_together_and_none_after(threads: ThreadPoolExecutor) -> None:
    inbox = Slow()
    recorder = Recorder(inbox, lambda: None, threads)
    first = recorder.record(ask("first"))
    await until(lambda: bool(inbox.batches))
    together = [recorder.record(ask("bad")), recorder.record(ask("good"))]
    inbox.turn.release(3)
    await first
    for one in together:
        with pytest.raises(Refused):
            await one
    await recorder.record(ask("after"))


async def test_when_the_threads_have_ended_nothing_is_said_to_be_recorded() -> None:
    with ThreadPoolExecutor() as threads:
        recorder = Recorder(Slow(), lambda: None, threads)
    with pytest.raises(RuntimeError):
        await recorder.record(ask("late"))
