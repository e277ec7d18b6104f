"""What may change something is sent once, with what it reads, to the host that was approved, or not at all."""

import os
import signal
import socket
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.action import Output
from bot.names import NodeName
from bot.ssh.connection import Connect
from bot.ssh.host_keys import HostKey
from bot.ssh.kept import KeptConnection
from bot.ssh.login import Login
from bot.ssh.nodes import SshNodes
from bot.ssh.once import Once
from tests.ssh.sshd import PVE01, Counting, Sshd, call, reason

OWN_SSHD = "p=$PPID; until ps -o comm= -p $p | grep -q ^sshd; do p=$(ps -o ppid= -p $p); done; "
MUCH = b"x" * 4_000_000  # more than paramiko's window


@contextmanager
def kept(login: Login, connect: Connect) -> Iterator[KeptConnection]:
    with closing(KeptConnection(login, connect, lambda: 42)) as connection:
        yield connection


def sent(connection: KeptConnection, script: str, stdin: bytes = b"", timeout_s: int = 10) -> Output:
    output = connection.send(call("sh", "-c", script, timeout_s=timeout_s), stdin, connection.fingerprint())
    assert isinstance(output, Output), output
    return output


@pytest.mark.parametrize("stdin", [b"", b"true\n", bytes(range(256)), MUCH])
def test_what_is_to_be_read_arrives_whole_and_ends(sshd: Sshd, stdin: bytes) -> None:
    with kept(sshd.login(), Counting()) as connection:
        assert sent(connection, "cksum; head -c 1", stdin).stdout == _cksum(stdin)


def _cksum(stdin: bytes) -> str:
    return subprocess.run(["cksum"], input=stdin, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("reads", ["", "head -c 100000 >/dev/null; "])
def test_a_command_that_ends_before_it_read_everything_has_an_answer(sshd: Sshd, reads: str) -> None:
    connect = Counting()
    with kept(sshd.login(), connect) as connection:
        output = sent(connection, reads + "echo no space >&2; exit 3", MUCH)
        assert (output.exit, output.stderr) == (3, "no space\n")
        assert sent(connection, "echo next").stdout == "next\n"
    assert len(connect.sockets) == 1


def test_a_command_that_is_killed_while_it_reads_is_no_success(sshd: Sshd) -> None:
    with kept(sshd.login(), Counting()) as connection:
        dying = call("sh", "-c", "head -c 100000 >/dev/null; kill -9 $$")
        assert "before it could say how it went" in reason(connection.send(dying, MUCH, connection.fingerprint()))


def test_a_command_that_never_reads_is_given_up_in_its_time(sshd: Sshd) -> None:
    begun = time.monotonic()
    with kept(sshd.login(), Counting()) as connection:
        answer = connection.send(call("sleep", "30.5", timeout_s=1), MUCH, connection.fingerprint())
    assert "did not finish within 1 s" in reason(answer)
    assert time.monotonic() - begun < 5


def test_a_connection_that_dies_in_the_command_is_not_asked_again(sshd: Sshd, tmp_path: Path) -> None:
    connect, count = Counting(), tmp_path / "count"
    script = f"echo once >> {count}; {OWN_SSHD} kill -9 $p"
    with kept(sshd.login(), connect) as connection:
        fingerprint = connection.fingerprint()
        answer = connection.send(call("sh", "-c", script), b"", fingerprint)
    assert "was lost" in reason(answer)
    assert count.read_text() == "once\n"
    assert len(connect.sockets) == 1


def test_a_kept_connection_that_went_mute_is_not_replaced_to_send_again(sshd: Sshd, tmp_path: Path) -> None:
    connect, count = Counting(), tmp_path / "count"
    with kept(sshd.login(connect_timeout_s=1), connect) as connection:
        fingerprint, mute = connection.fingerprint(), int(sent(connection, OWN_SSHD + "echo $p").stdout)
        os.kill(mute, signal.SIGSTOP)
        try:
            answer = connection.send(call("sh", "-c", f"echo once >> {count}"), b"", fingerprint)
        finally:
            os.kill(mute, signal.SIGKILL)
        assert "was lost" in reason(answer)
        assert len(connect.sockets) == 1
        assert not count.exists()


def test_a_connection_known_to_be_dead_is_replaced_before_anything_is_sent(sshd: Sshd, tmp_path: Path) -> None:
    connect, count = Counting(), tmp_path / "count"
    with kept(sshd.login(), connect) as connection:
        connection.send(call("sh", "-c", OWN_SSHD + "kill -9 $p"), b"", connection.fingerprint())
        sent(connection, f"echo once >> {count}")
    assert count.read_text() == "once\n"
    assert len(connect.sockets) == 2


def test_a_host_with_another_key_than_the_approved_one_is_sent_nothing(sshd: Sshd, tmp_path: Path) -> None:
    connect, count = Counting(), tmp_path / "count"
    with kept(sshd.login(), connect) as connection:
        answer = connection.send(call("touch", str(count)), b"", "SHA256:approved")
        offered = connection.fingerprint()
        assert reason(answer).count(offered) == reason(answer).count("SHA256:approved") == 1
        assert sent(connection, "echo next").stdout == "next\n"
    assert not count.exists()
    assert len(connect.sockets) == 1


def test_a_connection_that_was_refused_for_its_key_is_closed_when_idle(sshd: Sshd) -> None:
    connect = Counting()
    with kept(sshd.login(idle_s=0), connect) as connection:
        connection.send(call("true"), b"", "SHA256:approved")
        connection.close_if_idle()
        assert connect.sockets[0].fileno() == -1


def test_a_host_is_named_by_its_login_and_the_key_it_shows(sshd: Sshd) -> None:
    with closing(SshNodes({PVE01: sshd.login()}, now_us=lambda: 42)) as nodes:
        host = nodes.host(PVE01)
    login = sshd.login()
    assert host.login == f"{login.user}@127.0.0.1:{sshd.port}"
    assert host.fingerprint == _fingerprint(sshd)


def test_a_host_by_a_long_address_and_with_sudo_says_so(sshd: Sshd) -> None:
    def connect(_host: str, port: int, timeout_s: float) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), timeout_s)

    login = sshd.login(host="::1", known_hosts=None, fingerprints=frozenset({_fingerprint(sshd)}), sudo=True)
    with kept(login, connect) as connection:
        assert Once(NodeName("pve01"), login, connection).host().login == f"{login.user}@[::1]:{sshd.port} sudo"


def _fingerprint(sshd: Sshd) -> str:
    kind, blob = sshd.public("ed25519").split()
    return HostKey(kind, b64decode(blob)).fingerprint


def test_the_boot_is_told_apart_by_the_kernels_own_number(sshd: Sshd) -> None:
    with closing(SshNodes({PVE01: sshd.login()}, now_us=lambda: 42)) as nodes:
        assert nodes.boot_id(PVE01) == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
