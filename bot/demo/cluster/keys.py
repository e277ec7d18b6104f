"""The keys of the simulated nodes: who may log in, with what each root logs in elsewhere, what each host shows of itself."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from bot.actions.join.trust import TAG
from bot.demo.cluster import networks
from bot.demo.cluster.host import Files, Host, Topic
from bot.demo.cluster.pve import BOT, key_of

LOGINS, OWN = "/root/.ssh/authorized_keys", "/root/.ssh/id_rsa.pub"
HOST = "/etc/ssh/ssh_host_ed25519_key.pub"


def logins(host: Host) -> str:
    """Who is let in, in the order in which they came."""
    return "".join(_login(host, key) for key in host.now.pve_of(host.node).keys)


def _login(host: Host, key: str) -> str:
    if key == BOT:
        return f"{host.bot_key} pve-cluster-bot\n" if host.bot_key else ""
    if key.startswith(TAG):
        return _for_a_while(host, key)
    return own(key.removeprefix(key_of("")))


def _for_a_while(host: Host, comment: str) -> str:
    """As `join` lets root of another host in."""
    node = comment.rpartition(" ")[2]
    addresses = ",".join(one.address for one in networks.interfaces(host.now, node))
    key = " ".join(own(node).split()[:2])
    return f'restrict,from="{addresses}" {key} {comment}\n'


def own(node: str) -> str:
    return _line("root", node)


def host_key(host: Host, node: str) -> str:
    """What its SSH server shows."""
    known = host.host_keys.get(node)
    return f"{known} root@{node}\n" if known else _line("host", node)


def _files(host: Host) -> Files:
    return {
        LOGINS: lambda: logins(host),
        OWN: lambda: own(host.node),
        HOST: lambda: host_key(host, host.node),
    }


def _line(kind: str, node: str) -> str:
    """A public key that nobody has the other half of, the same each time."""
    parts = (b"ssh-ed25519", sha256(f"{kind} {node}".encode()).digest())
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"ssh-ed25519 {b64encode(blob).decode()} root@{node}\n"


TOPIC = Topic(files=_files)
