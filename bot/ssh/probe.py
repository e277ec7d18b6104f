"""What can be said of reaching one node: answers, host key, login, and what its login shell costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

from bot.action import Call, Unreachable
from bot.names import NodeName
from bot.ssh import words
from bot.ssh.able import ABLE, obstacles
from bot.ssh.connection import Connect, Handshake, close, shake_hands
from bot.ssh.login import Login
from bot.ssh.session import Hung, Lost, Session
from bot.ssh.words import unreachable
from bot.text import Text

RUNS = 3
LIMIT_S = 10


@dataclass(frozen=True)
class Probe:
    """As far as it went. *fingerprint*: of the host key shown. *uid*: whom the login runs commands as, before sudo.

    *shell_us*: the median of a command that does nothing; what is above some milliseconds is the login shell's.
    *problem*: why it went no further; None if everything needed is there. *obstacles*: why no change can run there.
    """

    node: NodeName
    is_reachable: bool = False
    fingerprint: str | None = None
    is_known: bool = False
    is_logged_in: bool = False
    uid: int | None = None
    shell_us: int | None = None
    problem: Text | None = None
    obstacles: tuple[Text, ...] = ()


def probe(node: NodeName, login: Login, connect: Connect, now_us: Callable[[], int]) -> Probe:
    """Look at one node on a connection of its own, which is closed at the end; never raise for a node."""
    try:
        handshake = shake_hands(login, connect)
    except Unreachable as reason:
        return Probe(node, problem=reason.text)
    try:
        return _probe(Probe(node, is_reachable=True, fingerprint=handshake.offered.fingerprint), handshake, now_us)
    finally:
        close(handshake.transport)


def _probe(found: Probe, handshake: Handshake, now_us: Callable[[], int]) -> Probe:
    found = replace(found, is_known=handshake.refusal is None)
    try:
        handshake.log_in()
        found = replace(found, is_logged_in=True)
        found = replace(found, shell_us=_shell_us(found.node, handshake, now_us))
        return _with_rights(found, handshake, now_us)
    except Unreachable as reason:
        return replace(found, problem=reason.text)
    except Hung as hung:
        return replace(found, problem=hung.reason.text)
    except Lost:
        return replace(found, problem=unreachable(words.LOST, handshake.login).text)


def _shell_us(node: NodeName, handshake: Handshake, now_us: Callable[[], int]) -> int:
    nothing = Call(node, ("true",), LIMIT_S)
    return round(median(_ask(nothing, handshake, now_us)[1] for _ in range(RUNS)))


def _with_rights(found: Probe, handshake: Handshake, now_us: Callable[[], int]) -> Probe:
    login = handshake.login
    said, _ = _ask(Call(found.node, ("id", "-u"), LIMIT_S), handshake, now_us)
    if not said.strip().isdecimal():
        return replace(found, problem=unreachable(NO_UID, login, said=said.strip()[:60]).text)
    found = replace(found, uid=int(said))
    if found.uid != 0 and not login.sudo:
        return replace(found, problem=unreachable(NOT_ROOT, login).text)
    return replace(found, obstacles=_obstacles(found.node, handshake, now_us))


def _obstacles(node: NodeName, handshake: Handshake, now_us: Callable[[], int]) -> tuple[Text, ...]:
    try:
        output = Session(handshake.login, Call(node, ABLE, LIMIT_S), now_us).run(handshake.transport)
    except Unreachable as reason:  # sudo permits reading only
        return (reason.text,)
    return tuple(obstacles(handshake.login, output))


def _ask(call: Call, handshake: Handshake, now_us: Callable[[], int]) -> tuple[str, int]:
    # Without sudo: a list of permitted commands holds those that the actions need, not these.
    output = Session(replace(handshake.login, sudo=False), call, now_us).run(handshake.transport)
    return output.stdout, output.took_us


NO_UID = Text(
    en="{host} answers “{said}” to `id -u` for {user}: give that user an ordinary shell without output of its own",
    fr="{host} répond « {said} » à `id -u` pour {user} : donnez à cet utilisateur un shell ordinaire, muet au départ",
)
NOT_ROOT = Text(
    en="{user} on {host} is not root and sudo is off: set sudo = true, or log in as root",
    fr="{user} sur {host} n'est pas root et sudo est désactivé : mettez sudo = true, ou connectez-vous en root",
)
