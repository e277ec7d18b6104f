"""The certificate that one host serves to another: what a node that joins sees at a member's API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from bot.action import Output, Unreadable

PORT = 8006
LIMIT_S = 8  # within what a question may take, so that a silent port is an answer
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class ServedCertificate:
    """*fingerprint*: SHA-256 as Proxmox VE writes it; "" where nothing was served, and *why* says what came instead."""

    fingerprint: str
    why: str = ""

    @staticmethod
    def argv(address: str) -> tuple[str, ...]:
        at = f"[{address}]:{PORT}" if ":" in address else f"{address}:{PORT}"
        return ("timeout", str(LIMIT_S), "openssl", "s_client", "-connect", at)

    @classmethod
    def parse(cls, output: Output) -> Self:
        """The exit code says nothing of the certificate: it is 0 also where nobody trusts it."""
        pem = _PEM.search(output.stdout)
        if pem is None:
            return cls("", _first_line(output))
        try:
            read = x509.load_pem_x509_certificate(pem[0].encode())
        except ValueError as error:
            raise Unreadable(f"no certificate: {error}") from error
        return cls(read.fingerprint(hashes.SHA256()).hex(":").upper())


def _first_line(output: Output) -> str:
    return (output.stderr.strip() or f"exit {output.exit}").splitlines()[0][:200]
