"""A node to check: a real sshd, a real sudo and a user of its own, in a mount namespace that changes nothing outside."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.actions import load_actions
from bot.demo.cluster.simulated import SimulatedCluster
from bot.needed import Needed, needed
from tests.ssh.sshd import SSHD, Sshd, running_sshd

USER = "pvebot-test"
NEEDED = needed(load_actions())
SYSTEM = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")


def why_not() -> str | None:
    """Why this machine cannot run it."""
    if SSHD is None:
        return "sshd is not installed (apt-get install openssh-server)"
    if shutil.which("sudo") is None:
        return "sudo is not installed (apt-get install sudo)"
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        return "needs root, and the right to make a mount namespace"
    return None


@dataclass(frozen=True)
class Node:
    sshd: Sshd
    folder: Path

    def allow(self, *lines: str) -> None:
        """What sudo on the node permits from now on."""
        own = f'Defaults secure_path="{_path(self.folder)}"\nroot ALL=(ALL) ALL\n'
        (self.folder / "sudoers").write_text(own + "".join(line + "\n" for line in lines))

    @contextmanager
    def without(self, program: str) -> Iterator[None]:
        """As if its package were not installed."""
        kept = self.folder / "bin" / program
        kept.rename(self.folder / program)
        try:
            yield
        finally:
            (self.folder / program).rename(kept)


@contextmanager
def running_node() -> Iterator[Node]:
    with tempfile.TemporaryDirectory(prefix="node-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # sshd reads the user's key as the user
        _programs(folder)
        (folder / "passwd").write_text(Path("/etc/passwd").read_text() + f"{USER}:*:64321:65534::{folder}:/bin/sh\n")
        (folder / "sudoers").touch(mode=0o440)
        with running_sshd(folder, inside=_inside(folder), path=_path(folder)) as sshd:
            yield Node(sshd, folder)


def _path(folder: Path) -> str:
    return f"{folder}/bin:{folder}/system"


def _inside(folder: Path) -> list[str]:
    """Its own /etc/passwd and /etc/sudoers; the programs come first in everyone's PATH."""
    bind = [f"mount --bind {folder}/{name} /etc/{name}" for name in ("passwd", "sudoers")]
    return ["unshare", "-m", "sh", "-c", " && ".join([*bind, 'exec "$@"']), "sh"]


def _programs(folder: Path) -> None:
    """What a simulated node answers, by programs that a shell finds."""
    simulated = SimulatedCluster()
    (folder / "bin").mkdir()
    by_program: dict[str, list[Needed]] = {}
    for one in NEEDED:
        by_program.setdefault(one.argv[0], []).append(one)
    for program, all_ in by_program.items():
        cases = "".join(_case(folder, simulated, one) for one in all_)
        path = folder / "bin" / program
        path.write_text(f'#!/bin/sh\ncase "$*" in\n{cases}esac\nexec /usr/bin/{program} "$@"\n')
        path.chmod(0o755)
    _system(folder / "system", hidden=set(by_program))


def _system(folder: Path, hidden: set[str]) -> None:
    """This machine's programs but for those asked for, so that one which is taken away is not found elsewhere."""
    folder.mkdir()
    found = {path.name: path for place in SYSTEM for path in Path(place).iterdir() if path.name not in hidden}
    for name, path in found.items():
        (folder / name).symlink_to(path)


def _case(folder: Path, simulated: SimulatedCluster, one: Needed) -> str:
    said = simulated.run("pve01", one.argv)
    out, err = folder / f"{NEEDED.index(one)}.out", folder / f"{NEEDED.index(one)}.err"
    out.write_text(said.stdout)
    err.write_text(said.stderr)
    rest = shlex.quote(" ".join(one.argv[1:]))
    return f"{rest}) /bin/cat {out}; /bin/cat {err} >&2; exit {said.exit};;\n"
