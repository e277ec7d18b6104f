"""The TLS certificates of a node: the cluster's CA, the node's own, and the one that pveproxy shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from bot.action import Output, Unreadable

CA = "pve-root-ca.pem"
NODE = "pve-ssl.pem"
CUSTOM = "pveproxy-ssl.pem"
_FILES = (f"/etc/pve/{CA}", f"/etc/pve/local/{NODE}", f"/etc/pve/local/{CUSTOM}")
_HEADER = re.compile(r"^==> (\S+) <==\n", re.MULTILINE)
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_US = 1_000_000


@dataclass(frozen=True)
class Certificate:
    """One file's first certificate. Times: Unix, microseconds. *fingerprint*: SHA-256, as Proxmox VE writes it."""

    file: str
    subject: str
    issuer: str
    not_before_us: int
    not_after_us: int
    fingerprint: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Certificates:
    """*asked_at_us*: when the bot asked, by its own clock."""

    # head and not cat: it names each file before its content, and a missing one does not hide the others.
    ARGV: ClassVar[tuple[str, ...]] = ("head", "-v", "-c", "65536", *_FILES)

    by_file: dict[str, Certificate]
    asked_at_us: int

    @classmethod
    def parse(cls, output: Output) -> Self:
        """Raise `Unreadable` for a file that holds no certificate; a file that does not exist is left out."""
        if output.exit != 0 and "No such file" not in output.stderr:
            raise Unreadable(output.stderr.strip() or f"exit code {output.exit}")
        return cls(dict(_certificates(output.stdout)), output.sent_at_us)

    @property
    def served(self) -> Certificate | None:
        """What pveproxy shows on port 8006, and whose fingerprint a join needs (get_node_fingerprint, Cluster.pm)."""
        return self.by_file.get(CUSTOM) or self.by_file.get(NODE)

    def days_left(self, certificate: Certificate) -> int:
        """Whole days until it expires, negative once it has."""
        return (certificate.not_after_us - self.asked_at_us) // (86_400 * _US)


def _certificates(text: str) -> Iterator[tuple[str, Certificate]]:
    before, *parts = _HEADER.split(text)
    if before.strip():
        raise Unreadable(f"line 1: {before[:80]!r}")
    for path, content in zip(parts[::2], parts[1::2], strict=True):
        file = path.rsplit("/", 1)[-1]
        yield file, _certificate(file, path, content)


def _certificate(file: str, path: str, content: str) -> Certificate:
    pem = _PEM.search(content)
    if not pem:
        raise Unreadable(f"{path} holds no certificate: {content[:60]!r}")
    try:
        return _read(file, x509.load_pem_x509_certificate(pem[0].encode()))
    except ValueError as error:  # some parts are only parsed when they are asked for
        raise Unreadable(f"{path}: {error}") from error


def _read(file: str, read: x509.Certificate) -> Certificate:
    return Certificate(
        file=file,
        subject=_common_name(read.subject),
        issuer=_common_name(read.issuer),
        not_before_us=int(read.not_valid_before_utc.timestamp()) * _US,
        not_after_us=int(read.not_valid_after_utc.timestamp()) * _US,
        fingerprint=read.fingerprint(hashes.SHA256()).hex(":").upper(),
        names=_alternative_names(read),
    )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _alternative_names(read: x509.Certificate) -> tuple[str, ...]:
    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for name in names)
