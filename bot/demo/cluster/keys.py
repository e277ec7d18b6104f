"""The keys of the simulated nodes: who may log in, with what each root logs in elsewhere, what each host shows of itself."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from bot.demo.cluster.situation import Situation

LOGINS, OWN = "/root/.ssh/authorized_keys", "/root/.ssh/id_rsa.pub"
HOST = "/etc/ssh/ssh_host_ed25519_key.pub"


def logins(now: Situation, bot_key: str) -> str:
    """Who is let in: the bot, and the nodes among themselves; also on a node that was separated, for it kept the list."""
    bot = f"{bot_key} pve-cluster-bot\n" if bot_key else ""
    return bot + "".join(own(node) for node in now.layout.nodes)


def own(node: str) -> str:
    return _line("root", node)


def host(node: str) -> str:
    return _line("host", node)


def _line(kind: str, node: str) -> str:
    """A public key that nobody has the other half of, the same each time."""
    parts = (b"ssh-ed25519", sha256(f"{kind} {node}".encode()).digest())
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"ssh-ed25519 {b64encode(blob).decode()} root@{node}\n"
