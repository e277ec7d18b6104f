"""A real Debian sshd on the loopback, with keys of its own; and servers that misbehave."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from paramiko import common

from bot.action import Call, Output, Unreachable
from bot.names import NodeName
from bot.ssh.login import Login
from bot.ssh.nodes import SshNodes

PVE01 = NodeName("pve01")


def has_login_shell() -> bool:
    """Whether sshd can run a command as who runs the tests: `nobody` and its like have a shell that runs none."""
    try:
        shell = pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        return False
    return Path(shell).name not in {"nologin", "false"}


SSHD = (
    shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", "")) if has_login_shell() else None
)


@dataclass
class Sshd:
    """*known_hosts* holds its ed25519 key only."""

    folder: Path
    port: int
    known_hosts: Path
    process: subprocess.Popen[bytes]

    def login(self, **other: object) -> Login:
        values: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": getpass.getuser(),
            "key": self.folder / "user",
            "known_hosts": self.known_hosts,
        }
        return Login(**(values | other))  # type: ignore[arg-type]  # the names are checked by running

    def public(self, type_: str) -> str:
        return " ".join((self.folder / f"host_{type_}.pub").read_text().split()[:2])


@dataclass
class Counting:
    """Opens sockets as the bot would, and keeps them to look at or to break."""

    sockets: list[socket.socket] = field(default_factory=list)

    def __call__(self, host: str, port: int, timeout_s: float) -> socket.socket:
        self.sockets.append(socket.create_connection((host, port), timeout_s))
        return self.sockets[-1]


def new_key(path: Path, type_: str = "ed25519") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-t", type_, "-f", path], check=True)
    return path


@contextmanager
def running_sshd(folder: Path, *more: str, inside: Sequence[str] = (), path: str = "") -> Iterator[Sshd]:
    """*more*: lines of its configuration. *inside*: the command that starts it. *path*: the PATH of who logs in."""
    for type_ in ("ed25519", "rsa"):
        new_key(folder / f"host_{type_}", type_)
    new_key(folder / "user")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = free_port()
    (folder / "config").write_text("\n".join([*_config(folder, port, path), *more, ""]))
    known_hosts = folder / "known_hosts"
    with subprocess.Popen(
        [*inside, str(SSHD), "-D", "-e", "-f", folder / "config"], stderr=subprocess.DEVNULL
    ) as process:
        sshd = Sshd(folder, port, known_hosts, process)
        known_hosts.write_text(f"[127.0.0.1]:{port} {sshd.public('ed25519')}\n")
        try:
            until(lambda: _listens(port))
            yield sshd
        finally:
            process.terminate()


def _config(folder: Path, port: int, path: str) -> list[str]:
    own_path = f" PATH={path}" if path else ""
    return [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {folder}/host_ed25519",
        f"HostKey {folder}/host_rsa",
        f"AuthorizedKeysFile {folder}/user.pub",
        "PidFile none",
        # Without root sshd cannot read /etc/shadow, and takes every account for a locked one unless PAM says otherwise.
        "UsePAM no" if os.geteuid() == 0 else "UsePAM yes",
        f"SetEnv HOME={folder}{own_path}",  # a person's own start-up files would be part of what is measured
        "StrictModes no",
        "PermitRootLogin yes",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "MaxStartups 200",
    ]


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as sock:
        return int(sock.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def until(is_so: Callable[[], bool], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        threading.Event().wait(0.02)


@contextmanager
def raw_server(says: bytes = b"") -> Iterator[int]:
    """Takes connections, says *says* once, then nothing: the port."""
    taken: list[socket.socket] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                taken.append(sock)
                sock.sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
    for sock in taken:
        sock.close()


def call(*argv: str, node: NodeName = PVE01, timeout_s: int = 10) -> Call:
    return Call(node, argv, timeout_s)


def reason(answer: object) -> str:
    assert isinstance(answer, Unreachable), answer
    assert answer.text.to("fr") != answer.text.to("en")
    return answer.text.to("en")


def nodes_of(connect: Counting | None = None, **logins: Login) -> SshNodes:
    return SshNodes({NodeName(name): login for name, login in logins.items()}, now_us=lambda: 42, connect=connect)


def one(nodes: SshNodes, *argv: str, timeout_s: int = 10) -> Output:
    (output,) = nodes.ask([call(*argv, timeout_s=timeout_s)])
    assert isinstance(output, Output), output
    return output


class Deaf(paramiko.ServerInterface):
    """Lets everyone in and never confirms a command."""

    def __init__(self) -> None:
        self.is_over = threading.Event()

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return common.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return common.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        return not self.is_over.wait(30)


@contextmanager
def deaf_server(folder: Path) -> Iterator[int]:
    """The port; its host key is in *folder*/deaf_known_hosts."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port, deaf = int(listener.getsockname()[1]), Deaf()
        key = (folder / "host_ed25519.pub").read_text()
        (folder / "deaf_known_hosts").write_text(f"[127.0.0.1]:{port} {key}")
        with ThreadPoolExecutor(1) as threads:
            serving = threads.submit(_serve_deaf, listener, folder / "host_ed25519", deaf)
            yield port
            deaf.is_over.set()
            transport = serving.result(5)
        transport.close()
        transport.join(5)


def _serve_deaf(listener: socket.socket, host_key: Path, deaf: Deaf) -> paramiko.Transport:
    transport = paramiko.Transport(listener.accept()[0])
    transport.add_server_key(paramiko.PKey.from_path(host_key))
    transport.start_server(event=threading.Event(), server=deaf)
    return transport
