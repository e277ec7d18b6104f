"""The hub: PID 1 of the lab's own namespaces. It builds networks and disks, boots nodes on request, and reaps.

Started as `python -m tests.lab.hub FOLDER`; prints its process id as this machine counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
import threading
import time
from pathlib import Path

from tests.lab import cables, disk
from tests.lab.kernel import MS_PRIVATE, MS_REC, SYSTEM_PATH, cgroup_roots, libc, mount, put, unshare
from tests.lab.plan import Node, Spec

SOCKET, LOG = "hub.sock", "hub.log"
UP = b"up"
_LOOK_AGAIN_S = 0.3
_GREETING_S = 60


def main(base: Path) -> None:
    spec = Spec.read(base)
    unshare()
    if pid := os.fork():
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        os._exit(0)
    os.setsid()
    _own_mounts(base)
    libc.sethostname(b"pvelab", 6)
    cables.lay(spec.nodes.values())
    _disks(base, spec)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.bind(str(base / SOCKET))
    server.listen(32)
    os.dup2(os.open(base / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
    while True:
        if select.select([server], [], [], _LOOK_AGAIN_S)[0]:
            _boot_for(server.accept()[0], base, spec)
        _reap()


def _own_mounts(base: Path) -> None:
    mount("none", Path("/"), None, MS_REC | MS_PRIVATE)
    mount("proc", Path("/proc"), "proc")
    mount("tmpfs", Path("/run"), "tmpfs", 0, "mode=755")  # netns names and nspawn's state: not this machine's
    mount("pvelab", base / "fs", "tmpfs", 0, "mode=755")


def _disks(base: Path, spec: Spec) -> None:
    (base / "fs/shared/shared").mkdir(parents=True)
    put(base / "fs/shared/lab.json", json.dumps(spec.settings))
    disk.compile_stub(base / "fs/stub")
    for node in spec.nodes.values():
        disk.build(base, spec, node)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _boot_for(caller: socket.socket, base: Path, spec: Spec) -> None:
    node = spec.nodes[caller.recv(200).decode()]
    _boot(base, node)
    threading.Thread(target=_answer_when_up, args=(caller, node), daemon=True).start()


def _boot(base: Path, node: Node) -> None:
    """One systemd-nspawn, in a cgroup of the node's own."""
    groups = [root / base.name / node.name for root in cgroup_roots()]
    for group in groups:
        group.mkdir(parents=True, exist_ok=True)
    entries = [os.open(group / "cgroup.procs", os.O_WRONLY) for group in groups]
    if not os.fork():
        for entry in entries:
            os.write(entry, b"0")
        _become(base, node)
    for entry in entries:
        os.close(entry)


def _become(base: Path, node: Node) -> None:
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDONLY)
    console = os.open(base / f"console-{node.name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for source, target in ((nothing, 0), (console, 1), (console, 2)):
        os.dup2(source, target)
    os.closerange(3, 256)
    environment = {"PATH": SYSTEM_PATH, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_NSPAWN_LOCK": "0"}
    os.execvpe("systemd-nspawn", _nspawn(base, node), environment)


def _nspawn(base: Path, node: Node) -> list[str]:
    return [
        "systemd-nspawn",
        "--quiet",
        f"--directory={base}/fs/{node.name}/root",
        "--boot",
        "--register=no",
        "--keep-unit",
        machine(node.name),
        f"--network-namespace-path=/run/netns/{cables.namespace(node)}",
        f"--bind={base}/fs/shared:/pvelab",
        "--drop-capability=CAP_SYS_NICE",
        "--link-journal=no",
        "--resolv-conf=off",
        "--timezone=off",
        "--settings=no",
    ]


def machine(name: str) -> str:
    """The word by which a node's systemd-nspawn is known."""
    return f"--machine={name}"


def _answer_when_up(caller: socket.socket, node: Node) -> None:
    """Tell the caller when the node's sshd greets."""
    end = time.monotonic() + _GREETING_S
    while time.monotonic() < end:
        if _greets(node):
            caller.send(UP)
            break
        time.sleep(0.05)
    caller.close()


def _greets(node: Node) -> bool:
    try:
        with socket.create_connection((node.address(), 22), timeout=1) as connection:
            connection.settimeout(2)
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


if __name__ == "__main__":
    main(Path(sys.argv[1]))
