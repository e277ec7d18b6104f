"""All that the simulated nodes keep, as a file: a later demo in the same directory finds them as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.demo.cluster.situation import Power, Service, Situation
from bot.demo.cluster.units import Left

CHANGING = ("power", "cut", "stopped", "forced", "masked", "separated", "changes")


@dataclass(frozen=True)
class Kept:
    """*boots*: the boot id of each node. *tickets*: by node, what its disk keeps."""

    situation: Situation
    boots: Mapping[str, str] = field(default_factory=dict)
    tickets: Mapping[str, Mapping[str, Left]] = field(default_factory=dict)


def write(path: Path, kept: Kept) -> None:
    """All or nothing, also when the process is killed."""
    situation = {name: _plain(getattr(kept.situation, name)) for name in CHANGING}
    tickets = {node: {id_: asdict(left) for id_, left in own.items()} for node, own in kept.tickets.items()}
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"situation": situation, "boots": dict(kept.boots), "tickets": tickets}, indent=1))
    new.replace(path)


def read(path: Path, begin: Situation) -> Kept:
    """As it was left; *begin*, where nothing was. What does not change is from *begin*."""
    if not path.exists():
        return Kept(begin)
    kept: dict[str, Any] = json.loads(path.read_text())
    tickets = {node: {id_: Left(**left) for id_, left in own.items()} for node, own in kept["tickets"].items()}
    return Kept(_situation(begin, kept["situation"]), kept["boots"], tickets)


def _situation(begin: Situation, kept: dict[str, Any]) -> Situation:
    return replace(
        begin,
        power=tuple((host, Power(power)) for host, power in kept["power"]),
        cut=frozenset((node, link) for node, link in kept["cut"]),
        stopped=frozenset((node, Service(service)) for node, service in kept["stopped"]),
        forced=tuple((node, n) for node, n in kept["forced"]),
        masked=frozenset(kept["masked"]),
        separated=frozenset(kept["separated"]),
        changes=kept["changes"],
    )


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value
