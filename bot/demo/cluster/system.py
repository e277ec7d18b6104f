"""What one node says beside corosync's own tools, by topic: whoever adds one writes a file and its line in TOPICS."""

from __future__ import annotations

from collections.abc import Iterator

from bot.demo.cluster import cleaning, disk, etc_pve, keys, machine, reaching, standing, swapping, trusting
from bot.demo.cluster.host import Argv, Files, Host
from bot.demo.cluster.said import Said

TOPICS = (
    machine.TOPIC,
    etc_pve.TOPIC,
    disk.TOPIC,
    keys.TOPIC,
    reaching.TOPIC,
    standing.TOPIC,
    trusting.TOPIC,
    cleaning.TOPIC,
    swapping.TOPIC,
)


def answer(host: Host, argv: Argv) -> Said:
    match argv:
        case ("cat", *paths):
            return _cat(_files(host), paths)
        case ("head", "-v", "-c", _, *paths):
            return _head(_files(host), paths)
    said = (topic.answer(host, argv) for topic in TOPICS)
    return next((one for one in said if one is not None), None) or _unknown(argv)


def guarded(host: Host) -> Iterator[Argv]:
    """What a guard may ask of the node."""
    yield from (("cat", path) for path in {**_files(host), **dict.fromkeys(OFTEN_MISSING)})
    for topic in TOPICS:
        yield from topic.guarded(host)


def _files(host: Host) -> Files:
    return {path: text for topic in TOPICS for path, text in topic.files(host).items()}


def _unknown(argv: Argv) -> Said:
    return Said("", f"sh: 1: {argv[0] if argv else ''}: not found\n", 127)


def _cat(known: Files, paths: list[str]) -> Said:
    missing = "".join(f"cat: {path}: No such file or directory\n" for path in paths if path not in known)
    return Said("".join(known[path]() for path in paths if path in known), missing, int(bool(missing)))


def _head(known: Files, paths: list[str]) -> Said:
    shown = [f"==> {path} <==\n{known[path]()}" for path in paths if path in known]
    missing = [
        f"head: cannot open '{path}' for reading: No such file or directory\n" for path in paths if path not in known
    ]
    return Said("\n".join(shown), "".join(missing), int(bool(missing)))


OFTEN_MISSING = etc_pve.CONFS  # a guard is told so
