"""An answer of all nodes without one of them: how the rest of a cluster sees it."""

from __future__ import annotations

from typing import TypeVar

from bot.action import EachNode
from bot.names import NodeName

T = TypeVar("T")


def without(each: EachNode[T], node: NodeName) -> EachNode[T]:
    heard = {name: answer for name, answer in each.by_node.items() if name != node}
    return EachNode(heard, {name: why for name, why in each.silent.items() if name != node})
