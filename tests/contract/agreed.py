"""What of each fact must be the same on simulated and on real nodes: all but what differs from run to run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import bot.cluster
from bot.action import Call, Fact, Output, Unreachable, Unreadable
from bot.cluster.addresses import Addresses
from bot.cluster.certificates import Certificates
from bot.cluster.clock import Clock
from bot.cluster.cmap import RunningConfig
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.corosync_log import CorosyncLog
from bot.cluster.corosync_package import CorosyncPackage
from bot.cluster.host_keys import HostKeys
from bot.cluster.identity import Identity
from bot.cluster.key_lists import KeyLists
from bot.cluster.link_stats import LinkStats
from bot.cluster.login_keys import LoginKeys
from bot.cluster.mounts import Mounts
from bot.cluster.own_key import OwnKey
from bot.cluster.qdevice import QdeviceDaemon
from bot.cluster.quorum import Quorum
from bot.cluster.storages import Storages
from bot.cluster.versions import Booted, CorosyncVersion, PveVersion
from bot.look import Nodes

ANSWERS = Path(__file__).parents[1] / "data/contract/answers.json"
Plain = Any  # what JSON can hold
SILENT, UNREADABLE = "no answer", "not understood"


def facts() -> dict[str, type[Fact]]:
    """Every fact that the bot can ask for, by name."""
    found: dict[str, type[Fact]] = {}
    for module in iter_modules(bot.cluster.__path__, "bot.cluster."):
        loaded = import_module(module.name)
        found |= {kind.__name__: kind for kind in vars(loaded).values() if _is_fact(kind, module.name)}
    return found


def load(path: Path) -> Plain:
    return json.loads(path.read_text(encoding="utf-8"))


def _is_fact(kind: object, module: str) -> bool:
    return isinstance(kind, type) and kind.__module__ == module and hasattr(kind, "ARGV") and hasattr(kind, "parse")


def ask(nodes: Nodes) -> dict[str, dict[str, Plain]]:
    """By fact and node: the exit code, and what must agree of the answer."""
    kinds = facts()
    calls = [Call(node, kind.ARGV) for kind in kinds.values() for node in nodes.names]
    answers = iter(nodes.ask(calls))
    return {name: {node: _agreed(kind, next(answers)) for node in nodes.names} for name, kind in kinds.items()}


def _agreed(kind: type[Fact], answer: Output | Unreachable) -> Plain:
    if isinstance(answer, Unreachable):
        return SILENT
    try:
        return {"exit": answer.exit, "says": PARTS.get(kind, plain)(kind.parse(answer))}
    except Unreadable:
        return {"exit": answer.exit, "says": UNREADABLE}


def plain(value: object) -> Plain:
    """Dataclasses as objects, sets sorted, and every key a string."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value]
    return sorted(value) if isinstance(value, frozenset) else value


def _answered(_fact: object) -> Plain:
    return True


def _quorum(fact: Quorum) -> Plain:
    """A ring's number differs from run to run."""
    return plain(fact.view) and {**plain(fact.view), "ring": ""}


def _links(fact: LinkStats) -> Plain:
    """Times and counts differ; whether there are any does not."""
    if fact.links is None:
        return None
    return {
        f"node {peer}, link {link}": {
            "connected": stat.connected,
            "enabled": stat.enabled,
            "mtu": stat.mtu,
            "measured": stat.samples > 0,
            "went down": stat.down_count > 0,
        }
        for (peer, link), stat in fact.links.items()
    }


def _running(fact: RunningConfig) -> Plain:
    return fact.totem and {key: fact.totem[key] for key in sorted(fact.totem) if key in EFFECTIVE}


EFFECTIVE = ("token", "consensus", "join", "max_messages", "token_retransmits_before_loss_const", "token_warning")


def _certificates(fact: Certificates) -> Plain:
    served = fact.served
    named = {
        file: [one.issuer, one.issuer == one.subject, sorted(one.names)] for file, one in sorted(fact.by_file.items())
    }
    return {"files": named, "served": served and served.file}


def _conf(fact: CorosyncConf) -> Plain:
    """Without the text, which the other facts of the same file hold."""
    return {key: value for key, value in plain(fact).items() if key != "root"}


def _identity(fact: Identity) -> Plain:
    return {"host": fact.host, "conf": fact.conf and _conf(fact.conf), "number": fact.node_id}


def _mounts(fact: Mounts) -> Plain:
    """What a machine has of its own differs from machine to machine."""
    return plain(fact.shared)


def _addresses(fact: Addresses) -> Plain:
    """Interfaces have other names, and those of the kernel have addresses of their own."""
    own = [(str(one), each.mtu) for each in fact.interfaces for one in each.addresses]
    return sorted([ip, mtu] for ip, mtu in own if not ip.startswith(("127.", "::1", "fe80")))


def _keys(fact: LoginKeys) -> Plain:
    return [fact.count > 0, fact.has_bot]


def _lists(fact: KeyLists) -> Plain:
    """Whose they are; the keys themselves differ from run to run."""
    owners = {line.split()[-1] for line in fact.logins} - {fact.bot.split()[-1] if fact.bot else ""}
    return {
        "logins": sorted(owners),
        "hosts": sorted(line.split()[0] for line in fact.hosts),
        "has the bot": bool(fact.bot),
    }


def _named(fact: HostKeys | OwnKey) -> Plain:
    """Of whom there is a key."""
    keys = fact.keys if isinstance(fact, HostKeys) else [fact.key] if fact.key else []
    return [key.comment for key in keys]


def _storages(fact: Storages) -> Plain:
    """Those that are for some nodes only; what else there is depends on the disks."""
    return {id_: list(storage.nodes) for id_, storage in fact.by_id.items() if storage.nodes}


def _daemon(fact: QdeviceDaemon) -> Plain:
    return {key: getattr(fact, key) for key in ("running", "installed", "state", "host", "algorithm")}


def _log(fact: CorosyncLog) -> Plain:
    """The links that are down by its last word on them, and whether it logs at all."""
    last = {(turn.peer_id, turn.link): turn.up for turn in fact.link_turns}
    return {"down": sorted([peer, link] for (peer, link), up in last.items() if not up), "logs": bool(fact.lines)}


PARTS: Mapping[Any, Callable[[Any], Plain]] = {
    Quorum: _quorum,
    LinkStats: _links,
    RunningConfig: _running,
    Certificates: _certificates,
    CorosyncConf: _conf,
    CorosyncLog: _log,
    QdeviceDaemon: _daemon,
    Identity: _identity,
    Mounts: _mounts,
    LoginKeys: _keys,
    KeyLists: _lists,
    HostKeys: _named,
    OwnKey: _named,
    Storages: _storages,
    Addresses: _addresses,
    CorosyncPackage: _answered,
    PveVersion: _answered,
    CorosyncVersion: _answered,
    Booted: _answered,
    Clock: _answered,
}
