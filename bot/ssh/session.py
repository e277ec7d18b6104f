"""One command in one session of an open connection: sent, read to its end, or given up in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

import paramiko

from bot.action import Call, Output, Unreachable
from bot.names import shortened
from bot.ssh import words
from bot.ssh.login import Login
from bot.ssh.remote_line import KILL_AFTER_S, remote_line
from bot.ssh.words import unreachable

MOST_BYTES = 1 << 20
SLACK_S = 1.0  # for the way there and back, on top of what the node itself enforces
LOOK_AT_STDERR_S = 0.2
SESSION_AGAIN_S = 0.02
CHUNK = 1 << 16
TIMED_OUT, KILLED = 124, 137  # timeout(1); 137 also after its KILL


class Lost(Exception):
    """The connection ended before the answer did."""


class Hung(Exception):
    """The node kept the connection and said nothing in time."""

    def __init__(self, reason: Unreachable) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass
class Stream:
    """What came on one stream, as far as it is kept."""

    kept: bytearray = field(default_factory=bytearray)
    truncated: bool = False

    def add(self, chunk: bytes) -> None:
        room = MOST_BYTES - len(self.kept)
        self.kept += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room

    @property
    def text(self) -> str:
        """Any bytes; `encode(errors="surrogateescape")` gives them back."""
        return self.kept.decode(errors="surrogateescape")


@dataclass
class Session:
    """Runs *call*; *now_us* is the bot's clock."""

    login: Login
    call: Call
    now_us: Callable[[], int]
    stdin: bytes = b""
    stdout: Stream = field(default_factory=Stream)
    stderr: Stream = field(default_factory=Stream)

    def run(self, transport: paramiko.Transport) -> Output:
        """Raise `Lost` or `Hung` as the connection does, `Unreachable` if it is sound but the command gave no answer."""
        channel = self._opened(transport)
        try:
            sent_at_us, start = self.now_us(), time.monotonic()
            deadline = start + self.call.timeout_s + KILL_AFTER_S + SLACK_S
            self._send(channel, deadline - start)
            self._read(channel, deadline)
            exit_ = self._exit(channel, transport, deadline)
            output = self._output(exit_, sent_at_us, time.monotonic() - start)
            return replace(output, key=_login_key(transport))
        finally:
            _close(channel)

    def _opened(self, transport: paramiko.Transport) -> paramiko.Channel:
        limit_s = self.login.connect_timeout_s
        deadline = time.monotonic() + limit_s
        while True:
            begun = time.monotonic()
            try:
                return transport.open_session(timeout=limit_s)
            except (EOFError, OSError) as error:
                raise Lost from error
            except paramiko.SSHException as error:
                # paramiko keeps the reason in one place for all threads, so which class arrives says nothing.
                is_refused = transport.is_active() and time.monotonic() - begun < limit_s
                if not is_refused:
                    raise Lost from error
                if time.monotonic() >= deadline:
                    raise unreachable(words.NO_SESSION, self.login) from error
            # sshd counts a session that just ended against MaxSessions for a moment; nothing was run yet.
            time.sleep(SESSION_AGAIN_S)

    def _send(self, channel: paramiko.Channel, limit_s: float) -> None:
        line = remote_line(self.call.argv, self.call.timeout_s, sudo=self.login.sudo)
        # paramiko waits without limit for the node to confirm; closing the channel ends that wait.
        giving_up = threading.Timer(limit_s, _close, (channel,))
        giving_up.daemon = True
        giving_up.start()
        begun = time.monotonic()
        try:
            channel.exec_command(line.encode())
            self._write(channel)
        except (paramiko.SSHException, EOFError, OSError) as error:
            if time.monotonic() - begun >= limit_s:
                raise Hung(self._too_late()) from error
            raise Lost from error
        finally:
            giving_up.cancel()
            giving_up.join()

    def _write(self, channel: paramiko.Channel) -> None:
        try:
            if self.stdin:
                channel.sendall(self.stdin)
            channel.shutdown_write()
        except OSError:
            # A command that ended before it read everything has an answer, which is read next.
            if not (channel.closed and channel.get_transport().is_active()):
                raise

    def _read(self, channel: paramiko.Channel, deadline: float) -> None:
        ends = [
            (channel.recv, channel.recv_ready, self.stdout),
            (channel.recv_stderr, channel.recv_stderr_ready, self.stderr),
        ]
        while ends:
            receive, _, stream = ends[0]
            channel.settimeout(self._slice(deadline))
            try:
                chunk = receive(CHUNK)
            except TimeoutError:
                # A full window of the other stream would stop this one for ever: empty it now and then.
                for other, is_ready, into in ends[1:]:
                    while is_ready():
                        into.add(other(CHUNK))
                continue
            stream.add(chunk)
            if not chunk:
                ends.pop(0)

    def _slice(self, deadline: float) -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Hung(self._too_late())
        return min(left, LOOK_AT_STDERR_S)

    def _exit(self, channel: paramiko.Channel, transport: paramiko.Transport, deadline: float) -> int:
        if not channel.status_event.wait(max(0.0, deadline - time.monotonic())):
            raise Hung(self._too_late())
        if channel.exit_status >= 0:
            return channel.exit_status
        if not transport.is_active():
            raise Lost
        raise unreachable(words.SIGNALLED, self.login, command=self._command)

    def _output(self, exit_: int, sent_at_us: int, took_s: float) -> Output:
        if exit_ in {TIMED_OUT, KILLED} and took_s >= self.call.timeout_s:
            raise self._too_late()
        if self.login.sudo and _is_refused_by_sudo(exit_, self.stdout.text, self.stderr.text):
            raise unreachable(words.SUDO_REFUSED, self.login, error=shortened(self.stderr.text.strip(), 200))
        truncated = self.stdout.truncated or self.stderr.truncated
        took_us = round(took_s * 1e6)
        return Output(self.call.node, exit_, self.stdout.text, self.stderr.text, truncated, sent_at_us, took_us)

    def _too_late(self) -> Unreachable:
        return unreachable(words.TOO_LATE, self.login, command=self._command, limit=self.call.timeout_s)

    @property
    def _command(self) -> str:
        return shortened(" ".join(self.call.argv))


def _login_key(transport: paramiko.Transport) -> str:
    """The public key that this connection logged in with, as a line of authorized_keys begins."""
    key = transport.auth_handler.private_key if transport.auth_handler else None
    return f"{key.get_name()} {key.get_base64()}" if key else ""


def _close(channel: paramiko.Channel) -> None:
    """What a connection that has just died has to say to this is known already."""
    with suppress(EOFError, OSError, paramiko.SSHException):
        channel.close()


def _is_refused_by_sudo(exit_: int, stdout: str, stderr: str) -> bool:
    # sudo(8) speaks before LC_ALL=C holds, so only its name and this one sentence can be relied upon.
    if exit_ == 127:
        return "sudo: " in stderr and "env: " not in stderr
    return exit_ == 1 and not stdout and stderr.lstrip().startswith(("sudo: ", "Sorry, user "))
