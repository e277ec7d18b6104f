#!/usr/bin/env python3
"""A laboratory of real systemd + sshd + Corosync nodes with a stand-in for the Proxmox VE commands.

    lab.py up N [--links 1|2] [--qnetd] [--standalone] [--token MS]
    lab.py exec NODE CMD...         run a command in a node (no SSH)
    lab.py run CMD...               run a command, e.g. a test run, in the lab's own network
    lab.py ssh-config | known-hosts | inventory | status
    lab.py partition NODE...        cut these nodes off from the other nodes (the bot still reaches all); `heal` undoes
    lab.py link NODE LINK up|down   one Corosync link of one node
    lab.py kill NODE | start NODE   power off hard (its disk stays) | boot again
    lab.py guests NODE vm:100 ...   what guests the node has (`vm:100:running:web` sets state and name)
    lab.py osds NODE 0 1 ...        what Ceph OSDs the node has
    lab.py down | why-not

How it is made.  One hub process is PID 1 of its own PID, mount, network, IPC and UTS namespaces.  In them
lie the bridges, the nodes' network namespaces (`pvelab-NODE`), a tmpfs with the nodes' disks (overlays of
this machine's root) and one systemd-nspawn per node.  Nothing of it shows outside, and ending the hub ends
and removes all of it; only the empty cgroups and the lab's directory remain for `down` to delete.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NETS = ("mgmt", "link0", "link1")  # eth0, eth1, eth2
PREFIX = {"mgmt": "10.77.0", "link0": "10.77.1", "link1": "10.77.2"}
DOMAIN, PASSWORD, CLUSTER = "lab.test", "pvelab", "lab"
TOOLS = ("systemd-nspawn", "corosync", "corosync-qdevice", "sshd", "ssh-keygen", "ip", "nsenter", "openssl", "killall")
PACKAGES = "systemd-container corosync corosync-qdevice corosync-qnetd openssh-server openssl libnss3-tools iproute2 procps psmisc"
COMMANDS = ("pvecm", "pvesh", "pveversion", "qm", "pct", "ha-manager", "pvesr", "pvenode", "pmxcfs", "pveproxy-answer")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
KEEP_TOP = {"bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys", "usr", "var"}
EMPTY = (
    "root",
    "etc/ssh",
    "etc/corosync",
    "etc/systemd/system",
    "var/log",
    "var/lib/corosync",
    "var/lib/postgresql",
    "etc/pve",
    "var/lib/systemd",
    "etc/cron.d",
    "etc/cron.daily",
)
MASKED = [
    "systemd-logind.service",
    "dbus-org.freedesktop.login1.service",
    "getty.target",
    "console-getty.service",
    "systemd-networkd.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "ldconfig.service",
    "systemd-hwdb-update.service",
    "systemd-journal-catalog-update.service",
    "systemd-update-done.service",
    "systemd-update-utmp.service",
    "systemd-update-utmp-runlevel.service",
    "systemd-pcrphase.service",
    "systemd-sysusers.service",
    "e2scrub_reap.service",
    "systemd-journal-flush.service",
    "systemd-random-seed.service",
    "systemd-binfmt.service",
    "systemd-machine-id-commit.service",
    "systemd-ask-password-wall.path",
    "systemd-ask-password-console.path",
    "remote-fs.target",
    "exim4.service",
    "postgresql.service",
]
UNITS = HERE / "node/units"  # installed in every node; what the host has enabled is not
SSHD = (
    "HostKey /etc/ssh/ssh_host_ed25519_key\nPermitRootLogin yes\nUsePAM no\nUseDNS no\nX11Forwarding no\nPrintMotd no\n"
    "KbdInteractiveAuthentication no\nAcceptEnv LANG LC_*\nMaxStartups 200\nMaxSessions 100\nSubsystem sftp internal-sftp\n"
)
CLONE = {"mnt": 0x20000, "uts": 0x4000000, "ipc": 0x8000000, "pid": 0x20000000, "net": 0x40000000}
MS_REC, MS_PRIVATE = 16384, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)
Json = dict[str, Any]


class LabError(RuntimeError):
    """Something in the lab is not as it must be."""


def why_not() -> str | None:
    """The reason this machine cannot run the lab, or None.  For a visible skip."""
    if sys.platform != "linux" or os.geteuid():
        return "needs root on Linux (namespaces, systemd-nspawn)"
    missing = [t for t in TOOLS if not shutil.which(t, path=SYSTEM_PATH)]
    if missing:
        return f"not installed: {', '.join(missing)} (Debian packages: {PACKAGES})"
    probe = subprocess.run(
        [
            "unshare",
            "-mnpuif",
            "sh",
            "-c",
            "ip link add br9 type bridge && ip link add a9 type veth peer name b9 && mount -t tmpfs"
            " t /mnt && mkdir /mnt/u /mnt/w /mnt/m && mount -t overlay o -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/m",
        ],
        capture_output=True,
        text=True,
    )
    if probe.returncode:
        return f"namespaces, veth, bridge or overlay not allowed here: {probe.stderr.strip()}"
    return None if cgroup_roots() else "no writable cgroup v2 hierarchy"


def sh(*cmd: str, **kw: Any) -> str:
    """Run a command that must succeed; its output."""
    res = subprocess.run(cmd, capture_output=True, text=True, **kw)
    if res.returncode:
        raise LabError(f"{' '.join(cmd)}: {res.stderr.strip() or res.stdout.strip()}")
    found: str = res.stdout
    return found


def mount(src: str, dst: Path | str, fs: str | None = None, flags: int = 0, data: str = "") -> None:
    if libc.mount(src.encode(), str(dst).encode(), fs and fs.encode(), flags, data.encode()):
        raise OSError(ctypes.get_errno(), f"mount {dst}: {os.strerror(ctypes.get_errno())}")


def cgroup_roots() -> list[Path]:
    """Where a node's own cgroup must be made: without one of its own, the nodes' systemds would share theirs."""
    base = Path("/sys/fs/cgroup")
    found = (
        [base]
        if (base / "cgroup.procs").exists()
        else [p for p in (base / "unified", base / "systemd") if (p / "cgroup.procs").exists()]
    )
    return [p for p in found if os.access(p, os.W_OK)]


def born(pid: int) -> int | None:
    """Start time of a process: tells it from a later one with the same number; None when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return None if stat[0] in "ZX" else int(stat[19])
    except (OSError, IndexError):
        return None


def children(pid: int) -> list[int]:
    try:
        return [int(c) for t in Path(f"/proc/{pid}/task").iterdir() for c in (t / "children").read_text().split()]
    except OSError:
        return []


def put(path: Path, text: str | bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)


# ------------------------------------------------------------------ the hub: PID 1 of the lab
def hub_main(base: Path) -> None:
    """Become the hub: build network and disks, then start nodes on request and reap."""
    spec = json.loads((base / "spec.json").read_text())
    if libc.unshare(sum(CLONE.values())):
        raise OSError(ctypes.get_errno(), "unshare")
    if pid := os.fork():
        print(pid, flush=True)  # the hub as the caller sees it
        os._exit(0)
    os.setsid()
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc")
    mount("tmpfs", "/run", "tmpfs", 0, "mode=755")  # netns names and nspawn's state: not this machine's
    mount("pvelab", base / "fs", "tmpfs", 0, "mode=755")
    libc.sethostname(b"pvelab", 6)
    build_network(spec["nodes"].values())
    (base / "fs/shared/shared").mkdir(parents=True)
    put(base / "fs/shared/lab.json", json.dumps(spec["settings"]))
    compile_stub(base / "fs/stub")
    for node in spec["nodes"].values():
        build_disk(base, spec, node)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.bind(str(base / "hub.sock"))
    server.listen(32)
    os.dup2(os.open(base / "hub.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
    while True:
        if select.select([server], [], [], 0.3)[0]:
            conn = server.accept()[0]
            node = spec["nodes"][conn.recv(200).decode()]
            boot(base, node)
            threading.Thread(target=answer_when_up, args=(conn, node), daemon=True).start()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def build_network(nodes: Any) -> None:
    lines = ["link set lo up"]
    for net in NETS:
        for bridge in (net, f"{net}-cut"):  # a partitioned node's ports move to the -cut bridges
            lines += [f"link add {bridge} type bridge", f"link set {bridge} up"]
        lines.append(f"addr add {PREFIX[net]}.1/24 dev {net}")
    lines.append(f"addr add {PREFIX['mgmt']}.1/32 dev mgmt-cut")  # the bot's side reaches cut-off nodes too
    for node in nodes:
        name, i = node["name"], node["host"]
        sh("ip", "netns", "add", f"pvelab-{name}")
        inner = ["link set lo up"]
        for n, net in enumerate(NETS[: node["links"] + 1]):
            lines += [
                f"link add p{n}-{i} type veth peer name eth{n} netns pvelab-{name}",
                f"link set p{n}-{i} master {net} up",
            ]
            inner += [f"addr add {PREFIX[net]}.{i}/24 dev eth{n}", f"link set eth{n} up"]
        node["ip_lines"] = inner
    sh("ip", "-batch", "-", input="\n".join(lines) + "\n")
    for node in nodes:
        sh("ip", "-n", f"pvelab-{node['name']}", "-batch", "-", input="\n".join(node.pop("ip_lines")) + "\n")


def compile_stub(stub: Path) -> None:
    """The stand-in as a compiled module: it starts in a fraction of the time a long script takes."""
    stub.mkdir()
    shutil.copy(HERE / "node/pve", stub / "pve.py")
    sh("/usr/bin/python3", "-IS", "-m", "py_compile", str(stub / "pve.py"))


def build_disk(base: Path, spec: Json, node: Json) -> None:
    """A private writable view of this machine's root, with the node's identity and nothing of the machine's own set-up."""
    name, keys, disk = node["name"], base / "keys", base / "fs" / node["name"]
    up = disk / "upper"
    hide = [
        d.name
        for d in os.scandir("/")
        if d.is_dir(follow_symlinks=False) and d.name not in KEEP_TOP and d.name != "tmp"
    ]
    for d in (*hide, *EMPTY):
        (up / d).mkdir(parents=True, exist_ok=True)
        os.setxattr(up / d, "trusted.overlay.opaque", b"y")
    (up / "root").chmod(0o700)
    hosts = [f"{PREFIX['mgmt']}.{n['host']} {n['name']}.{DOMAIN} {n['name']}" for n in spec["nodes"].values()]
    put(up / "etc/hostname", name + "\n")
    put(up / "etc/hosts", "\n".join(["127.0.0.1 localhost", *hosts]) + "\n")
    put(up / "etc/machine-id", hashlib.md5(f"{spec['id']}{name}".encode()).hexdigest() + "\n", 0o444)
    for path, text in (
        ("etc/resolv.conf", f"search {DOMAIN}\n"),
        ("etc/fstab", ""),
        ("etc/motd", ""),
        ("etc/ssh/sshd_config", SSHD),
        ("etc/systemd/journald.conf.d/lab.conf", "[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\nRateLimitBurst=0\n"),
        ("etc/systemd/system.conf.d/lab.conf", "[Manager]\nDefaultTimeoutStopSec=20s\n"),
    ):
        put(up / path, text)
    put(up / "etc/ssh/ssh_host_ed25519_key", (keys / f"host-{name}").read_text(), 0o600)
    put(up / "etc/ssh/ssh_host_ed25519_key.pub", (keys / f"host-{name}.pub").read_text())
    put(up / "root/.ssh/id_rsa", (keys / f"root-{name}").read_text(), 0o600)
    put(up / "root/.ssh/id_rsa.pub", (keys / f"root-{name}.pub").read_text())
    authorized = (keys / "client.pub").read_text()
    (up / "root/.ssh").chmod(0o700)
    system = up / "etc/systemd/system"
    for unit in MASKED:
        (system / unit).symlink_to("/dev/null")
    (system / "default.target").symlink_to("/lib/systemd/system/multi-user.target")
    wanted = ["ssh.service"]
    if node["qnetd"]:
        wanted += ["corosync-qnetd.service"]
        authorized += "".join((keys / f"root-{n}.pub").read_text() for n in spec["nodes"])
    else:
        wanted += ["pve-cluster.service", "pvedaemon.service", "pveproxy.service", "corosync.service"]
        for cmd in COMMANDS:
            put(
                up / "usr/bin" / cmd,
                f"#!/usr/bin/python3 -IS\nimport sys\nsys.path[:0] = ['/usr/lib/pve-lab']\nimport pve\npve.main('{cmd}')\n",
                0o755,
            )
        shutil.copytree(base / "fs/stub", up / "usr/lib/pve-lab")
        (system / "sockets.target.wants").mkdir()
        (system / "sockets.target.wants/pveproxy-lab.socket").symlink_to("/etc/systemd/system/pveproxy-lab.socket")
        for d in (
            "var/lib/pve-cluster/backup",
            "var/lib/pve-cluster/db",
            "var/log/pve/tasks",
            "var/log/corosync",
            "etc/corosync/uidgid.d",
        ):
            (up / d).mkdir(parents=True)
        if node["clustered"]:
            put(up / "etc/corosync/corosync.conf", spec["conf"])
            put(up / "etc/corosync/authkey", bytes.fromhex(spec["authkey"]), 0o400)
            put(up / "var/lib/pve-cluster/db/corosync.conf", spec["conf"], 0o640)
            authorized += "".join(
                (keys / f"root-{n['name']}.pub").read_text() for n in spec["nodes"].values() if not n["qnetd"]
            )
        for host in (n for n in spec["nodes"].values() if n["qnetd"]):
            key = " ".join((keys / f"host-{host['name']}.pub").read_text().split()[:2])
            put(
                up / "root/.ssh/known_hosts",
                "".join(f"{PREFIX[n]}.{host['host']} {key}\n" for n in NETS[: host["links"] + 1])
                + f"{host['name']} {key}\n",
            )
    shutil.copytree(UNITS, system, dirs_exist_ok=True)
    put(up / "root/.ssh/authorized_keys", authorized, 0o600)
    for unit in wanted:
        (system / "multi-user.target.wants").mkdir(exist_ok=True)
        home = "/etc/systemd/system" if (UNITS / unit).is_file() else "/lib/systemd/system"
        (system / "multi-user.target.wants" / unit).symlink_to(f"{home}/{unit}")
    for d in ("work", "root"):
        (disk / d).mkdir()
    mount("overlay", disk / "root", "overlay", 0, f"lowerdir=/,upperdir={up},workdir={disk}/work")


def boot(base: Path, node: Json) -> None:
    """One systemd-nspawn, in a cgroup of the node's own."""
    name = node["name"]
    groups = [root / base.name / name for root in cgroup_roots()]
    for group in groups:
        group.mkdir(parents=True, exist_ok=True)
    procs = [os.open(g / "cgroup.procs", os.O_WRONLY) for g in groups]
    pid = os.fork()
    if pid:
        for fd in procs:
            os.close(fd)
        return
    for fd in procs:
        os.write(fd, b"0")
    os.setsid()
    null, log = (
        os.open("/dev/null", os.O_RDONLY),
        os.open(base / f"console-{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    )
    for src, dst in ((null, 0), (log, 1), (log, 2)):
        os.dup2(src, dst)
    os.closerange(3, 256)
    env = {"PATH": SYSTEM_PATH, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_NSPAWN_LOCK": "0"}
    os.execvpe(
        "systemd-nspawn",
        [
            "systemd-nspawn",
            "--quiet",
            f"--directory={base}/fs/{name}/root",
            "--boot",
            "--register=no",
            "--keep-unit",
            f"--machine={name}",
            f"--network-namespace-path=/run/netns/pvelab-{name}",
            f"--bind={base}/fs/shared:/pvelab",
            "--drop-capability=CAP_SYS_NICE",
            "--link-journal=no",
            "--resolv-conf=off",
            "--timezone=off",
            "--settings=no",
        ],
        env,
    )


def answer_when_up(conn: socket.socket, node: Json, limit: float = 60) -> None:
    """Tell the caller when the node's sshd greets."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        with (
            contextlib.suppress(OSError),
            socket.create_connection((f"{PREFIX['mgmt']}.{node['host']}", 22), timeout=1) as s,
        ):
            s.settimeout(2)
            if s.recv(4) == b"SSH-":
                conn.send(b"up")
                break
        time.sleep(0.05)
    conn.close()


# ------------------------------------------------------------------ the lab as seen from outside
class Lab:
    """`with Lab() as lab: lab.up(3)`; or as the body of a pytest fixture."""

    def __init__(self, name: str = "default") -> None:
        self.dir = Path(tempfile.gettempdir()) / f"pvelab-{name}"
        self.id = self.dir.name

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    # -- up and down
    def up(
        self,
        count: int,
        links: int = 1,
        qnetd: bool = False,
        standalone: bool = False,
        token: int | None = None,
        wait: float = 90,
        **settings: Any,
    ) -> Lab:
        """Boot COUNT nodes; unless standalone they form one quorate cluster.  Anything of an earlier lab is removed first."""
        if reason := why_not():
            raise LabError(reason)
        self.down()
        self.dir.mkdir(mode=0o755)
        (self.dir / "fs").mkdir()
        nodes: dict[str, Json] = {
            f"pve{i:02d}": dict(
                name=f"pve{i:02d}", id=i, host=10 + i, links=links, qnetd=False, clustered=not standalone
            )
            for i in range(1, count + 1)
        }
        if qnetd:
            nodes["qnetd"] = dict(name="qnetd", id=0, host=200, links=links, qnetd=True, clustered=False)
        self.make_keys(nodes)
        totem = {"token": str(token)} if token else {}
        conf = corosync_conf([n for n in nodes.values() if n["clustered"]], totem) if not standalone else ""
        spec = dict(
            id=self.id,
            nodes=nodes,
            authkey=os.urandom(256).hex(),
            conf=conf,
            settings={"totem": totem, "password": PASSWORD, "domain": DOMAIN, "updatecerts_timeout": 80, **settings},
        )
        put(self.dir / "spec.json", json.dumps(spec), 0o600)
        with open(self.dir / "hub.log", "a") as log:
            hub = subprocess.Popen(
                [sys.executable, str(HERE / "lab.py"), "_hub", str(self.dir)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert hub.stdout is not None
        with hub.stdout as said:
            pid = int(said.readline() or 0)
        put(self.dir / "state.json", json.dumps(dict(hub=pid, born=born(pid) if pid else None)))
        if hub.wait() or not pid:
            raise LabError(f"the hub did not start: {(self.dir / 'hub.log').read_text()}")
        try:
            self.start(*nodes)
            if not standalone:
                self.wait_members(count, timeout=wait)
                self.wait_for(
                    *[n for n in nodes if not nodes[n]["qnetd"]],
                    command="test -w /etc/pve/priv && test -s /etc/pve/local/pve-ssl.pem",
                    timeout=wait,
                )
        except BaseException:
            self.keep_logs()
            self.down()
            raise
        return self

    def keep_logs(self) -> None:
        """What a failed start leaves behind to look at."""
        kept = Path(tempfile.gettempdir()) / f"{self.id}-failed"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for log in self.dir.glob("*.log"):
            shutil.copy(log, kept)

    def hub(self) -> int | None:
        """The running hub's pid, found even when an `up` was killed before it noted it."""
        with contextlib.suppress(OSError, ValueError):
            state = json.loads((self.dir / "state.json").read_text())
            if state["born"] and born(state["hub"]) == state["born"]:
                found: int = state["hub"]
                return found
        for proc in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError):
                argv = (proc / "cmdline").read_bytes().split(b"\0")
                inner = next(
                    line for line in (proc / "status").read_text().splitlines() if line.startswith("NSpid:")
                ).split()
                if argv[2:4] == [b"_hub", str(self.dir).encode()] and inner[-1] == "1" and len(inner) > 2:
                    return int(proc.name)
        return None

    def down(self) -> None:
        """End and remove everything; no harm when there is nothing."""
        if hub := self.hub():
            with contextlib.suppress(ProcessLookupError):
                fd = os.pidfd_open(hub)
                signal.pidfd_send_signal(fd, signal.SIGKILL)  # PID 1 of the lab: the kernel ends all the rest
                select.select([fd], [], [], 30)
                os.close(fd)
        for root in cgroup_roots():
            for group, _, _ in os.walk(root / self.id, topdown=False):
                for _ in range(100):
                    with contextlib.suppress(FileNotFoundError):
                        try:
                            os.rmdir(group)
                        except OSError:  # its last processes are still being reaped
                            time.sleep(0.02)
                            continue
                    break
        shutil.rmtree(self.dir, ignore_errors=True)

    def make_keys(self, nodes: dict[str, Json]) -> None:
        keys = self.dir / "keys"
        keys.mkdir(mode=0o700)
        comments = {
            "client": "bot@pvelab",
            **{f"host-{n}": f"root@{n}" for n in nodes},
            **{f"root-{n}": f"root@{n}" for n in nodes},
        }
        running = [
            subprocess.Popen(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", c, "-f", str(keys / k)])
            for k, c in comments.items()
        ]
        if any(p.wait() for p in running):
            raise LabError("ssh-keygen failed")

    # -- what there is
    @property
    def spec(self) -> Json:
        try:
            found: Json = json.loads((self.dir / "spec.json").read_text())
            return found
        except FileNotFoundError:
            raise LabError("no lab is up") from None

    @property
    def nodes(self) -> dict[str, Json]:
        found: dict[str, Json] = self.spec["nodes"]
        return found

    @property
    def members(self) -> list[str]:
        """The nodes proper, without the qnetd host."""
        return [n for n, v in self.nodes.items() if not v["qnetd"]]

    def address(self, name: str, net: str = "mgmt") -> str:
        return f"{PREFIX[net]}.{self.nodes[name]['host']}"

    def leader(self, name: str) -> int:
        """The host's pid of a node's systemd."""
        if name not in self.nodes:
            raise LabError(f"no node {name}")
        for nspawn in children(self.hub() or -1):
            with contextlib.suppress(OSError):
                if f"--machine={name}".encode() in Path(f"/proc/{nspawn}/cmdline").read_bytes().split(b"\0"):
                    for child in children(nspawn):
                        if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                            return child
        raise LabError(f"node {name} is powered off")

    def inventory(self) -> Json:
        return {
            "key": str(self.dir / "keys/client"),
            "known_hosts": str(self.known_hosts_file()),
            "user": "root",
            "password": PASSWORD,
            "cluster": CLUSTER,
            "network_namespace": f"/proc/{self.hub()}/ns/net",
            "nodes": [
                {
                    "name": n,
                    "address": self.address(n),
                    "port": 22,
                    "links": [self.address(n, f"link{k}") for k in range(v["links"])],
                    "nodeid": v["id"] or None,
                    "qnetd": v["qnetd"],
                    "up": self.is_up(n),
                }
                for n, v in self.nodes.items()
            ],
        }

    def is_up(self, name: str) -> bool:
        try:
            return bool(self.leader(name))
        except LabError:
            return False

    def known_hosts(self) -> str:
        lines = []
        for n, v in self.nodes.items():
            names = ",".join([n, f"{n}.{DOMAIN}", *(self.address(n, net) for net in NETS[: v["links"] + 1])])
            lines.append(f"{names} {' '.join((self.dir / f'keys/host-{n}.pub').read_text().split()[:2])}\n")
        return "".join(lines)

    def known_hosts_file(self) -> Path:
        path = self.dir / "known_hosts"
        if not path.exists():
            put(path, self.known_hosts())
        return path

    def ssh_config(self) -> str:
        return "".join(f"Host {n} {n}.{DOMAIN}\n  HostName {self.address(n)}\n" for n in self.nodes) + (
            f"Host *\n  User root\n  IdentityFile {self.dir}/keys/client\n  IdentitiesOnly yes\n  UserKnownHostsFile {self.known_hosts_file()}\n"
            f"  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  BatchMode yes\n  ConnectTimeout 10\n  LogLevel ERROR\n"
        )

    # -- doing things
    def enter_network(self) -> None:
        """Move the calling thread, and what it starts, into the lab's network: a test run that speaks SSH itself."""
        fd = os.open(f"/proc/{self.hub()}/ns/net", os.O_RDONLY)
        if libc.setns(fd, CLONE["net"]):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(fd)

    def exec(self, name: str, *cmd: str, check: bool = False, **kw: Any) -> subprocess.CompletedProcess[str]:
        """Run a command in a node, not through SSH."""
        kw.setdefault("env", {"PATH": SYSTEM_PATH, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"})
        if "input" not in kw:
            kw.setdefault("stdin", subprocess.DEVNULL)
        kw.setdefault("capture_output", True)
        res = subprocess.run(
            ["nsenter", "-t", str(self.leader(name)), "-m", "-u", "-i", "-n", "-p", "-C", "--", *cmd],
            **{"text": True, **kw},
        )
        if check and res.returncode:
            raise LabError(f"{name}: {' '.join(cmd)}: exit code {res.returncode}\n{res.stdout}{res.stderr}")
        return res

    def ssh(self, name: str, command: str, timeout: float | None = 120, **kw: Any) -> subprocess.CompletedProcess[str]:
        """Run a shell command over SSH, as the bot does: no tty, no stdin unless given."""
        if "input" not in kw:
            kw.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(self.ssh_argv(name, command), capture_output=True, text=True, timeout=timeout, **kw)

    def ssh_argv(self, name: str, command: str) -> list[str]:
        config = self.dir / "ssh_config"
        if not config.exists():
            put(config, self.ssh_config())
        return ["nsenter", f"--net=/proc/{self.hub()}/ns/net", "ssh", "-F", str(config), name, command]

    def start(self, *names: str) -> None:
        """Boot nodes and wait until their sshd answers."""
        pending = []
        for name in names:
            if self.is_up(name):
                raise LabError(f"node {name} runs already")
            conn = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            conn.settimeout(90)
            for _ in range(500):
                try:
                    conn.connect(str(self.dir / "hub.sock"))
                    break
                except (FileNotFoundError, ConnectionRefusedError):
                    if not self.hub():
                        raise LabError(f"the hub ended: {(self.dir / 'hub.log').read_text()}") from None
                    time.sleep(0.02)
            conn.send(name.encode())
            pending.append((name, conn))
        for name, conn in pending:
            if conn.recv(10) != b"up":
                raise LabError(f"{name}: no SSH greeting, see console-{name}.log")
            conn.close()

    def kill(self, *names: str) -> None:
        """Power off hard: every process of the node ends at once, its disk stays."""
        fds = [os.pidfd_open(self.leader(n)) for n in names]
        for fd in fds:
            signal.pidfd_send_signal(fd, signal.SIGKILL)
        for name, fd in zip(names, fds):
            select.select([fd], [], [], 30)
            os.close(fd)
            for _ in range(500):
                if not any(
                    f"--machine={name}".encode() in Path(f"/proc/{c}/cmdline").read_bytes()
                    for c in children(self.hub() or -1)
                    if born(c)
                ):
                    break
                time.sleep(0.01)

    def ip(self, *lines: str) -> None:
        sh("nsenter", f"--net=/proc/{self.hub()}/ns/net", "ip", "-batch", "-", input="\n".join(lines) + "\n")

    def partition(self, *names: str) -> None:
        """Cut these nodes off from the others on all networks; the bot's side still reaches every node."""
        self.heal()
        for name in names:
            node = self.nodes[name]
            self.ip(
                *(f"link set p{k}-{node['host']} master {net}-cut" for k, net in enumerate(NETS[: node["links"] + 1])),
                f"route replace {self.address(name)}/32 dev mgmt-cut src {PREFIX['mgmt']}.1",
                "neigh flush all",
            )

    def heal(self) -> None:
        """Undo `partition` and `link down`."""
        for name, node in self.nodes.items():
            lines = [
                line
                for k, net in enumerate(NETS[: node["links"] + 1])
                for line in (f"link set p{k}-{node['host']} master {net}", f"link set p{k}-{node['host']} up")
            ]
            self.ip(*lines)
            with contextlib.suppress(LabError):
                self.ip(f"route del {self.address(name)}/32 dev mgmt-cut")
        self.ip("neigh flush all")

    def link(self, name: str, number: int, state: str) -> None:
        """The far end of a node's link cable: `link0` is number 0."""
        node = self.nodes[name]
        if not 0 <= number < node["links"]:
            raise LabError(f"{name} has no link {number}")
        self.ip(f"link set p{number + 1}-{node['host']} {state}")

    def wait_members(self, count: int, nodes: Any = None, quorate: bool = True, timeout: float = 60) -> None:
        """Until each of NODES sees COUNT members and is (not) quorate, by its own Corosync."""
        end, todo = time.monotonic() + timeout, list(nodes or [n for n in self.members if self.is_up(n)])
        while todo:
            out = self.exec(todo[0], "corosync-quorumtool", "-s").stdout
            if f"\nNodes:            {count}\n" in out and f"\nQuorate:          {'Yes' if quorate else 'No'}\n" in out:
                todo.pop(0)
            elif time.monotonic() > end:
                raise LabError(f"{todo[0]}: not {count} members, quorate={quorate}, within {timeout:.0f} s:\n{out}")
            else:
                time.sleep(0.1)

    def wait_for(self, *nodes: str, command: str, timeout: float = 30) -> None:
        """Until a shell command succeeds in each of NODES."""
        end = time.monotonic() + timeout
        for name in nodes:
            while (res := self.exec(name, "sh", "-c", command)).returncode:
                if time.monotonic() > end:
                    raise LabError(f"{name}: not true within {timeout:.0f} s: {command}\n{res.stdout}{res.stderr}")
                time.sleep(0.1)

    def guests(self, name: str, *guests: str) -> None:
        """Set a node's guests: `vm:100`, `ct:200`, with `:running` or `:stopped` and a name behind if wanted."""
        self.exec(name, "pmxcfs", "lab-guests", *guests, check=True)

    def osds(self, name: str, *ids: str) -> None:
        """Set a node's Ceph OSDs; with none at all in the cluster Ceph counts as not installed."""
        self.exec(name, "pmxcfs", "lab-osds", *ids, check=True)

    def memory(self) -> int:
        """Bytes of private and shared memory (PSS) of all processes and the nodes' disks."""
        todo, total = [self.hub() or -1], 0
        while todo:
            pid = todo.pop()
            todo += children(pid)
            with contextlib.suppress(OSError):
                total += (
                    next(
                        int(line.split()[1])
                        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                        if line.startswith("Pss:")
                    )
                    * 1024
                )
        fs = os.statvfs(f"/proc/{self.hub()}/root{self.dir}/fs")
        return total + (fs.f_blocks - fs.f_bfree) * fs.f_frsize


def corosync_conf(nodes: list[Json], totem: dict[str, str]) -> str:
    """What `pvecm create` and `add` would have written."""
    entries = "".join(
        "  node {\n    name: %s\n    nodeid: %d\n    quorum_votes: 1\n%s  }\n"
        % (
            n["name"],
            n["id"],
            "".join(f"    ring{k}_addr: {PREFIX[f'link{k}']}.{n['host']}\n" for k in range(n["links"])),
        )
        for n in nodes
    )
    values = {
        "cluster_name": CLUSTER,
        "config_version": str(len(nodes)),
        "ip_version": "ipv4-6",
        "link_mode": "passive",
        "secauth": "on",
        "token_coefficient": "125",
        "version": "2",
        **totem,
    }
    links = "".join(f"  interface {{\n    linknumber: {k}\n  }}\n" for k in range(nodes[0]["links"]))
    lines = sorted([f"  {k}: {v}\n" for k, v in values.items()] + [links])
    lines.sort(key=lambda text: "  interface" if text is links else text)
    return (
        f"logging {{\n  debug: off\n  to_syslog: yes\n}}\n\nnodelist {{\n{entries}}}\n\nquorum {{\n  provider: corosync_votequorum\n}}\n\n"
        f"totem {{\n{''.join(lines)}}}\n\n"
    )


@contextlib.contextmanager
def lab_up(*args: Any, name: str = "default", **kw: Any) -> Iterator[Lab]:
    """For a fixture: `with lab_up(3, links=2) as lab: yield lab`."""
    with Lab(name) as lab:
        yield lab.up(*args, **kw)


def main() -> int:
    if sys.argv[1:2] == ["_hub"]:
        hub_main(Path(sys.argv[2]))
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--name", default="default", help="which lab, when there are several")
    sub = ap.add_subparsers(dest="cmd", required=True)
    p = sub.add_parser("up")
    p.add_argument("count", type=int)
    p.add_argument("--links", type=int, default=1, choices=(1, 2))
    p.add_argument("--token", type=int, help="totem token timeout in ms (default: Corosync's own)")
    for flag in ("--qnetd", "--standalone"):
        p.add_argument(flag, action="store_true")
    for cmd in ("exec", "run"):
        p = sub.add_parser(cmd)
        if cmd == "exec":
            p.add_argument("node")
        p.add_argument("argv", nargs=argparse.REMAINDER)
    for cmd in ("kill", "start", "partition"):
        sub.add_parser(cmd).add_argument("names", nargs="+")
    p = sub.add_parser("link")
    p.add_argument("node")
    p.add_argument("number", type=int)
    p.add_argument("state", choices=("up", "down"))
    for cmd in ("guests", "osds"):
        p = sub.add_parser(cmd)
        p.add_argument("node")
        p.add_argument("what", nargs="*")
    for cmd in ("ssh-config", "known-hosts", "inventory", "status", "heal", "down", "why-not"):
        sub.add_parser(cmd)
    a = ap.parse_args()
    lab = Lab(a.name)
    argv = [x for i, x in enumerate(getattr(a, "argv", [])) if i or x != "--"]
    match a.cmd:
        case "up":
            began = time.monotonic()
            lab.up(a.count, a.links, a.qnetd, a.standalone, a.token)
            print(f"{a.count} nodes up in {time.monotonic() - began:.1f} s, {lab.memory() >> 20} MiB")
        case "exec":
            return lab.exec(a.node, *argv, capture_output=False, stdin=None).returncode
        case "run":
            lab.enter_network()
            os.execvp(argv[0], argv)
        case "kill" | "start" | "partition":
            getattr(lab, a.cmd)(*a.names)
        case "link":
            lab.link(a.node, a.number, a.state)
        case "guests" | "osds":
            getattr(lab, a.cmd)(a.node, *a.what)
        case "ssh-config" | "known-hosts":
            print(getattr(lab, a.cmd.replace("-", "_"))(), end="")
        case "inventory" | "status":
            print(json.dumps(lab.inventory(), indent=1))
        case "why-not":
            reason = why_not()
            print(reason or "this machine can run the lab")
            return int(bool(reason))
        case _:
            getattr(lab, a.cmd)()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except LabError as exc:
        sys.exit(f"lab: {exc}")
