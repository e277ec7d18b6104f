"""A node's disk: a private writable view of this machine's root, with the node's identity and nothing of the machine's own set-up."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from tests.lab import access
from tests.lab.kernel import mount, put, sh
from tests.lab.plan import DOMAIN, Node, Spec

HERE = Path(__file__).resolve().parent
UNITS = HERE / "node/units"  # installed in every node; what the host has enabled is not
COMMANDS = (
    *("pvecm", "pvesh", "pveversion", "qm", "pct", "ha-manager", "pvesr", "pvesm", "pvenode", "ceph", "pmxcfs"),
    "pveproxy-answer",
)
SERVICES = ("pve-cluster.service", "pvedaemon.service", "pveproxy.service", "corosync.service")
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
MASKED = (
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
)
PVE_FOLDERS = (
    "var/lib/pve-cluster/backup",
    "var/lib/pve-cluster/db",
    "var/log/pve/tasks",
    "var/log/corosync",
    "etc/corosync/uidgid.d",
)
DPKG_STATUS, PVE_VERSION = "var/lib/dpkg/status", "9.1.1"
SSHD = (
    "HostKey /etc/ssh/ssh_host_ed25519_key\nPermitRootLogin yes\nUsePAM no\nUseDNS no\nX11Forwarding no\nPrintMotd no\n"
    "KbdInteractiveAuthentication no\nAcceptEnv LANG LC_*\nMaxStartups 200\nMaxSessions 100\nSubsystem sftp internal-sftp\n"
)
FILES = {
    "etc/resolv.conf": f"search {DOMAIN}\n",
    "etc/fstab": "",
    "etc/motd": "",
    "etc/ssh/sshd_config": SSHD,
    "etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\nRateLimitBurst=0\n",
    "etc/systemd/system.conf.d/lab.conf": "[Manager]\nDefaultTimeoutStopSec=20s\n",
}


def compile_stub(stub: Path) -> None:
    """The stand-in as a compiled module: it starts in a fraction of the time a long script takes."""
    stub.mkdir()
    shutil.copy(HERE / "node/pve", stub / "pve.py")
    sh("/usr/bin/python3", "-IS", "-m", "py_compile", str(stub / "pve.py"))


def build(base: Path, spec: Spec, node: Node) -> None:
    """Make the disk below *base*/fs, and mount it."""
    disk, keys = base / "fs" / node.name, base / "keys"
    upper = disk / "upper"
    _hide(upper)
    _identity(upper, spec, node)
    _own_keys(upper, keys, node)
    if not node.is_qnetd:
        _pve(upper, base, spec, node)
    put(upper / "root/.ssh/authorized_keys", _authorized(keys, spec, node), 0o600)
    (upper / "root/.ssh").chmod(0o700)
    _services(upper / "etc/systemd/system", ("corosync-qnetd.service",) if node.is_qnetd else SERVICES)
    for folder in ("work", "root"):
        (disk / folder).mkdir()
    mount("overlay", disk / "root", "overlay", 0, f"lowerdir=/,upperdir={upper},workdir={disk}/work")


def _hide(upper: Path) -> None:
    """Cover what is this machine's own: every unknown top folder, and the set-up in the known ones."""
    own = {top.name for top in Path("/").iterdir() if top.is_dir() and not top.is_symlink()}
    for folder in (*(own - KEEP_TOP - {"tmp"}), *EMPTY):
        (upper / folder).mkdir(parents=True, exist_ok=True)
        os.setxattr(upper / folder, "trusted.overlay.opaque", b"y")
    (upper / "root").chmod(0o700)


def _identity(upper: Path, spec: Spec, node: Node) -> None:
    hosts = [f"{other.address()} {other.name}.{DOMAIN} {other.name}" for other in spec.nodes.values()]
    put(upper / "etc/hostname", node.name + "\n")
    put(upper / "etc/hosts", "\n".join(["127.0.0.1 localhost", *hosts]) + "\n")
    put(upper / "etc/machine-id", hashlib.md5(f"{spec.id}{node.name}".encode()).hexdigest() + "\n", 0o444)
    for path, text in FILES.items():
        put(upper / path, text)


def _own_keys(upper: Path, keys: Path, node: Node) -> None:
    put(upper / "etc/ssh/ssh_host_ed25519_key", (keys / f"host-{node.name}").read_text(), 0o600)
    put(upper / "etc/ssh/ssh_host_ed25519_key.pub", access.public(keys, f"host-{node.name}"))
    put(upper / "root/.ssh/id_rsa", (keys / f"root-{node.name}").read_text(), 0o600)
    put(upper / "root/.ssh/id_rsa.pub", access.public(keys, f"root-{node.name}"))


def _pve(upper: Path, base: Path, spec: Spec, node: Node) -> None:
    """The stand-ins for Proxmox VE and, in a cluster, corosync's files."""
    for command in COMMANDS:
        put(upper / "usr/bin" / command, _stand_in(command), 0o755)
    shutil.copytree(base / "fs/stub", upper / "usr/lib/pve-lab")
    for folder in PVE_FOLDERS:
        (upper / folder).mkdir(parents=True)
    put(upper / DPKG_STATUS, (Path("/") / DPKG_STATUS).read_text() + _package(spec))
    if node.clustered:
        put(upper / "etc/corosync/corosync.conf", spec.conf)
        put(upper / "etc/corosync/authkey", bytes.fromhex(spec.authkey), 0o400)
        put(upper / "var/lib/pve-cluster/db/corosync.conf", spec.conf, 0o640)
    for host in (other for other in spec.nodes.values() if other.is_qnetd):
        key = access.host_key(base / "keys", host)
        names = [*(host.address(net) for net in host.nets), host.name]
        put(upper / "root/.ssh/known_hosts", "".join(f"{name} {key}\n" for name in names))


def _package(spec: Spec) -> str:
    """As dpkg notes an installed one."""
    version = spec.settings.get("version", PVE_VERSION)
    return f"\nPackage: pve-manager\nStatus: install ok installed\nArchitecture: all\nVersion: {version}\n"


def _stand_in(command: str) -> str:
    path = "import sys\nsys.path[:0] = ['/usr/lib/pve-lab']\n"
    return f"#!/usr/bin/python3 -IS\n{path}import pve\npve.main('{command}')\n"


def _authorized(keys: Path, spec: Spec, node: Node) -> str:
    """The bot everywhere, the nodes of a cluster among themselves, and all of them on the qnetd host."""
    trusted = spec.nodes.values() if node.is_qnetd else spec.members if node.clustered else ()
    names = [access.CLIENT, *(f"root-{other.name}" for other in trusted)]
    return "".join(access.public(keys, name) for name in names)


def _services(system: Path, wanted: tuple[str, ...]) -> None:
    for unit in MASKED:
        (system / unit).symlink_to("/dev/null")
    shutil.copytree(UNITS, system, dirs_exist_ok=True)
    (system / "default.target").symlink_to("/lib/systemd/system/multi-user.target")
    if "pveproxy.service" in wanted:
        _want(system, "sockets.target", "pveproxy-lab.socket")
    for unit in ("ssh.service", *wanted):
        _want(system, "multi-user.target", unit)


def _want(system: Path, target: str, unit: str) -> None:
    home = "/etc/systemd/system" if (UNITS / unit).is_file() else "/lib/systemd/system"
    (system / f"{target}.wants").mkdir(exist_ok=True)
    (system / f"{target}.wants" / unit).symlink_to(f"{home}/{unit}")
