import os
import signal
import socket
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.action import Output
from bot.ssh.nodes import SshNodes
from tests.ssh.sshd import (
    PVE01,
    SSHD,
    Counting,
    Sshd,
    call,
    deaf_server,
    nodes_of,
    one,
    raw_server,
    reason,
    running_sshd,
    until,
)

OWN_SSHD = "p=$PPID; until ps -o comm= -p $p | grep -q ^sshd; do p=$(ps -o ppid= -p $p); done; "


@pytest.mark.skipif(SSHD is None, reason="sshd is not installed")
def test_what_is_above_the_nodes_own_limit_of_sessions_waits(tmp_path: Path):
    with running_sshd(tmp_path, "MaxSessions 2") as sshd, closing(nodes_of(pve01=sshd.login())) as nodes:
        said = [
            o.stdout
            for o in nodes.ask([call("sh", "-c", f"sleep 0.2; echo {i}") for i in range(8)])
            if isinstance(o, Output)
        ]
    assert said == [f"{i}\n" for i in range(8)]


@pytest.mark.skipif(SSHD is None, reason="sshd is not installed")
def test_a_node_without_sessions_says_so(tmp_path: Path):
    with (
        running_sshd(tmp_path, "MaxSessions 0") as sshd,
        closing(nodes_of(pve01=sshd.login(connect_timeout_s=0.5))) as nodes,
    ):
        (answer,) = nodes.ask([call("true")])
    assert "MaxSessions" in reason(answer)


def test_a_dead_kept_connection_is_replaced_once(sshd: Sshd):
    connect = Counting()
    with closing(nodes_of(connect, pve01=sshd.login())) as nodes:
        session = one(nodes, "sh", "-c", "ps -o ppid= -p $PPID; echo $PPID").stdout.split()
        assert session
        connect.sockets[0].shutdown(2)
        assert one(nodes, "echo", "again").stdout == "again\n"
        assert len(connect.sockets) == 2


def test_a_connection_that_dies_in_the_command_each_time_is_not_asked_a_third_time(sshd: Sshd):
    connect = Counting()
    with closing(nodes_of(connect, pve01=sshd.login())) as nodes:
        one(nodes, "true")
        (answer,) = nodes.ask([call("sh", "-c", OWN_SSHD + "kill -9 $p")])
        assert "was lost" in reason(answer)
        assert len(connect.sockets) == 2


def test_a_kept_connection_whose_other_end_went_mute_is_replaced(sshd: Sshd):
    connect = Counting()
    with closing(nodes_of(connect, pve01=sshd.login(connect_timeout_s=1))) as nodes:
        mute = int(one(nodes, "sh", "-c", OWN_SSHD + "echo $p").stdout)
        os.kill(mute, signal.SIGSTOP)
        try:
            assert one(nodes, "echo", "again").stdout == "again\n"
        finally:
            os.kill(mute, signal.SIGKILL)
        assert len(connect.sockets) == 2


def test_a_node_that_hangs_before_it_confirms_the_command_is_given_up(sshd: Sshd):
    before, start = set(threading.enumerate()), time.monotonic()
    with deaf_server(sshd.folder) as port:
        login = sshd.login(port=port, known_hosts=sshd.folder / "deaf_known_hosts")
        with closing(nodes_of(pve01=login)) as nodes:
            (answer,) = nodes.ask([call("true", timeout_s=1)])
    assert "did not finish within 1 s" in reason(answer)
    assert time.monotonic() - start < 6
    until(lambda: set(threading.enumerate()) <= before)


def test_an_idle_connection_is_closed(sshd: Sshd):
    connect = Counting()
    with closing(nodes_of(connect, pve01=sshd.login(idle_s=0.1))) as nodes:
        one(nodes, "true")
        until(lambda: connect.sockets[0].fileno() == -1)
        one(nodes, "true")
        assert len(connect.sockets) == 2


def test_a_silent_node_costs_its_wait_once_however_many_ask(sshd: Sshd):
    connect = Counting()
    with raw_server() as port:
        login = sshd.login(port=port, auth_timeout_s=1, channels=2)
        with closing(nodes_of(connect, pve01=login)) as nodes:
            answers = nodes.ask([call("true") for _ in range(16)])
    assert {reason(answer) for answer in answers} == {reason(answers[0])}
    assert "did not end within 1 s" in reason(answers[0])
    assert len(connect.sockets) == 1


def test_a_node_that_was_silent_is_tried_again(sshd: Sshd):
    connect = Counting()
    with raw_server() as port:
        login = sshd.login(port=port, auth_timeout_s=0.6)
        with closing(nodes_of(connect, pve01=login)) as nodes:
            until(lambda: bool(nodes.ask([call("true")])) and len(connect.sockets) == 2)


def test_a_node_that_comes_up_again_is_reached_at_once(sshd: Sshd):
    """To be refused takes no time, so nothing is remembered of it."""
    away = [True]

    def connect(host: str, port: int, timeout_s: float) -> socket.socket:
        if away.pop():
            raise ConnectionRefusedError
        return socket.create_connection((host, port), timeout_s)

    with closing(SshNodes({PVE01: sshd.login()}, now_us=lambda: 42, connect=connect)) as nodes:
        assert "refuses connections" in reason(nodes.ask([call("true")])[0])
        away.append(False)
        assert one(nodes, "echo", "back").stdout == "back\n"
