"""What a node's API says of its cluster: `GET /cluster/status`, asked directly over the network, without SSH."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.json_answer import read_json


@dataclass(frozen=True)
class ApiStatus:
    """*quorate* None: the host is in no cluster. *online*: the nodes that it sees."""

    PATH: ClassVar[str] = "/cluster/status"

    quorate: bool | None
    online: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, output: Output) -> Self:
        entries: Any = read_json(output.stdout)
        if not isinstance(entries, list):
            raise Unreadable(f"line 1: not a list: {output.stdout[:80]!r}")
        try:
            quorate = next((bool(int(one["quorate"])) for one in entries if one["type"] == "cluster"), None)
            online = frozenset(str(one["name"]) for one in entries if one["type"] == "node" and int(one["online"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable(f"line 1: not a cluster's status: {error}") from error
        return cls(quorate, online)
