"""One node's kept connection: opened once when first needed, replaced once when found dead, closed when idle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import paramiko

from bot.action import Call, Output, Unreachable
from bot.ssh import words
from bot.ssh.connection import Connect, close, open_connection
from bot.ssh.host_keys import HostKey
from bot.ssh.login import Login
from bot.ssh.session import Hung, Lost, Session
from bot.ssh.words import unreachable

QUICK_S = 0.5


@dataclass(frozen=True)
class Borrowed:
    """A connection in use. *is_kept*: it was open before, so it may have died unnoticed."""

    transport: paramiko.Transport
    is_kept: bool


@dataclass(frozen=True)
class Failure:
    """Why no connection came about. If that took long to learn, it is believed for as long again."""

    reason: BaseException
    until: float


class KeptConnection:
    """Safe to use from many threads. The lock is never held while something is sent or awaited."""

    def __init__(self, login: Login, connect: Connect, now_us: Callable[[], int]) -> None:
        self._login, self._connect, self._now_us = login, connect, now_us
        self._lock = threading.Lock()
        self._opening: Future[paramiko.Transport] | None = None
        self._failure: Failure | None = None
        self._users: dict[paramiko.Transport, int] = {}
        self._used_at = time.monotonic()
        self._is_closed = False

    def read(self, call: Call) -> Output | Unreachable:
        """Run a command that changes nothing: a kept connection found dead is replaced, once."""
        try:
            borrowed = self._borrow()
            try:
                return self._run(borrowed, call)
            except Lost:
                if not borrowed.is_kept or self._is_closed:
                    raise
            return self._run(self._borrow(), call)
        except Lost:
            return unreachable(words.CLOSED if self._is_closed else words.LOST, self._login)
        except Hung as hung:
            return hung.reason
        except Unreachable as reason:
            return reason

    def send(self, call: Call, stdin: bytes, fingerprint: str) -> Output | Unreachable:
        """Run a command that changes something, at most once, if the host is the one with *fingerprint*.

        A connection found dead is not replaced here: nobody knows how far the command got.
        """
        try:
            borrowed = self._borrow()
            offered = _fingerprint(borrowed.transport)
            if offered != fingerprint:
                self._give_back(borrowed.transport, is_sound=True)
                return unreachable(words.OTHER_HOST, self._login, expected=fingerprint, offered=offered)
            return self._run(borrowed, call, stdin)
        except Lost:
            return unreachable(words.CLOSED if self._is_closed else words.LOST, self._login)
        except Hung as hung:
            return hung.reason
        except Unreachable as reason:
            return reason

    def fingerprint(self) -> str:
        """Of the host key on a connection that stands. Raise `Unreachable` if there is none to be had."""
        borrowed = self._borrow()
        try:
            return _fingerprint(borrowed.transport)
        finally:
            self._give_back(borrowed.transport, is_sound=True)

    def close_if_idle(self) -> None:
        """Close what nobody uses and nobody used for long."""
        with self._lock:
            is_idle = not self._users and time.monotonic() - self._used_at >= self._login.idle_s
            kept = self._take() if is_idle else None
        if kept is not None:
            close(kept)

    def close(self) -> None:
        """Close everything, also what is in use; what is asked later is not answered."""
        with self._lock:
            self._is_closed = True
            kept = self._take()
            all_ = {*self._users, *([kept] if kept else [])}
        for transport in all_:
            close(transport)

    def _run(self, borrowed: Borrowed, call: Call, stdin: bytes = b"") -> Output:
        is_sound = False
        try:
            output = Session(self._login, call, self._now_us, stdin).run(borrowed.transport)
            is_sound = True
        except Unreachable:
            is_sound = True
            raise
        else:
            return output
        finally:
            self._give_back(borrowed.transport, is_sound=is_sound)

    def _borrow(self) -> Borrowed:
        with self._lock:
            if self._is_closed:
                raise unreachable(words.CLOSED, self._login)
            if self._failure is not None and time.monotonic() < self._failure.until:
                raise self._failure.reason
            opening, is_mine = self._opening, False
            if opening is None or _is_dead(opening):
                opening, is_mine = Future(), True
                self._opening = opening
        if is_mine:
            self._open(opening)
        transport = opening.result()
        with self._lock:
            self._users[transport] = self._users.get(transport, 0) + 1
        return Borrowed(transport, is_kept=not is_mine)

    def _open(self, opening: Future[paramiko.Transport]) -> None:
        begun = time.monotonic()
        try:
            transport = open_connection(self._login, self._connect)
        except BaseException as error:  # noqa: BLE001 - handed on to everyone who waits for this connection
            self._forget(opening, Failure(error, _believed_until(begun, time.monotonic())))
            opening.set_exception(error)
            return
        with self._lock:
            is_too_late = self._is_closed
        if is_too_late:
            close(transport)
        opening.set_result(transport)

    def _forget(self, opening: Future[paramiko.Transport], failure: Failure) -> None:
        with self._lock:
            self._failure = failure
            if self._opening is opening:
                self._opening = None

    def _give_back(self, transport: paramiko.Transport, *, is_sound: bool) -> None:
        with self._lock:
            self._used_at = time.monotonic()
            self._users[transport] -= 1
            if not self._users[transport]:
                del self._users[transport]
            if not is_sound and self._keeps(transport):
                self._opening = None
            is_over = transport not in self._users and not self._keeps(transport)
        if is_over:
            close(transport)

    def _keeps(self, transport: paramiko.Transport) -> bool:
        return self._opening is not None and self._opening.done() and self._opening.result() is transport

    def _take(self) -> paramiko.Transport | None:
        if self._opening is None or not self._opening.done():
            return None
        opening, self._opening = self._opening, None
        return opening.result()


def _is_dead(opening: Future[paramiko.Transport]) -> bool:
    return opening.done() and (opening.exception() is not None or not opening.result().is_active())


def _fingerprint(transport: paramiko.Transport) -> str:
    key = transport.get_remote_server_key()
    return HostKey(key.get_name(), key.asbytes()).fingerprint


def _believed_until(begun: float, now: float) -> float:
    """Everyone who asks a hung node in the meantime would wait as long; a quick refusal is as quickly asked again."""
    took_s = now - begun
    return now + took_s if took_s >= QUICK_S else now
