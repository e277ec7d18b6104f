"""The virtual machines and containers of the cluster, as the cluster file system of one node knows them.

The two files are what `pvesh get /cluster/resources` itself reads (API2Tools.pm), without the start of Perl; both answer
without quorum.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.json_answer import read_json

_FILES = ("/etc/pve/.vmlist", "/etc/pve/.rrd")
_LIMIT = 900_000
_HEADER = re.compile(r"^==> (\S+) <==\n", re.MULTILINE)
# pve2.3-vm until Proxmox VE 8, pve-vm-9.0 since: uptime, name, status, whether a template, time (pvestatd.pm).
_STATUS = re.compile(
    r"^(?:pve2\.3-vm|pve-vm-[\d.]+)/(\d{1,10}):[^:\n]*:[^:\n]*:([^:\n]*):(\d*):(\d{1,15})", re.MULTILINE
)


@dataclass(frozen=True)
class Count:
    """Templates are counted apart: they never run. *unknown*: the node of these guests says nothing."""

    running: int = 0
    total: int = 0
    templates: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class _Status:
    state: str
    template: bool
    at_s: int


@dataclass(frozen=True)
class Guests:
    """A node that vanished keeps its guests' last states for five minutes (status.c), then they are unknown."""

    # head and not cat: it names each file before its content.
    ARGV: ClassVar[tuple[str, ...]] = ("head", "-v", "-c", str(_LIMIT), *_FILES)

    by_node: Mapping[str, Count]

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        listed, rrd = _files(output)
        owners, states = _owners(listed), _states(rrd)
        return cls({node: _count([states.get(id_) for id_ in ids]) for node, ids in owners.items()})

    def on(self, node: str) -> Count:
        return self.by_node.get(node, Count())


def _files(output: Output) -> tuple[str, str]:
    before, *parts = _HEADER.split(output.stdout)
    if before or tuple(parts[::2]) != _FILES:
        raise Unreadable(f"line 1: {output.stdout[:80]!r}")
    listed, rrd = parts[1::2]
    if output.truncated or max(len(listed), len(rrd)) >= _LIMIT:
        raise Unreadable("the answer was cut off")
    return listed, rrd


def _owners(listed: str) -> dict[str, list[int]]:
    """The ids of the guests of each node."""
    found: dict[str, list[int]] = {}
    document = read_json(listed, ".vmlist")
    try:
        for id_, guest in document.get("ids", {}).items():
            found.setdefault(str(guest["node"]), []).append(int(id_))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Unreadable(f".vmlist is not a list of guests: {error}") from error
    return found


def _states(rrd: str) -> dict[int, _Status]:
    """By guest; of two words on one guest, as in a cluster that is being upgraded, the later."""
    said = [(int(id_), _Status(state, template == "1", int(at))) for id_, state, template, at in _STATUS.findall(rrd)]
    return dict(sorted(said, key=lambda each: each[1].at_s))


def _count(guests: list[_Status | None]) -> Count:
    own = [guest for guest in guests if not (guest and guest.template)]
    return Count(
        running=sum(1 for guest in own if guest and guest.state == "running"),
        total=len(own),
        templates=len(guests) - len(own),
        unknown=own.count(None),
    )
