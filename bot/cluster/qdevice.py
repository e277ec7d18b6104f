"""What the QDevice daemon of one node says: the answer of `corosync-qdevice-tool -s`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

_NOT_RUNNING = "Can't connect to QDevice socket"
_NOT_INSTALLED = 127


@dataclass(frozen=True)
class QdeviceDaemon:
    """*running* is False where the daemon does not run (also where its package is not installed).

    *state* is `Connected`, `Connecting`, `Connect failed` or `Disconnected`.
    """

    ARGV: ClassVar = ("corosync-qdevice-tool", "-s")

    running: bool
    installed: bool = True
    state: str = ""
    host: str = ""
    algorithm: str = ""

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit == _NOT_INSTALLED:
            return cls(running=False, installed=False)
        if output.exit != 0:
            if _NOT_RUNNING in output.stderr:
                return cls(running=False)
            raise Unreadable(f"exit {output.exit}: {(output.stderr or output.stdout).strip()[:200]!r}")
        fields = _fields(output.stdout)
        if "Model" not in fields:
            raise Unreadable("no line 'Model'")
        return cls(
            running=True,
            state=fields.get("State", ""),
            host=fields.get("QNetd host", ""),
            algorithm=fields.get("Algorithm", ""),
        )

    @property
    def connected(self) -> bool:
        return self.state == "Connected"


def _fields(text: str) -> dict[str, str]:
    """Every `key: value` line. Newer daemons print more of them, so an unknown line is no mistake."""
    fields = {}
    for number, line in enumerate(text.splitlines(), start=1):
        key, colon, value = line.partition(":")
        if colon:
            fields[key.strip()] = value.strip()
        elif line.strip(" -") and not line.endswith("information") and "Node ID =" not in line:
            raise Unreadable(f"line {number}: {line[:200]!r}")
    return fields
