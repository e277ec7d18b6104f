"""The hub's process as seen from outside: started, found again, asked to boot a node, ended with all that it holds."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.lab.hub import LOG, SOCKET, UP, machine
from tests.lab.kernel import LabError, argv_of, born, cgroup_roots, children, descendants, end, put

ROOT = Path(__file__).resolve().parents[2]
MODULE = "tests.lab.hub"
_BOOT_S = 90
_TRIES, _PAUSE_S = 500, 0.02


def start(folder: Path) -> None:
    """Raise `LabError` with the hub's own words if it does not start."""
    argv = [sys.executable, "-m", MODULE, str(folder)]
    with (folder / LOG).open("a") as log:
        hub = subprocess.Popen(
            argv,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    pid = int(hub.communicate()[0].partition("\n")[0] or 0)
    put(folder / "state.json", json.dumps({"hub": pid, "born": born(pid) if pid else None}))
    if hub.returncode or not pid:
        raise LabError(f"the hub did not start: {(folder / LOG).read_text()}")


def find(folder: Path) -> int | None:
    """The running hub's process id, found even when whoever started it was killed before noting it."""
    with contextlib.suppress(OSError, ValueError):
        state = json.loads((folder / "state.json").read_text())
        if state["born"] and born(state["hub"]) == state["born"]:
            noted: int = state["hub"]
            return noted
    running = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return next((pid for pid in running if _is_hub(pid, folder)), None)


def _is_hub(pid: int, folder: Path) -> bool:
    if argv_of(pid)[1:4] != [b"-m", MODULE.encode(), str(folder).encode()]:
        return False
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    inner = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()
    return inner[-1] == "1" and len(inner) > 2


def systemd_of(hub: int, name: str) -> int | None:
    """This machine's number of the systemd of a node; None while it is off."""
    for nspawn in _nspawns(hub, name):
        for child in children(nspawn):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                    return child
    return None


def _nspawns(hub: int, name: str) -> list[int]:
    return [pid for pid in children(hub) if born(pid) and machine(name).encode() in argv_of(pid)]


def boot(folder: Path, *names: str) -> None:
    """All at once; return when each one's sshd answers."""
    asked = [(name, _ask(folder, name)) for name in names]
    for name, connection in asked:
        with connection:
            if connection.recv(10) != UP:
                raise LabError(f"{name}: no SSH greeting, see console-{name}.log")


def _ask(folder: Path, name: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.settimeout(_BOOT_S)
    for _ in range(_TRIES):
        try:
            connection.connect(str(folder / SOCKET))
            break
        except (FileNotFoundError, ConnectionRefusedError):
            if not find(folder):
                raise LabError(f"the hub ended: {(folder / LOG).read_text()}") from None
            time.sleep(_PAUSE_S)
    connection.send(name.encode())
    return connection


def power_off(hub: int, systemds: dict[str, int]) -> None:
    """Every process of these nodes ends at once; return when the hub has reaped what held them."""
    end(*systemds.values())
    for name in systemds:
        for _ in range(_TRIES):
            if not _nspawns(hub, name):
                break
            time.sleep(_PAUSE_S)


def send(systemd: int, sign: signal.Signals) -> None:
    """To every process of a node; those that start meanwhile too."""
    done: set[int] = set()
    while new := {systemd, *descendants(systemd)} - done:
        for pid in new:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
        done |= new


def remove(folder: Path) -> None:
    """End and remove everything; no harm when there is nothing."""
    if hub := find(folder):
        with contextlib.suppress(ProcessLookupError):
            end(hub)  # PID 1 of the lab: the kernel ends all the rest
    for root in cgroup_roots():
        for group, _, _ in os.walk(root / folder.name, topdown=False):
            _remove_group(Path(group))
    shutil.rmtree(folder, ignore_errors=True)


def _remove_group(group: Path) -> None:
    for _ in range(_TRIES):
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:  # its last processes are still being reaped
            time.sleep(_PAUSE_S)
        else:
            return
