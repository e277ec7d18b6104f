"""Transient systemd units on one simulated node: each burns its ticket, asks its guard, acts, and leaves its result."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from bot.demo.cluster.acting import Act, Stage
from bot.demo.cluster.said import Said

BEFORE, BURNS = ("ExecCondition", "ExecStartPre"), "/usr/bin/mkdir"
LIMIT_S = 90.0  # systemd's own, where a unit names none
TIMED_OUT = 124
TOO_LATE = "timeout killed TERM"
POLL_S = 0.02


@dataclass(frozen=True)
class Left:
    """What a node's disk keeps of one ticket."""

    guard: str = ""
    spent: bool = False
    out: str = ""
    err: str = ""
    result: str = ""


@dataclass(frozen=True)
class Unit:
    """What `systemd-run` was told, as far as it matters here. *before*: what runs first, in order."""

    ticket: str
    before: tuple[tuple[str, ...], ...]
    limit_s: float
    argv: tuple[str, ...]
    secret: str = ""


@dataclass(frozen=True)
class Step:
    """What became of a stage. *goes_on*: the next one comes."""

    said: Said
    goes_on: bool = True


@dataclass
class Running:
    """*cut*: its node lost power."""

    cut: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


def read_unit(words: tuple[str, ...]) -> Unit:
    """Of the words after `systemd-run`. Raise `ValueError` for what is no such unit."""
    at = words.index("--")
    options = words[:at]
    properties = [value.partition("=")[::2] for flag, value in pairwise(options) if flag == "-p"]
    ticket = next((word.partition("pve-cluster-bot-")[2] for word in options if word.startswith("--unit=")), "")
    before = tuple(tuple(shlex.split(value)) for name, value in properties if name in BEFORE)
    limit_s = float(dict(properties).get("TimeoutStartSec", LIMIT_S))
    return Unit(ticket, before, limit_s, words[at + 1 :])


@dataclass
class Units:
    """*judge* runs a shell script on the node, for so many seconds at most.

    *act*: what a command with its secret is; *ready*: whether a stage of it can be done now; *do* does it.
    *changed* is told whenever something on the disk did. *pace*: what a second of a stage's time lasts.
    """

    judge: Callable[[str, float], Said]
    act: Callable[[tuple[str, ...], str], Act]
    ready: Callable[[Stage], bool]
    do: Callable[[Stage], Step]
    changed: Callable[[], None]
    pace: float = 1.0
    kept: dict[str, Left] = field(default_factory=dict)
    _running: dict[str, Running] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, unit: Unit, guard: str) -> Said:
        """`systemd-run --no-block`: started, not awaited."""
        with self._lock:
            self._keep(unit, guard=guard)
            if unit.ticket in self._running:
                return Said("", LOADED.format(ticket=unit.ticket), 1)
            running = self._running[unit.ticket] = Running()
            running.thread = threading.Thread(target=self._run, args=(unit, running), name=unit.ticket, daemon=True)
            running.thread.start()
        return Said()

    def left(self, ticket: str) -> Left:
        return self.kept.get(ticket, Left())

    def is_active(self, ticket: str) -> bool:
        return ticket in self._running

    def burn(self, ticket: str) -> bool:
        """Whether this burnt it."""
        with self._lock:
            if self.left(ticket).spent:
                return False
            self.kept[ticket] = replace(self.left(ticket), spent=True)
            self.changed()
            return True

    def cut(self) -> None:
        """End all that runs, where it stands and without a trace, as when the power goes."""
        with self._lock:
            ended = list(self._running.values())
            self._running.clear()
            for one in ended:
                one.cut.set()
        for one in ended:
            if one.thread is not None:
                one.thread.join()

    def _run(self, unit: Unit, running: Running) -> None:
        failed = next(filter(None, (self._fails(unit, words) for words in unit.before)), "")
        ended = failed or self._act(unit, running)
        with self._lock:
            if running.cut.is_set():
                return
            self._keep(unit, result=ended)
            del self._running[unit.ticket]

    def _act(self, unit: Unit, running: Running) -> str:
        """How it ended; the last stage has written it down already, together with what it did."""
        end = time.monotonic() + unit.limit_s
        stages = self.act(unit.argv, unit.secret).stages
        for number, stage in enumerate(stages, 1):
            if not self._comes(stage, running, end):
                return TOO_LATE
            with self._lock:
                if running.cut.is_set():
                    return ""
                step = self.do(stage)
                result = _result(step.said) if not step.goes_on or number == len(stages) else ""
                self._keep(unit, said=step.said, result=result)
            if result:
                break
        return result

    def _comes(self, stage: Stage, running: Running, end: float) -> bool:
        """Wait until its time has come and it is ready: false when the unit's own time was over before."""
        takes_s, left_s = stage.takes_s * self.pace, max(end - time.monotonic(), 0)
        running.cut.wait(min(takes_s, left_s))
        while not running.cut.is_set() and (takes_s > left_s or not self.ready(stage)):
            if time.monotonic() >= end:
                return False
            running.cut.wait(POLL_S)
        return True

    def _fails(self, unit: Unit, words: tuple[str, ...]) -> str:
        """$SERVICE_RESULT if what runs before the command did not succeed, else ""."""
        said = self._before(unit, words)
        if said.exit:
            self._keep(unit, said=said)
        why = "exec-condition" if words[0] == BURNS else "exit-code"
        return {0: "", TIMED_OUT: "timeout"}.get(said.exit, why)

    def _before(self, unit: Unit, words: tuple[str, ...]) -> Said:
        match words:
            case (program, path) if program == BURNS:
                return Said() if self.burn(unit.ticket) else Said("", SPENT.format(path=path), 1)
            case ("/usr/bin/sync", _):
                return Said()
            case ("/bin/sh", "-c", script):
                return self.judge(script.replace("%%", "%"), unit.limit_s)
            case ("/bin/sh", _):
                return self.judge(self.left(unit.ticket).guard, unit.limit_s)
        return Said("", f"{words[0]}: not on this node\n", 127)

    def _keep(self, unit: Unit, said: Said | None = None, result: str = "", guard: str | None = None) -> None:
        """Output is appended; a result that is there stays (`set -C`)."""
        said = said or Said()
        with self._lock:
            old = self.left(unit.ticket)
            new = Left(old.guard if guard is None else guard, old.spent, old.out + said.stdout, old.err + said.stderr)
            self.kept[unit.ticket] = replace(new, result=old.result or result)
            self.changed()


def _result(said: Said) -> str:
    return f"{'exit-code' if said.exit else 'success'} exited {said.exit}"


SPENT = "/usr/bin/mkdir: cannot create directory '{path}': File exists\n"
LOADED = (
    "Failed to start transient service unit: Unit pve-cluster-bot-{ticket}.service was already loaded or has a fragment "
    "file.\n"
)
