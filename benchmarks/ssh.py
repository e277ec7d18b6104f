"""How long it takes to ask 1, 8 and 32 nodes, against bare paramiko in threads with the same remote line."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median

import paramiko

from benchmarks.figure import Figure
from bot.action import Call, Output
from bot.names import NodeName
from bot.ssh.login import Login
from bot.ssh.nodes import SshNodes
from bot.ssh.remote_line import remote_line
from tests.ssh.sshd import running_sshd

QUICK, HALF_A_SECOND = ("true",), ("sleep", "0.5")
ROUNDS = {1: 15, 8: 7, 32: 3}


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, running_sshd(Path(folder)) as sshd:
        login = sshd.login()
        return [*(_against_bare(login, count) for count in (1, 8, 32)), _many_against_one(login)]


def _against_bare(login: Login, count: int) -> Figure:
    with _asking(login, count, QUICK) as ours, _bare(login, count, QUICK) as bare:
        pairs = [(_ms(ours), _ms(bare)) for _ in range(ROUNDS[count])]  # in turn, so that a busy moment meets both
    ours_ms, bare_ms = median(p[0] for p in pairs), median(p[1] for p in pairs)
    note = f"{ours_ms:.1f} ms, bare {bare_ms:.1f} ms"
    return Figure(f"ssh: ask {count} nodes, warm, against bare paramiko", ours_ms / bare_ms, "x", 1.3, note)


def _many_against_one(login: Login) -> Figure:
    with _asking(login, 32, HALF_A_SECOND) as many, _asking(login, 1, HALF_A_SECOND) as single:
        pairs = [(_ms(many), _ms(single)) for _ in range(3)]
    many_ms, one_ms = median(p[0] for p in pairs), median(p[1] for p in pairs)
    note = f"{many_ms:.0f} ms, one {one_ms:.0f} ms"
    return Figure("ssh: a command of 0.5 s on 32 nodes, against one", many_ms / one_ms, "x", 1.5, note)


@contextmanager
def _asking(login: Login, count: int, argv: tuple[str, ...]) -> Iterator[Callable[[], None]]:
    names = [NodeName(f"pve{i:02}") for i in range(1, count + 1)]
    calls = [Call(name, argv) for name in names]
    with closing(SshNodes(dict.fromkeys(names, login), now_us=lambda: 0)) as nodes:

        def ask() -> None:
            if not all(isinstance(output, Output) for output in nodes.ask(calls)):
                raise RuntimeError("a node did not answer")

        ask()
        yield ask


@contextmanager
def _bare(login: Login, count: int, argv: tuple[str, ...]) -> Iterator[Callable[[], None]]:
    line = remote_line(argv, 20, sudo=False)
    with ExitStack() as stack, ThreadPoolExecutor(count) as threads:
        clients = [stack.enter_context(_client(login)) for _ in range(count)]

        def execute(client: paramiko.SSHClient) -> None:
            _, stdout, stderr = client.exec_command(line)
            stdout.read(), stderr.read(), stdout.channel.recv_exit_status()
            stdout.channel.close()

        def ask() -> None:
            list(threads.map(execute, clients))

        ask()
        yield ask


def _client(login: Login) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_host_keys(str(login.known_hosts))
    sock = socket.create_connection((login.host, login.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.connect(
        login.host,
        login.port,
        login.user,
        key_filename=str(login.key),
        sock=sock,
        allow_agent=False,
        look_for_keys=False,
    )
    return client


def _ms(ask: Callable[[], None]) -> float:
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000
