"""From a recorded command to its recorded answer: takes what waits in the inbox, has it done, puts the answer out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bot.event import Event, Kind
from bot.message import Asked, Letter
from bot.people import Account, Who
from bot.text import Refused, Text
from bot.workflow import Answer, Seen, Workflow

log = structlog.get_logger()


class Inbox(Protocol):
    """What arrived and was recorded before it was acknowledged."""

    def put(self, asked: Asked) -> bool:
        """Record it, durably; False if its key was seen before (then nothing is recorded)."""

    def take(self, limit: int, *, now_us: int) -> list[Asked]:
        """Claim what waits (also what a dead process claimed over a minute ago) and record `command.received`."""

    def finish(self, asked: Asked, event: Event, letters: Sequence[Letter]) -> None:
        """In one transaction: this command is done, *event* is in the ledger, *letters* are in the outbox."""


class Outbox(Protocol):
    """Messages that must reach people, also after a restart."""

    def due(self, limit: int, *, now_us: int) -> list[Letter]: ...
    def sent(self, letter: Letter, *, now_us: int) -> None: ...
    def later(self, letter: Letter, *, due_us: int, why: str) -> None: ...
    def given_up(self, letter: Letter, *, why: str, now_us: int) -> None: ...


class Directory(Protocol):
    """Who people are, as Slack or the configuration says now."""

    def who(self, account: Account) -> Who:
        """Raise `Refused` if it cannot be known now."""


Write = Callable[[Answer, Asked, Who], Sequence[Letter]]
"""Turns an answer into the messages that bring it, in the person's language."""


@dataclass
class Desk:
    """Works off the inbox, several commands at a time. `wake()` after each new row; nothing is lost without it."""

    workflow: Workflow
    inbox: Inbox
    directory: Directory
    write: Write
    now_us: Callable[[], int]
    pool: Executor
    limit: int = 16
    _under_way: set[Future[None]] = field(default_factory=set)

    def wake(self) -> None:
        """Take what waits, as far as there is room, and start it in the pool."""
        self._under_way = {future for future in self._under_way if not future.done()}
        room = self.limit - len(self._under_way)
        for asked in self.inbox.take(room, now_us=self.now_us()) if room > 0 else []:
            self._under_way.add(self.pool.submit(self.serve, asked))

    def serve(self, asked: Asked) -> Answer:
        """Have one command done; its answer and its event are stored together."""
        who, answer, kind = self._done(asked)
        event = _event(kind, asked, answer, took_us=self.now_us() - asked.at_us)
        self.inbox.finish(asked, event, self.write(answer, asked, who))
        return answer

    def _done(self, asked: Asked) -> tuple[Who, Answer, Kind]:
        raise NotImplementedError
