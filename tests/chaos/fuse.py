"""A fuse in a process of the test's own: at one call of a port, before or after it, the process kills itself."""

from __future__ import annotations

import functools
import os
import signal
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal, Self

When = Literal["before", "after"]


@dataclass(frozen=True)
class Point:
    """*number*: which call of *port* it is; one that takes nothing from the inbox does not count."""

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
    _lock: Lock = field(default_factory=Lock)

    def laid(self, owner: type) -> None:
        """At the port of *owner*, in this process alone."""
        call = getattr(owner, self.point.port)

        @functools.wraps(call)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self._burns("before", 1)
            answer = call(*args, **kwargs)
            self._burns("after", int(answer != []))
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
