"""What is said of a node that gave no answer."""

from __future__ import annotations

from bot.action import Finding, Level
from bot.names import NodeName
from bot.text import Text


def silent(node: NodeName, why: Text) -> Finding:
    return Finding(Level.WARNING, NO_ANSWER.fill(node=node, why=why))


NO_ANSWER = Text(en="{node}: no answer. {why}", fr="{node} : pas de réponse. {why}")
