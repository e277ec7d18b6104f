"""A laboratory of real systemd, sshd and corosync nodes with a stand-in for the Proxmox VE commands.

    with lab_up(3, links=2, token=1000) as lab:     # three members, quorate, on two links; token in ms
        lab.ssh("pve01", "pvecm status")            # over SSH as root, as the bot does
        lab.exec("pve01", "systemctl", "stop", "corosync", check=True)      # past SSH, works whatever is cut

Power: `kill` takes nodes away as a power cut does (no process ends by itself, the disk stays as it was, boot_id changes),
`start` boots them again and returns when their sshd answers, which is before corosync has members: `wait_members`.
`freeze` is a node that hangs: it takes connections and answers nothing until `thaw`.
Cables: `link` is one corosync link of one node; `cut_ssh` is the one through which the bot reaches a node: connections
stay open and silent, as behind a dead switch, while the cluster goes on; `partition` takes nodes away from the other
nodes but not from the bot. `heal` mends all of them.
Waiting: `wait_members` for what corosync says, `wait_for` for a shell command to succeed in each node.
In the bot's process: `tests/lab/network.py` opens sockets in the lab's network from any thread; `enter_network` moves
the calling thread there for good. `address`, `key` and `known_hosts_file` are what a configuration needs.
State: `guests` and `osds` set what the stand-ins show. `up(..., name=value)` sets how they behave (`node/pve`).

How it is made. One hub process is PID 1 of its own PID, mount, network, IPC and UTS namespaces. In them lie the bridges,
the nodes' network namespaces, a tmpfs with the nodes' disks (overlays of this machine's root) and one systemd-nspawn per
node. Nothing of it shows outside, and ending the hub ends and removes all of it. Several labs may run at once by name.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from tests.lab import access, cables, kernel, plan, process
from tests.lab.kernel import SYSTEM_PATH, LabError
from tests.lab.plan import Node, Spec
from tests.lab.requirements import why_not

ENVIRONMENT = {"PATH": SYSTEM_PATH, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"}
# The own copy of /etc/pve too: the stand-in writes it a moment later, and a node that is killed before knows no key.
READY = (
    "test -w /etc/pve/priv && test -s /etc/pve/local/pve-ssl.pem && "
    "cmp -s /etc/pve/priv/authorized_keys /var/lib/pve-cluster/db/priv/authorized_keys"
)
UP_S = 90
_PAUSE_S = 0.1


class Lab:
    """`with Lab() as lab: lab.up(3)`; or as the body of a pytest fixture."""

    def __init__(self, name: str = "default") -> None:
        self.dir = Path(tempfile.gettempdir()) / f"pvelab-{name}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(
        self,
        count: int,
        links: int = 1,
        *,
        qnetd: bool = False,
        standalone: bool = False,
        token: int | None = None,
        **settings: Any,
    ) -> Lab:
        """Boot *count* nodes; unless standalone they form one quorate cluster. An earlier lab is removed first."""
        if reason := why_not():
            raise LabError(reason)
        self.down()
        (self.dir / "fs").mkdir(parents=True)
        spec = plan.spec(
            self.dir.name, count, links=links, qnetd=qnetd, standalone=standalone, token=token, settings=settings
        )
        access.make_keys(self.dir / "keys", spec.nodes)
        spec.write(self.dir)
        process.start(self.dir)
        try:
            self.start(*spec.nodes)
            if not standalone:
                self.wait_members(count, timeout=UP_S)
                self.wait_for(*self.members, command=READY, timeout=UP_S)
        except BaseException:
            self._keep_logs()
            self.down()
            raise
        return self

    def down(self) -> None:
        """End and remove everything; no harm when there is nothing."""
        process.remove(self.dir)

    def _keep_logs(self) -> None:
        """What a failed start leaves behind to look at."""
        kept = self.dir.with_name(f"{self.dir.name}-failed")
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for log in self.dir.glob("*.log"):
            shutil.copy(log, kept)

    # What there is

    @property
    def spec(self) -> Spec:
        return Spec.read(self.dir)

    @property
    def nodes(self) -> Mapping[str, Node]:
        return self.spec.nodes

    @property
    def members(self) -> list[str]:
        """The nodes proper, without the qnetd host."""
        return [node.name for node in self.spec.members]

    def address(self, name: str, net: str = "mgmt") -> str:
        return self._node(name).address(net)

    def hub(self) -> int:
        """The process id of PID 1 of the lab."""
        if hub := process.find(self.dir):
            return hub
        raise LabError("no lab is up")

    @property
    def network(self) -> str:
        """The file that is the bot's side of the lab's network."""
        return f"/proc/{self.hub()}/ns/net"

    def leader(self, name: str) -> int:
        """This machine's number of a node's systemd."""
        if systemd := process.systemd_of(self.hub(), self._node(name).name):
            return systemd
        raise LabError(f"node {name} is powered off")

    def is_up(self, name: str) -> bool:
        try:
            return bool(self.leader(name))
        except LabError:
            return False

    def _node(self, name: str) -> Node:
        if name not in self.nodes:
            raise LabError(f"no node {name}")
        return self.nodes[name]

    # Reaching it

    @property
    def key(self) -> Path:
        """The private key that every node knows."""
        return self.dir / "keys" / access.CLIENT

    def known_hosts(self) -> str:
        return access.known_hosts(self.dir / "keys", self.spec)

    def known_hosts_file(self) -> Path:
        return access.kept(self.dir / "known_hosts", self.known_hosts())

    def ssh_config(self) -> str:
        return access.ssh_config(self.spec, self.key, self.known_hosts_file())

    def enter_network(self) -> None:
        """Move the calling thread, and what it starts, into the lab's network: a test run that speaks SSH itself."""
        fd = os.open(self.network, os.O_RDONLY)
        kernel.enter_network(fd)
        os.close(fd)

    def exec(self, name: str, *argv: str, check: bool = False, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command in a node, not through SSH."""
        inside = ["nsenter", "-t", str(self.leader(name)), "-m", "-u", "-i", "-n", "-p", "-C", "--"]
        quiet = {} if "input" in options else {"stdin": subprocess.DEVNULL}
        usual = {"env": ENVIRONMENT, "capture_output": True, "text": True, **quiet}
        done: subprocess.CompletedProcess[str] = subprocess.run([*inside, *argv], check=False, **{**usual, **options})
        if check and done.returncode:
            said = f"{done.stdout}{done.stderr}"
            raise LabError(f"{name}: {' '.join(argv)}: exit code {done.returncode}\n{said}")
        return done

    def ssh(
        self, name: str, command: str, timeout: float | None = 120, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell command over SSH, as the bot does: no tty, no stdin unless given."""
        quiet = {} if "input" in options else {"stdin": subprocess.DEVNULL}
        usual = {"capture_output": True, "text": True, "timeout": timeout, **quiet}
        done: subprocess.CompletedProcess[str] = subprocess.run(
            self.ssh_argv(name, command), check=False, **{**usual, **options}
        )
        return done

    def ssh_argv(self, name: str, command: str) -> list[str]:
        config = access.kept(self.dir / "ssh_config", self.ssh_config())
        return ["nsenter", f"--net={self.network}", "ssh", "-F", str(config), name, command]

    # Power

    def start(self, *names: str) -> None:
        """Boot nodes and wait until their sshd answers."""
        if running := [name for name in names if self.is_up(name)]:
            raise LabError(f"node {running[0]} runs already")
        process.boot(self.dir, *names)

    def kill(self, *names: str) -> None:
        """Power off hard: every process of the node ends at once, its disk stays."""
        process.power_off(self.hub(), {name: self.leader(name) for name in names})

    def freeze(self, *names: str) -> None:
        """Stop every process of these nodes: their kernel still takes connections, nothing answers. `thaw` undoes it."""
        for name in names:
            process.send(self.leader(name), signal.SIGSTOP)

    def thaw(self, *names: str) -> None:
        for name in names:
            process.send(self.leader(name), signal.SIGCONT)

    # Cables

    def ip(self, *lines: str) -> None:
        cables.batch(*lines, inside=("nsenter", f"--net={self.network}"))

    def partition(self, *names: str) -> None:
        """Cut these nodes off from the others on all networks; the bot's side still reaches every node."""
        self.heal()
        for name in names:
            self.ip(*cables.cut_off(self._node(name)))

    def heal(self) -> None:
        """Undo `partition`, `cut_ssh` and every link that is down."""
        for node in self.nodes.values():
            self.ip(*cables.mended(node))
            with contextlib.suppress(LabError):
                self.ip(cables.no_detour(node))
        self.ip("neigh flush all")

    def link(self, name: str, number: int, state: str) -> None:
        """The far end of a node's link cable, `up` or `down`: `link0` is number 0."""
        node = self._node(name)
        if not 0 <= number < node.links:
            raise LabError(f"{name} has no link {number}")
        self.ip(f"link set {cables.port(node, number + 1)} {state}")

    def cut_ssh(self, *names: str) -> None:
        """Silence the network of the bot to these nodes; corosync's own links are other cables. `heal` mends it."""
        for name in names:
            self.ip(f"link set {cables.port(self._node(name), 0)} down")

    # Waiting

    def wait_members(
        self, count: int, nodes: Iterable[str] | None = None, *, quorate: bool = True, timeout: float = 60
    ) -> None:
        """Until each of *nodes* sees *count* members and is (not) quorate, by its own corosync."""
        wanted = (f"\nNodes:            {count}\n", f"\nQuorate:          {'Yes' if quorate else 'No'}\n")
        end = time.monotonic() + timeout
        for name in nodes or [each for each in self.members if self.is_up(each)]:
            while not all(line in (said := self.exec(name, "corosync-quorumtool", "-s").stdout) for line in wanted):
                if time.monotonic() > end:
                    raise LabError(f"{name}: not {count} members, quorate={quorate}, within {timeout:.0f} s:\n{said}")
                time.sleep(_PAUSE_S)

    def wait_for(self, *nodes: str, command: str, timeout: float = 30) -> None:
        """Until a shell command succeeds in each of *nodes*."""
        end = time.monotonic() + timeout
        for name in nodes:
            while (done := self.exec(name, "sh", "-c", command)).returncode:
                if time.monotonic() > end:
                    said = f"{done.stdout}{done.stderr}"
                    raise LabError(f"{name}: not true within {timeout:.0f} s: {command}\n{said}")
                time.sleep(_PAUSE_S)

    def wait_reached(self, name: str, timeout: float = 30) -> None:
        """Until the bot's side can log in there."""
        end = time.monotonic() + timeout
        while self.ssh(name, "true").returncode:
            if time.monotonic() > end:
                raise LabError(f"{name}: nobody can log in within {timeout:.0f} s")
            time.sleep(_PAUSE_S)

    # What the stand-ins show

    def guests(self, name: str, *guests: str) -> None:
        """Set a node's guests: `vm:100`, `ct:200`, with `:running` or `:stopped` and a name behind if wanted."""
        self.exec(name, "pmxcfs", "lab-guests", *guests, check=True)

    def osds(self, name: str, *ids: str) -> None:
        """Set a node's Ceph OSDs; with none at all in the cluster Ceph counts as not installed."""
        self.exec(name, "pmxcfs", "lab-osds", *ids, check=True)


@contextlib.contextmanager
def lab_up(*args: Any, name: str = "default", **options: Any) -> Iterator[Lab]:
    """For a fixture: `with lab_up(3, links=2) as lab: yield lab`."""
    with Lab(name) as lab:
        yield lab.up(*args, **options)
