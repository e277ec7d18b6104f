"""How one node is reached: address, key, what its host key must be, and how long each part may take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Login:
    """A host key is accepted if *known_hosts* has it or *fingerprints* (`SHA256:…`) pins it, and never otherwise."""

    host: str
    port: int
    user: str
    key: Path
    known_hosts: Path | None = None
    fingerprints: frozenset[str] = frozenset()
    sudo: bool = False
    connect_timeout_s: float = 5
    auth_timeout_s: float = 10  # from the first byte to the end of the login
    keepalive_s: int = 15
    idle_s: float = 600  # a kept connection nobody used for so long is closed
    channels: int = 8  # side by side; below sshd's MaxSessions (10, sshd_config(5)), what is above waits
