"""Who a node says it is: its host name, and what its own copy of corosync.conf says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.corosync_document import parse

CONF = "/etc/corosync/corosync.conf"
_HOST = "/proc/sys/kernel/hostname"
_LIMIT = 900_000
_HEADER = re.compile(r"^==> (\S+) <==\n", re.MULTILINE)


@dataclass(frozen=True)
class Identity:
    """*host*: as Proxmox VE names the node, the first label of its host name. *conf* None: it has no corosync.conf."""

    # head and not cat: it names each file before its content.
    ARGV: ClassVar[tuple[str, ...]] = ("head", "-v", "-c", str(_LIMIT), _HOST, CONF)

    host: str
    conf: CorosyncConf | None = None

    @classmethod
    def parse(cls, output: Output) -> Self:
        before, *parts = _HEADER.split(output.stdout)
        files = dict(zip(parts[::2], parts[1::2], strict=True))
        if before or not files.get(_HOST, "").strip():
            raise Unreadable(f"line 1: {output.stdout[:80]!r}")
        if output.truncated:
            raise Unreadable("the answer was cut off")
        if CONF not in files and "No such file or directory" not in output.stderr:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        host = files[_HOST].strip().partition(".")[0]
        return cls(host, CorosyncConf.of(parse(files[CONF])) if CONF in files else None)

    @property
    def cluster(self) -> str:
        return self.conf.name if self.conf else ""

    @property
    def node_id(self) -> int | None:
        """Its number in its own file; None: the file does not name it."""
        nodes = self.conf.nodes if self.conf else {}
        return next((node.id for name, node in nodes.items() if name == self.host), None)
