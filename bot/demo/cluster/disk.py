"""What lies on one node's disk and runs there besides the cluster: guests, mounts."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cluster.local_guests import LocalGuests
from bot.demo.cluster.files import guests
from bot.demo.cluster.host import Argv, Host, Topic
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation

NODES = "/etc/pve/nodes"
FOLDERS = {"qemu": "qemu-server", "lxc": "lxc"}
PROCESSES = {"qemu": "kvm", "lxc": "lxc-start"}


def _answer(host: Host, argv: Argv) -> Said | None:
    now, node = host.now, host.node
    match argv:
        case ("findmnt", *_, "--types", _):
            return Said(exit=1)  # findmnt(8): nothing found
        case ("findmnt", *_):
            return Said(MOUNTS)
        case ("pgrep", "-x", names):
            return _found(now, node, names.split("|"))
        case ("find", top, "-mindepth", _, "-maxdepth", _, "-name", "*.conf", *paths) if top.startswith(NODES):
            part = paths[1].strip("*") if paths else ""
            return Said("".join(f"{path}\n" for path in _files(now, node) if path.startswith(top) and part in path))
    return None


def _found(now: Situation, node: str, names: list[str]) -> Said:
    pids = [id_ for id_, owner, kind, runs in guests(now, node) if owner == node and runs and PROCESSES[kind] in names]
    return Said("".join(f"{1000 + id_}\n" for id_ in pids), exit=0 if pids else 1)


def _files(now: Situation, node: str) -> list[str]:
    return [f"{NODES}/{owner}/{FOLDERS[kind]}/{id_}.conf" for id_, owner, kind, _ in guests(now, node)]


def _guarded(host: Host) -> Iterator[Argv]:
    yield ("pgrep", "-x", "kvm|lxc-start")
    yield LocalGuests.ARGV
    depth = ("-mindepth", "2", "-maxdepth", "2")
    for folder in FOLDERS.values():
        yield ("find", f"{NODES}/{host.node}", *depth, "-name", "*.conf", "-path", f"*/{folder}/*")


MOUNTS = "ext4 /\nproc /proc\nsysfs /sys\ntmpfs /run\nfuse /etc/pve\n"

TOPIC = Topic(_answer, guarded=_guarded)
