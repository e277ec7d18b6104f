"""An action for tests: one step on one node, resting on one number."""

from __future__ import annotations

from bot.action import Step
from bot.text import same
from tests.numbered import PVE01, numbered

TURN = numbered(
    "turn", "turned", "turn it back", lambda seen: (Step(PVE01, same("turn it"), ("turn",), guard=str(seen)),)
)
