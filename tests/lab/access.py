"""Keys, and how an SSH client reaches the nodes of a lab."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.lab.kernel import LabError, put
from tests.lab.plan import DOMAIN, Node, Spec

CLIENT = "client"


def make_keys(folder: Path, nodes: Iterable[str]) -> None:
    """One for the bot, and for each node its host key and its root's own, which Proxmox VE makes an RSA key."""
    folder.mkdir(mode=0o700)
    owners = {f"{kind}-{node}": f"root@{node}" for node in nodes for kind in ("host", "root")}
    made = [
        subprocess.Popen(["ssh-keygen", "-q", *_kind(name), "-N", "", "-C", comment, "-f", str(folder / name)])
        for name, comment in {CLIENT: "bot@pvelab", **owners}.items()
    ]
    if [one for one in made if one.wait()]:
        raise LabError("ssh-keygen failed")


def _kind(name: str) -> tuple[str, ...]:
    return ("-t", "rsa", "-b", "2048") if name.startswith("root-") else ("-t", "ed25519")


def public(folder: Path, name: str) -> str:
    """The line for authorized_keys."""
    return (folder / f"{name}.pub").read_text()


def host_key(folder: Path, node: Node) -> str:
    """Kind and key, as known_hosts has them."""
    return " ".join(public(folder, f"host-{node.name}").split()[:2])


def known_hosts(folder: Path, spec: Spec) -> str:
    return "".join(_known(folder, node) for node in spec.nodes.values())


def _known(folder: Path, node: Node) -> str:
    names = [node.name, f"{node.name}.{DOMAIN}", *(node.address(net) for net in node.nets)]
    return f"{','.join(names)} {host_key(folder, node)}\n"


def ssh_config(spec: Spec, key: Path, known: Path) -> str:
    hosts = "".join(f"Host {n.name} {n.name}.{DOMAIN}\n  HostName {n.address()}\n" for n in spec.nodes.values())
    return hosts + (
        f"Host *\n  User root\n  IdentityFile {key}\n  IdentitiesOnly yes\n  UserKnownHostsFile {known}\n"
        "  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  BatchMode yes\n  ConnectTimeout 10\n"
        "  LogLevel ERROR\n"
    )


def kept(path: Path, text: str) -> Path:
    """*path*, written once."""
    if not path.exists():
        put(path, text)
    return path
