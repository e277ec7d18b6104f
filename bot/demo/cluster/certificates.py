"""Certificates as Proxmox VE makes them, and one of a public authority that runs out soon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.demo.cluster.layout import Layout

SOON_DAYS = 12


class Authorities:
    """That of each cluster, and of each host that stands alone, by the host that made it; made when first asked for."""

    def __init__(self, layout: Layout, clock: float) -> None:
        self.of: Callable[[str], Authority] = cache(lambda _root: Authority(layout, clock))


class Authority:
    """One cluster's CA; *clock* is Unix time in seconds."""

    def __init__(self, layout: Layout, clock: float) -> None:
        self._layout = layout
        self._now = datetime.fromtimestamp(clock, UTC).replace(microsecond=0)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("PVE Cluster Manager CA", "Proxmox Virtual Environment")
        self.of_node, self.custom = cache(self._of_node), cache(self._custom)

    @property
    def own(self) -> str:
        return self._signed(self._name, self._name, [], days=3650)

    def _custom(self, node: str) -> str:
        """What an administrator put beside it as pveproxy-ssl.pem, signed by somebody else."""
        subject, issuer = _name("", self._full(node)), _name("Example Trust", "Example Issuing CA 3")
        return self._signed(subject, issuer, [x509.DNSName(self._full(node))], days=SOON_DAYS)

    def _of_node(self, node: str) -> str:
        names = [
            *(x509.IPAddress(ip_address(ip)) for ip in ("127.0.0.1", "::1", self._layout.management(node))),
            *(x509.DNSName(name) for name in ("localhost", node, self._full(node))),
        ]
        return self._signed(_name("Proxmox Virtual Environment", self._full(node)), self._name, names, days=730)

    def _full(self, node: str) -> str:
        return f"{node}.{self._layout.domain}"

    def _signed(self, subject: x509.Name, issuer: x509.Name, names: list[x509.GeneralName], *, days: int) -> str:
        begun = self._now - timedelta(days=90 if days > SOON_DAYS else 78)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begun)
            .not_valid_after(self._now + timedelta(days=days, hours=5))
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _name(organisation: str, common: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)] if organisation else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])
