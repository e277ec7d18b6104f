"""What the lab needs of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.lab.kernel import SYSTEM_PATH, cgroup_roots

TOOLS = ("systemd-nspawn", "corosync", "corosync-qdevice", "sshd", "ssh-keygen", "ip", "nsenter", "openssl", "killall")
PACKAGES = "systemd-container corosync corosync-qdevice corosync-qnetd openssh-server openssl libnss3-tools iproute2 iputils-ping procps psmisc"
_PROBE = (
    "ip link add br9 type bridge && ip link add a9 type veth peer name b9 && mount -t tmpfs t /mnt && "
    "mkdir /mnt/u /mnt/w /mnt/m && mount -t overlay o -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/m"
)


def why_not() -> str | None:
    """The reason this machine cannot run the lab, or None. For a visible skip."""
    if sys.platform != "linux" or os.geteuid():
        return "needs root on Linux (namespaces, systemd-nspawn)"
    if missing := [tool for tool in TOOLS if not shutil.which(tool, path=SYSTEM_PATH)]:
        return f"not installed: {', '.join(missing)} (Debian packages: {PACKAGES})"
    probe = subprocess.run(["unshare", "-mnpuif", "sh", "-c", _PROBE], capture_output=True, text=True, check=False)
    if probe.returncode:
        return f"namespaces, veth, bridge or overlay not allowed here: {probe.stderr.strip()}"
    return None if cgroup_roots() else "no writable cgroup v2 hierarchy"
