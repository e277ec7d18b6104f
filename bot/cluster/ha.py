"""What the HA manager last wrote of itself: `/etc/pve/ha/manager_status`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from bot.action import Output, Unreadable
from bot.cluster.json_answer import read_json

_WATCHDOG_S = 60  # ha-manager.adoc: a node with active services and no quorum is reset after this time
# Services that no watchdog guards: nobody keeps them running.
_AT_REST = frozenset({"ignored", "stopped", "disabled"})


@dataclass(frozen=True)
class Ha:
    """*services*: sid → (node, state). Empty where HA was never used: no watchdog is armed then."""

    ARGV: ClassVar = ("cat", "/etc/pve/ha/manager_status")
    WATCHDOG_S: ClassVar = _WATCHDOG_S

    services: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit != 0:
            if "No such file or directory" in output.stderr:
                return cls()
            raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")
        document = read_json(output.stdout or "{}")
        try:
            services = {str(sid): (str(s["node"]), str(s["state"])) for sid, s in _part(document, "service_status")}
            return cls(services, {str(name): str(state) for name, state in _part(document, "node_status")})
        except (KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"line 1: not the state of the HA manager: {error}") from error

    @property
    def armed(self) -> frozenset[str]:
        """The nodes that reset themselves when they lose quorum for longer than the watchdog waits."""
        return frozenset(node for node, state in self.services.values() if state not in _AT_REST)


def _part(document: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    return list((document.get(key) or {}).items())
