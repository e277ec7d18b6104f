"""A fuse in a process of the test's own: at one call of a port, before or after it, the process kills itself."""

from __future__ import annotations

import functools
import os
import signal
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal, Self

from bot.request import Progress, Request

When = Literal["before", "after"]


@dataclass(frozen=True)
class Point:
    """*number*: which call of *port* it is, of those that count: not one that takes nothing from the inbox, nor one that
    only writes down what a step printed meanwhile.
    """

    port: str
    number: int
    when: When

    def __str__(self) -> str:
        return f"{self.when}-{self.port}-{self.number}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The opposite of `str`."""
        when, port, number = text.split("-")
        return cls(port, int(number), "before" if when == "before" else "after")


@dataclass
class Fuse:
    """*is_lit*: whether calls count yet. They may come from any thread."""

    point: Point
    is_lit: bool = True
    _calls: int = 0
    _stands: object = None
    _lock: Lock = field(default_factory=Lock)

    def laid(self, owner: type) -> None:
        """At the port of *owner*, in this process alone."""
        call = getattr(owner, self.point.port)

        @functools.wraps(call)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self._burns("before", 1)
            answer = call(*args, **kwargs)
            self._burns("after", int(self._counts(answer)))
            return answer

        setattr(owner, self.point.port, wrapped)

    def _burns(self, when: When, step: int) -> None:
        """A call counts when it is over; one that is about to be made is the next."""
        if not self.is_lit:
            return
        with self._lock:
            if when == self.point.when and self._calls + step == self.point.number:
                os.kill(os.getpid(), signal.SIGKILL)
            self._calls += step if when == "after" else 0

    def _counts(self, answer: object) -> bool:
        if not isinstance(answer, Request):
            return answer != []
        before, self._stands = self._stands, (answer.state, answer.fence, answer.votes, _progress(answer))
        return self._stands != before


def _progress(request: Request) -> list[Progress]:
    return [step.progress for step in request.steps]
