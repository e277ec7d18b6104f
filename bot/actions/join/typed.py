"""What is typed after `join`: a member by its address or its name, and a fingerprint."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Self

from bot.names import NodeName, shortened
from bot.text import Refused, Text

_FINGERPRINT = re.compile(r"([0-9A-F]{2}:){31}[0-9A-F]{2}")


class Peer(str):
    """An address as the library writes it, or a node's name. Raise `Refused` if *word* is neither."""

    def __new__(cls, word: str) -> Self:
        if re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", word):
            try:
                return super().__new__(cls, str(ip_address(word)))
            except ValueError as error:
                raise Refused(NO_ADDRESS.fill(word=shortened(word))) from error
        return super().__new__(cls, NodeName(word))

    @property
    def is_address(self) -> bool:
        return "." in self or ":" in self


class Fingerprint(str):
    """SHA-256 of a certificate, as Proxmox VE writes it. Raise `Refused` for anything else, an SSH fingerprint too."""

    def __new__(cls, word: str) -> Self:
        if not _FINGERPRINT.fullmatch(word.upper()):
            raise Refused(NO_FINGERPRINT.fill(word=shortened(word)))
        return super().__new__(cls, word.upper())


NO_ADDRESS = Text(en="“{word}” is not an IP address", fr="« {word} » n'est pas une adresse IP")
NO_FINGERPRINT = Text(
    en="“{word}” is not the SHA-256 fingerprint of a TLS certificate (32 bytes, AA:BB:…). It is not the one of SSH, nor that of "
    "the CA; without --fingerprint the bot takes it from the cluster itself",
    fr="« {word} » n'est pas l'empreinte SHA-256 d'un certificat TLS (32 octets, AA:BB:…). Ce n'est ni celle de SSH, ni celle de "
    "la CA ; sans --fingerprint le bot la prend dans le cluster même",
)
