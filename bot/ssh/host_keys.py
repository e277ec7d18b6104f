"""Which host key a node must show, and the words when it shows another. Nothing is ever accepted by itself."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256

from bot.action import Unreachable
from bot.ssh.login import Login
from bot.ssh.words import KNOWN_HOSTS_UNREADABLE, unreachable
from bot.text import Text, same

RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")  # how a key of the type ssh-rsa signs today (RFC 8332)


@dataclass(frozen=True)
class HostKey:
    """A public host key. *type* as in known_hosts: `ssh-ed25519`, `ssh-rsa` …"""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it."""
        return "SHA256:" + b64encode(sha256(self.blob).digest()).decode().rstrip("=")


@dataclass(frozen=True)
class Expected:
    """Everything that is known of one node's host keys."""

    keys: frozenset[HostKey] = frozenset()
    pinned: frozenset[str] = frozenset()
    revoked: frozenset[HostKey] = frozenset()

    @property
    def fingerprints(self) -> tuple[str, ...]:
        return tuple(sorted({key.fingerprint for key in self.keys} | self.pinned))

    def accepts(self, offered: HostKey) -> bool:
        return offered not in self.revoked and offered.fingerprint in self.fingerprints

    def preferred(self, types: Sequence[str]) -> tuple[str, ...]:
        """*types* with those first for which a key is known, so that a node with several keys shows that one."""
        known = {name for key in self.keys for name in (RSA_SIGNATURES if key.type == "ssh-rsa" else (key.type,))}
        return tuple(sorted(types, key=lambda name: name not in known))


def expected(login: Login) -> Expected:
    """Raise `Unreachable` if the known_hosts file cannot be read."""
    if login.known_hosts is None:
        return Expected(pinned=login.fingerprints)
    try:
        text = login.known_hosts.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise unreachable(KNOWN_HOSTS_UNREADABLE, login, error=error.strerror) from error
    return read_known_hosts(text, login.host, login.port, login.fingerprints)


def read_known_hosts(text: str, host: str, port: int, pinned: frozenset[str] = frozenset()) -> Expected:
    """The keys for *host*; lines that are not keys are skipped, as ssh does (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
    name = host.lower() if port == 22 else f"[{host.lower()}]:{port}"
    found: dict[str, set[HostKey]] = {"": set(), "@revoked": set()}
    for line in text.splitlines():
        marker, patterns, key = _entry(line)
        if key is not None and marker in found and _matches(patterns, name):
            found[marker].add(key)
    return Expected(frozenset(found[""]), pinned, frozenset(found["@revoked"]))


def refusal(login: Login, known: Expected, offered: HostKey) -> Unreachable | None:
    """The reason not to go on with a node that shows *offered*; None if it is the right one."""
    if known.accepts(offered):
        return None
    values = {"offered": offered.fingerprint, "type": offered.type, "accept": _accept(login, offered)}
    if offered in known.revoked:
        return unreachable(REVOKED, login, **values)
    if known.fingerprints:
        return unreachable(CHANGED, login, expected=", ".join(known.fingerprints), **values)
    return unreachable(UNKNOWN, login, **values)


def _accept(login: Login, offered: HostKey) -> Text:
    if login.known_hosts is None or login.fingerprints:
        return same(f'fingerprints = ["{offered.fingerprint}"]')
    scan = f"ssh-keyscan -t {_keyscan_type(offered.type)} -p {login.port} {login.host} >> {login.known_hosts}"
    return same(scan)


def _keyscan_type(type_: str) -> str:
    return type_.removeprefix("ssh-") if type_.startswith("ssh-") else "ecdsa"


def _entry(line: str) -> tuple[str, str, HostKey | None]:
    words = line.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#"):
        return marker, "", None
    try:
        return marker, words[0], HostKey(words[1], b64decode(words[2], validate=True))
    except NotBase64:
        return marker, "", None


def _matches(patterns: str, name: str) -> bool:
    if patterns.startswith("|1|"):
        return _hash_matches(patterns, name)
    words = patterns.lower().split(",")
    if any(word.startswith("!") and _like(word[1:], name) for word in words):
        return False
    return any(_like(word, name) for word in words)


def _like(pattern: str, name: str) -> bool:
    # Only * and ? are special in known_hosts; brackets belong to [host]:port.
    return fnmatchcase(name, pattern.replace("[", "[[]"))


def _hash_matches(pattern: str, name: str) -> bool:
    try:
        _, _, salt, digest = pattern.split("|")
        mac = hmac.digest(b64decode(salt), name.encode(), "sha1")  # HashKnownHosts, ssh_config(5)
        return hmac.compare_digest(mac, b64decode(digest))
    except ValueError:  # NotBase64 is one too
        return False


UNKNOWN = Text(
    en="The host key of {host} port {port} is unknown, so nothing was sent. It offers {offered} ({type}). "
    "Compare it on the node's console (`ssh-keygen -lf /etc/ssh/…pub`), then accept it with: `{accept}`",
    fr="La clé d'hôte de {host} port {port} est inconnue, donc rien n'a été envoyé. Il présente {offered} ({type}). "
    "Comparez-la sur la console du nœud (`ssh-keygen -lf /etc/ssh/…pub`), puis acceptez-la par : `{accept}`",
)
CHANGED = Text(
    en="The host key of {host} port {port} has changed, so nothing was sent. Expected {expected}, offered {offered} "
    "({type}). Someone may be in between: compare it on the node's console, and only if it is the node's own, "
    "remove the old key and accept the new one with: `{accept}`",
    fr="La clé d'hôte de {host} port {port} a changé, donc rien n'a été envoyé. Attendu {expected}, présenté {offered} "
    "({type}). Quelqu'un est peut-être entre les deux : comparez-la sur la console du nœud et, seulement si c'est bien "
    "la sienne, retirez l'ancienne clé et acceptez la nouvelle par : `{accept}`",
)
REVOKED = Text(
    en="The host key {offered} ({type}) of {host} port {port} is marked @revoked in {known_hosts}, so nothing was sent. "
    "Give the node a new host key, then accept that one, for example with: `{accept}`",
    fr="La clé d'hôte {offered} ({type}) de {host} port {port} est marquée @revoked dans {known_hosts}, donc rien n'a "
    "été envoyé. Donnez une nouvelle clé d'hôte au nœud, puis acceptez celle-là, par exemple par : `{accept}`",
)
