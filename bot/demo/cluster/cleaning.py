"""What a removed node leaves in /etc/pve of simulated nodes, and what `remove` asks and does about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.actions.remove.scripts import ARCHIVES
from bot.cluster.ceph import Ceph
from bot.cluster.conf_change import LOCK, NEW, ConfChange
from bot.cluster.key_lists import HOSTS, LOGINS
from bot.cluster.local_guests import NODES
from bot.cluster.node_folders import NodeFolders
from bot.demo.cluster import keys, networks, shared
from bot.demo.cluster.acting import Act, Asked, Effect, GivenUp, Scripts, act
from bot.demo.cluster.host import Argv, Files, Host, Topic
from bot.demo.cluster.layout import MANAGEMENT
from bot.demo.cluster.pve import key_of
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation

FOLDERS = ("lxc", "openvz", "priv", "pve-ssl.key", "pve-ssl.pem", "qemu-server", "ssh_known_hosts")
PING = ("ping", "-n", "-q", "-c", "2", "-i", "0.3", "-W", "1")
ABSENT = "find: ‘{path}’: No such file or directory\n"
NO_CEPH = "Error initializing cluster client: ObjectNotFound('RADOS object not found (error calling conf_read_file)')\n"


def _archive(asked: Asked) -> Act:
    node = "".join(asked.words)

    def effect(now: Situation, here: str, clock: float) -> tuple[Said, Situation]:
        made = datetime.fromtimestamp(clock, UTC).strftime("%Y%m%dT%H%M%SZ")
        said = Said(f"{OURS}archive {ARCHIVES}{node}-{made}.tar\n{OURS}removed {NODES}/{node}\n")
        return said, shared.write(now, here, nodes=tuple(one for one in now.pve_of(here).nodes if one != node))

    return act(_if_writable(effect))


def _forget_logins(asked: Asked) -> Act:
    node = "".join(asked.words)

    def effect(now: Situation, here: str, _clock: float) -> tuple[Said, Situation]:
        left = tuple(key for key in now.pve_of(here).keys if key != key_of(node))
        return Said(f"{keys.own(node)}{OURS}taken out of {LOGINS}\n"), shared.write(now, here, keys=left)

    return act(_if_writable(effect))


def _forget_hosts(asked: Asked) -> Act:
    """*words*: names and addresses. Which lines they were is not printed here."""

    def effect(now: Situation, here: str, _clock: float) -> tuple[Said, Situation]:
        left = tuple(host for host in now.pve_of(here).hosts if host not in asked.words)
        return Said(f"{OURS}taken out of {HOSTS}\n"), shared.write(now, here, hosts=left)

    return act(_if_writable(effect))


def _if_writable(effect: Effect) -> Effect:
    def tried(now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
        if not now.can_write(node, clock):
            raise GivenUp(Said("", "mv: cannot move: Permission denied\n", 1))
        return effect(now, node, clock)

    return tried


def _answer(host: Host, argv: Argv) -> Said | None:
    if argv == NodeFolders.ARGV:
        return Said("".join(f"{path}\n" for path in _folders(host)))
    if argv == ConfChange.ARGV:
        return Said("", "".join(ABSENT.format(path=path) for path in (NEW, LOCK)), 1)
    if argv == Ceph.ARGV:
        return Said("", NO_CEPH, 1)
    if argv[: len(PING)] == PING:
        return Said(exit=0 if networks.latency_ms(host.now, host.node, argv[-1]) is not None else 1)
    return None


def _folders(host: Host) -> Iterator[str]:
    for node in host.now.pve_of(host.node).nodes:
        yield f"{NODES}/{node}"
        yield from (f"{NODES}/{node}/{name}" for name in FOLDERS)


def _files(host: Host) -> Files:
    known = host.now.pve_of(host.node).hosts
    found: Files = {LOGINS: lambda: keys.logins(host)}
    return {**found, HOSTS: lambda: "".join(_known(host, node) for node in known)} if known else found


def _known(host: Host, node: str) -> str:
    key = " ".join(keys.host_key(host, node).split()[:2])
    return f"{node} {key}\n{host.now.layout.management(node)} {key}\n"


def _guarded(host: Host) -> Iterator[Argv]:
    layout = host.now.layout
    for node in layout.nodes:
        yield from ((*PING, layout.address(node, cable)) for cable in range(MANAGEMENT, layout.links))


OURS = "pve-cluster-bot: "

SCRIPTS: Scripts = {"archive": _archive, "forget-logins": _forget_logins, "forget-hosts": _forget_hosts}
TOPIC = Topic(_answer, _files, _guarded)
