"""The certificate of one node as another one has it: all members share /etc/pve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bot.action import Output
from bot.cluster.certificates import CUSTOM, NODE, Certificates
from bot.names import NodeName


@dataclass(frozen=True)
class PeerCertificate:
    """*fingerprint* of what its pveproxy shows; "" where this copy of /etc/pve has none."""

    fingerprint: str

    @staticmethod
    def argv(node: NodeName) -> tuple[str, ...]:
        return ("head", "-v", "-c", "65536", *(f"/etc/pve/nodes/{node}/{file}" for file in (NODE, CUSTOM)))

    @classmethod
    def parse(cls, output: Output) -> Self:
        served = Certificates.parse(output).served
        return cls(served.fingerprint if served else "")
