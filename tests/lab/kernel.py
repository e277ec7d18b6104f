"""What the lab asks of the kernel and of other programs: namespaces, mounts, cgroups, processes."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
from pathlib import Path
from typing import Any

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLONE = {"mnt": 0x20000, "uts": 0x4000000, "ipc": 0x8000000, "pid": 0x20000000, "net": 0x40000000}
MS_REC, MS_PRIVATE = 16384, 1 << 18
END_S = 30
_CGROUPS = Path("/sys/fs/cgroup")
libc = ctypes.CDLL(None, use_errno=True)


class LabError(RuntimeError):
    """Something in the lab is not as it must be."""


def sh(*argv: str, **options: Any) -> str:
    """Run a command that must succeed; its output. Raise `LabError` with what it said if it does not."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise LabError(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")
    said: str = done.stdout
    return said


def mount(source: str, target: Path, kind: str | None = None, flags: int = 0, data: str = "") -> None:
    failed = libc.mount(source.encode(), str(target).encode(), kind.encode() if kind else None, flags, data.encode())
    _checked(failed, f"mount {target}")


def unshare() -> None:
    """Give this process namespaces of its own, of every kind in `CLONE`."""
    _checked(libc.unshare(sum(CLONE.values())), "unshare")


def enter_network(namespace: int) -> None:
    """Move the calling thread, and what it starts, into the network of this open namespace file (setns(2))."""
    _checked(libc.setns(namespace, CLONE["net"]), "setns")


def _checked(failed: int, what: str) -> None:
    if failed:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def cgroup_roots() -> list[Path]:
    """Where a node's own cgroup must be made: without one of its own, the nodes' systemds would share theirs."""
    candidates = [_CGROUPS] if (_CGROUPS / "cgroup.procs").exists() else [_CGROUPS / "unified", _CGROUPS / "systemd"]
    return [path for path in candidates if (path / "cgroup.procs").exists() and os.access(path, os.W_OK)]


def born(pid: int) -> int | None:
    """Start time of a process: tells it from a later one with the same number; None when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if stat[0] in "ZX" else int(stat[19])


def children(pid: int) -> list[int]:
    try:
        tasks = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
    return [int(child) for text in tasks for child in text.split()]


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *descendants(child))]


def argv_of(pid: int) -> list[bytes]:
    """The words a process was started with; none when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def end(*pids: int) -> None:
    """Kill these processes and wait until they are gone."""
    opened = [os.pidfd_open(pid) for pid in pids]
    for fd in opened:
        signal.pidfd_send_signal(fd, signal.SIGKILL)
    for fd in opened:
        select.select([fd], [], [], END_S)
        os.close(fd)


def put(path: Path, text: str | bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
