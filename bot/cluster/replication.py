"""The replication jobs of the cluster: `/etc/pve/replication.cfg`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.section_config import Entry, node_name, of_file
from bot.names import NodeName

_ID = re.compile(r"(\d{1,9})-\d{1,9}")


@dataclass(frozen=True)
class Job:
    """*source*: where the guest was when the job last ran, "" if it never did; the guest's own node is the true one."""

    id: str
    guest: int
    target: NodeName
    source: str = ""


@dataclass(frozen=True)
class Replication:
    ARGV: ClassVar[tuple[str, ...]] = ("cat", "/etc/pve/replication.cfg")

    jobs: tuple[Job, ...] = ()

    @classmethod
    def parse(cls, output: Output) -> Self:
        return cls(tuple(map(_job, of_file(output))))


def _job(entry: Entry) -> Job:
    found = _ID.fullmatch(entry.id)
    if found is None or "target" not in entry.keys:
        raise Unreadable(f"line {entry.line}: not a replication job: {entry.id!r}")
    return Job(entry.id, int(found[1]), node_name(entry.keys["target"], entry.line), entry.keys.get("source", ""))
