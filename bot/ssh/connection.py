"""One verified, logged-in connection to one node. Until its host key is verified nothing of ours is sent."""

from __future__ import annotations

import errno
import logging
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import paramiko

from bot.action import Unreachable
from bot.ssh import words
from bot.ssh.host_keys import HostKey, expected, refusal
from bot.ssh.login import Login
from bot.ssh.words import not_connected, unreachable

Connect = Callable[[str, int, float], socket.socket]

# What paramiko says of a garbled peer is a traceback; the reason is in our own words, so it needs no handler of last resort.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


def connect_tcp(host: str, port: int, timeout_s: float) -> socket.socket:
    """The ordinary way to a node: by the machine's own network."""
    return socket.create_connection((host, port), timeout_s)


@dataclass(frozen=True)
class Handshake:
    """A node that proved to own the host key it shows. *refusal*: why that is not a key we trust."""

    login: Login
    transport: paramiko.Transport
    offered: HostKey
    refusal: Unreachable | None
    deadline: float

    def log_in(self) -> None:
        """Raise `Unreachable` if the host key is not trusted or the node refuses the login."""
        if self.refusal is not None:
            raise self.refusal
        key = _private_key(self.login)
        self.transport.auth_timeout = max(0.1, self.deadline - time.monotonic())
        try:
            self.transport.auth_publickey(self.login.user, key)
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise self._not_logged_in(error) from error
        self.transport.set_keepalive(self.login.keepalive_s)

    def _not_logged_in(self, error: Exception) -> Unreachable:
        if time.monotonic() >= self.deadline:
            return unreachable(words.LOGIN_TOO_SLOW, self.login, limit=f"{self.login.auth_timeout_s:g}")
        if isinstance(error, paramiko.AuthenticationException):
            return unreachable(words.LOGIN_REFUSED, self.login)
        return unreachable(words.LOST, self.login)


def open_connection(login: Login, connect: Connect) -> paramiko.Transport:
    """Raise `Unreachable` with the reason if any part of it fails; nothing stays open then."""
    handshake = shake_hands(login, connect)
    try:
        handshake.log_in()
    except BaseException:
        close(handshake.transport)
        raise
    return handshake.transport


def shake_hands(login: Login, connect: Connect) -> Handshake:
    """Raise `Unreachable` unless there is an SSH server that proves to own some host key."""
    known = expected(login)
    sock = _connected(login, connect)
    deadline = time.monotonic() + login.auth_timeout_s
    transport = _transport(login, sock)
    try:
        options = transport.get_security_options()
        options.key_types = known.preferred(options.key_types)
        _exchange_keys(login, transport, deadline)
        key = transport.get_remote_server_key()
        offered = HostKey(key.get_name(), key.asbytes())
        return Handshake(login, transport, offered, refusal(login, known, offered), deadline)
    except BaseException:
        close(transport)
        raise


def close(transport: paramiko.Transport) -> None:
    """End its thread and its socket, also when the handshake was never done."""
    transport.close()
    transport.sock.close()
    if transport.is_alive():
        transport.join(2)  # it looks at its closed socket every 0.1 s


def _connected(login: Login, connect: Connect) -> socket.socket:
    try:
        sock = connect(login.host, login.port, login.connect_timeout_s)
    except OSError as error:
        raise not_connected(error, login) from error
    # Without it a warm command takes 48 ms instead of 4 (Nagle against the delayed ACK of small packets).
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _transport(login: Login, sock: socket.socket) -> paramiko.Transport:
    try:
        transport = paramiko.Transport(sock)
    except BaseException:
        sock.close()
        raise
    transport.daemon = True
    transport.banner_timeout = transport.handshake_timeout = login.auth_timeout_s
    return transport


def _exchange_keys(login: Login, transport: paramiko.Transport, deadline: float) -> None:
    done = threading.Event()
    transport.start_client(event=done)
    in_time = done.wait(max(0.0, deadline - time.monotonic()))
    if in_time and transport.is_active():
        return
    error = transport.get_exception()
    if not in_time or time.monotonic() >= deadline:
        raise unreachable(words.SILENT, login, limit=f"{login.auth_timeout_s:g}")
    raise unreachable(words.NOT_SSH, login, error=_reason(error))


def _reason(error: Exception | None) -> str:
    if error is None or isinstance(error, EOFError):
        return errno.errorcode[errno.ECONNRESET]
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _private_key(login: Login) -> paramiko.PKey:
    try:
        return paramiko.PKey.from_path(login.key)
    except OSError as error:
        raise unreachable(words.KEY_UNUSABLE, login, error=error.strerror) from error
    except (paramiko.SSHException, ValueError, TypeError, paramiko.pkey.UnknownKeyType) as error:
        raise unreachable(words.KEY_UNUSABLE, login, error=_reason(error)) from error
