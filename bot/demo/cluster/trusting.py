"""What `join` does on simulated hosts before and after `pvecm add`, and what it asks to know whether that can work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.actions.join.trust import HOURS, tag
from bot.cluster.served_certificate import PORT
from bot.cluster.tfa import Tfa
from bot.demo.cluster import etc_pve, networks, shared
from bot.demo.cluster.acting import Act, Asked, GivenUp, Scripts, Stage, act, is_writable
from bot.demo.cluster.host import Argv, Host, Topic
from bot.demo.cluster.pve import key_of
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation
from bot.names import NodeName

NO_SUCH_FILE = "No such file or directory"


def _know(asked: Asked) -> Act:
    """*words*: lines of known_hosts."""
    return act(lambda now, node, _clock: (Said(), _knowing(now, node, lambda old: {*old, *_addresses(asked)})))


def _forget(asked: Asked) -> Act:
    return act(lambda now, node, _clock: (Said(), _knowing(now, node, lambda old: old - {*_addresses(asked)})))


def _addresses(asked: Asked) -> Iterator[str]:
    return (line.partition(" ")[0] for line in asked.words)


def _knowing(now: Situation, node: str, changed: Callable[[set[str]], set[str]]) -> Situation:
    known = dict(now.known)
    return replace(now, known=tuple(sorted({**known, node: tuple(sorted(changed({*known.get(node, ())})))}.items())))


def _admit(asked: Asked) -> Act:
    """*words*: the addresses it may come from, the key, and the comment."""

    def effect(now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
        comment = asked.words[2]
        if not now.can_write(node, clock):
            raise GivenUp(Said("", "mv: cannot move: Permission denied\n", 1))
        keys = (*now.pve_of(node).keys, comment)
        return Said(f"{comment}: let in until {until(clock)}\n"), shared.write(now, node, keys=keys)

    return act(effect)


def _dismiss(asked: Asked) -> Act:
    """*words*: the key, our comment, and that of its lasting line, which is put there if it is missing."""

    def effect(now: Situation, node: str, _clock: float) -> tuple[Said, Situation]:
        _, comment, lasting = asked.words
        keys = dict.fromkeys((*(key for key in now.pve_of(node).keys if key != comment), lasting))
        return Said(f"{comment}: let in no more\n"), shared.write(now, node, keys=tuple(keys))

    return Act((Stage(effect, ready=is_writable),))


def until(clock: float) -> str:
    """The end of such a trust that begins now, as sshd reads it."""
    return (datetime.fromtimestamp(clock, UTC) + timedelta(hours=HOURS)).strftime("%Y%m%d%H%M")


def is_let_in(now: Situation, node: str, member: str) -> bool:
    """Whether root of *node* may log in to *member*, for ever or for a while."""
    return bool({key_of(node), tag(NodeName(node))} & {*now.pve_of(member).keys})


def _answer(host: Host, argv: Argv) -> Said | None:
    match argv:
        case ("getent", "hosts", *names):
            return _resolved(host, names)
        case ("timeout", _, "openssl", "s_client", "-connect", at):
            return _served(host, at.rpartition(":")[0])
        case ("ip", "-o", "addr"):
            return Said("".join(_lines(host)))
    return Said("", f"grep: {argv[-1]}: {NO_SUCH_FILE}\n", 2) if argv == Tfa.ARGV else None


def _resolved(host: Host, names: list[str]) -> Said:
    """The simulated hosts know each other's names."""
    layout = host.now.layout
    found = [name for name in names if name in layout.nodes]
    lines = (f"{layout.management(name):<15} {name}.{layout.domain} {name}\n" for name in found)
    return Said("".join(lines), exit=0 if len(found) == len(names) else 2)


def _served(host: Host, address: str) -> Said:
    at = networks.host_of(host.now, address)
    if at is None or networks.tcp(host.now, host.node, address, PORT) != "open":
        return Said("", "", 124)
    return Said(f"CONNECTED(00000003)\n{etc_pve.served(host, at)}---\n", "depth=0\n")


def _lines(host: Host) -> Iterator[str]:
    yield "1: lo    inet 127.0.0.1/8 scope host lo\n"
    for number, one in enumerate(networks.interfaces(host.now, host.node), 2):
        yield f"{number}: {one.name}    inet {one.address}/{one.length} scope global {one.name}\n"


SCRIPTS: Scripts = {"know": _know, "forget": _forget, "admit": _admit, "dismiss": _dismiss}
TOPIC = Topic(_answer, guarded=lambda _host: (("ip", "-o", "addr"),))
