"""All that the simulated nodes keep, as a file: a later demo in the same directory finds them as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import reduce
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.demo.cluster.shared import stand_alone
from bot.demo.cluster.situation import Situation
from bot.demo.cluster.units import Left

CHANGING = tuple(one.name for one in fields(Situation) if one.name != "layout")


@dataclass(frozen=True)
class Kept:
    """*boots*: the boot id of each node. *tickets*: by node, what its disk keeps."""

    situation: Situation
    boots: Mapping[str, str] = field(default_factory=dict)
    tickets: Mapping[str, Mapping[str, Left]] = field(default_factory=dict)


def write(path: Path, kept: Kept) -> None:
    """All or nothing, also when the process is killed."""
    situation = SITUATION.dump_python(kept.situation, mode="json", include=set(CHANGING))
    tickets = {node: {id_: asdict(left) for id_, left in own.items()} for node, own in kept.tickets.items()}
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"situation": situation, "boots": dict(kept.boots), "tickets": tickets}, indent=1))
    new.replace(path)


def read(path: Path, begin: Situation) -> Kept:
    """As it was left; *begin*, where nothing was. What does not change is from *begin*, and what an older one did not keep."""
    if not path.exists():
        return Kept(begin)
    kept: dict[str, Any] = json.loads(path.read_text())
    tickets = {node: {id_: Left(**left) for id_, left in own.items()} for node, own in kept["tickets"].items()}
    return Kept(_situation(begin, kept["situation"]), kept["boots"], tickets)


def _situation(begin: Situation, kept: dict[str, Any]) -> Situation:
    read = SITUATION.validate_python(kept)
    now = replace(begin, **{name: getattr(read, name) for name in CHANGING if name in kept})
    return reduce(stand_alone, kept.get(ONCE_SEPARATED, ()), now)


SITUATION = TypeAdapter(Situation)
ONCE_SEPARATED = "separated"  # an earlier version kept so which nodes were in no cluster any more
