"""The virtual machines and containers of the cluster, as one node knows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from bot.action import Output, Unreadable


@dataclass(frozen=True)
class Count:
    """Templates are counted apart: they never run. *unknown*: the node of these guests says nothing."""

    running: int = 0
    total: int = 0
    templates: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class Guests:
    ARGV: ClassVar = ("pvesh", "get", "/cluster/resources", "--type", "vm", "--output-format", "json")

    by_node: Mapping[str, Count]

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0:
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        try:
            guests = [(str(g["node"]), str(g["status"]), bool(g.get("template"))) for g in json.loads(output.stdout)]
        except json.JSONDecodeError as error:
            raise Unreadable(f"line {error.lineno}: {output.stdout[:200]!r}") from error
        except (KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"line 1: not a list of guests: {error}") from error
        return cls({node: _count(guests, node) for node in {node for node, _, _ in guests}})

    def on(self, node: str) -> Count:
        return self.by_node.get(node, Count())


def _count(guests: list[tuple[str, str, bool]], node: str) -> Count:
    states: list[Any] = [state for where, state, template in guests if where == node and not template]
    return Count(
        running=states.count("running"),
        total=len(states),
        templates=sum(1 for where, _, template in guests if where == node and template),
        unknown=states.count("unknown"),
    )
