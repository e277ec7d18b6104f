"""What lies in /etc/pve of one host, and thereby of all that are in one ring with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.demo.cluster.conf import Conf

BOT = "bot"


@dataclass(frozen=True)
class Pve:
    """*conf* None: it stands alone. *nodes*: the directories in nodes/, which outlive a `delnode`.

    *keys*: whose keys priv/authorized_keys holds, by their comments (`root@pve01`, or BOT). *root*: the host that made
    pve-root-ca.pem. *hosts*: whose host keys priv/known_hosts holds. *files*: other files by their path in /etc/pve. *revision*: of several copies the highest is the newest.
    """

    conf: Conf | None
    nodes: tuple[str, ...]
    keys: tuple[str, ...]
    root: str
    hosts: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    revision: int = 0


def key_of(node: str) -> str:
    return f"root@{node}"


STORAGE = (
    "dir: local\n\tpath /var/lib/vz\n\tcontent iso,vztmpl,backup\n\n"
    "lvmthin: local-lvm\n\tthinpool data\n\tvgname pve\n\tcontent rootdir,images\n"
)
