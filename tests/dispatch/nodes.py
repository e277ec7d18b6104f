"""A cluster of one node, kept in a directory: it outlives whoever talks to it, as a node does.

A ticket is a directory that comes to be whole or not at all, once. A command runs by the clock: it needs no process.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

from bot.action import Call, Output, Unreachable
from bot.names import NodeName
from bot.plan import Host
from bot.run import Ticket, Trace
from tests.dispatch.work import NUMBER, guard
from tests.numbered import PVE01


@dataclass(frozen=True)
class Habits:
    """Seconds. *lasts_s*: a command takes one of these. *delay_s*: each question takes up to this long on its way."""

    lasts_s: tuple[float, ...] = (0.05,)
    delay_s: float = 0.0


@dataclass(frozen=True)
class Begun:
    """What a node keeps of a ticket. *is_burnt*: whoever burnt it did not run it. *boot*: of the node at that time."""

    at_s: float
    lasts_s: float
    boot: str
    is_burnt: bool = False
    is_refused: bool = False

    @property
    def until_s(self) -> float:
        return self.at_s + self.lasts_s


@dataclass(frozen=True)
class FileNodes:
    """`Nodes` and `Hands`. What is sent is noted before it is done, so nothing is done that was not noted."""

    folder: Path
    names: tuple[NodeName, ...] = (PVE01,)

    def made(self, habits: Habits) -> FileNodes:
        (self.folder / "tickets").mkdir(parents=True)
        self.changes(habits)
        self.boots()
        return self

    def changes(self, habits: Habits) -> None:
        _write(self.folder / "habits", json.dumps(asdict(habits)))

    def ends(self, id_: str) -> None:
        """Now, and well."""
        begun = self.kept(id_)
        assert begun is not None
        lasted = replace(begun, lasts_s=time.time() - begun.at_s)
        _write(self.folder / "tickets" / id_ / "begun", json.dumps(asdict(lasted)))

    def boots(self) -> None:
        """Whatever runs there dies in the middle."""
        _write(self.folder / "boot", json.dumps({"id": uuid4().hex, "since_s": time.time()}))

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        return [Output(call.node, 0, str(NUMBER)) for call in calls]

    def host(self, _node: NodeName) -> Host:
        return Host("root@192.0.2.1:22", "SHA256:key")

    def boot_id(self, _node: NodeName) -> str:
        return self._boot()[0]

    def start(self, ticket: Ticket) -> str:
        habits = self._habits()
        self._on_the_way(habits)
        self._note(ticket)
        refused = time.time() > ticket.not_after_s + 1 or ticket.guard != guard(NUMBER)
        lasts_s = random.choice(habits.lasts_s)
        self._keep(ticket, Begun(time.time(), lasts_s, self._boot()[0], is_refused=refused))
        self._on_the_way(habits)
        return ""

    def trace(self, ticket: Ticket) -> Trace:
        self._on_the_way(self._habits())
        boot, since_s = self._boot()
        begun = self.kept(ticket.id)
        if begun is None:
            return Trace(boot, spent=False, is_active=False, result="")
        ended = _ended(begun, boot, since_s)
        return Trace(boot, spent=True, is_active=ended is None, result=ended or "")

    def burn(self, ticket: Ticket) -> bool:
        return self._keep(ticket, Begun(time.time(), 0, self._boot()[0], is_burnt=True))

    def kept(self, id_: str) -> Begun | None:
        try:
            return Begun(**json.loads((self.folder / "tickets" / id_ / "begun").read_text()))
        except FileNotFoundError:
            return None

    def sent(self) -> list[str]:
        """The tickets that somebody wanted started, each time."""
        try:
            return (self.folder / "sent").read_text().split()
        except FileNotFoundError:
            return []

    def runs(self) -> dict[str, Begun]:
        """The tickets that ran."""
        kept = {path.name: self.kept(path.name) for path in (self.folder / "tickets").iterdir() if path.suffix == ""}
        return {id_: begun for id_, begun in kept.items() if begun and not (begun.is_burnt or begun.is_refused)}

    def _keep(self, ticket: Ticket, begun: Begun) -> bool:
        """Whether it was whole until now."""
        new = self.folder / "tickets" / f"{uuid4().hex}.new"
        new.mkdir()
        (new / "begun").write_text(json.dumps(asdict(begun)))
        try:
            new.rename(self.folder / "tickets" / ticket.id)
        except OSError:  # ENOTEMPTY: somebody was here before
            shutil.rmtree(new)
            return False
        return True

    def _note(self, ticket: Ticket) -> None:
        descriptor = os.open(self.folder / "sent", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.write(descriptor, f"{ticket.id}\n".encode())
        os.fsync(descriptor)
        os.close(descriptor)

    def _habits(self) -> Habits:
        return Habits(**json.loads((self.folder / "habits").read_text()))

    def _boot(self) -> tuple[str, float]:
        boot = json.loads((self.folder / "boot").read_text())
        return boot["id"], boot["since_s"]

    def _on_the_way(self, habits: Habits) -> None:
        time.sleep(random.uniform(0, habits.delay_s))


def _ended(begun: Begun, boot: str, since_s: float) -> str | None:
    """As systemd writes it; "" if nobody wrote it, None if it runs."""
    if begun.is_burnt:
        return ""
    if begun.is_refused:
        return "exit-code"
    if begun.boot != boot and begun.until_s > since_s:
        return ""
    return None if time.time() < begun.until_s else "success exited 0"


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
