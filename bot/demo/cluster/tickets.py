"""What the bot sends to run a change, as a simulated node understands it: start, trace and burn of a ticket; able?"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace

from bot.demo.cluster.said import Said
from bot.demo.cluster.units import Left, Units, read_unit

Stdin = Callable[[int], bytes]
"""As many bytes as asked for, fewer at the end."""

QUICK_S = 5
FOLDER = "/var/lib/pve-cluster-bot"


def answer(units: Units, boot_id: str, argv: tuple[str, ...], stdin: Stdin) -> Said | None:
    """None: *argv* is none of these."""
    match argv:
        case ("sh", "-c", script) if "command -v systemd-run" in script:
            return units.judge("date +%s", QUICK_S)
        case ("sh", "-c", _, "sh", _, guard_bytes, command_bytes, secret_bytes, "systemd-run", *words):
            sizes = tuple(map(int, (guard_bytes, command_bytes, secret_bytes)))
            return _start(units, tuple(words), sizes, stdin)
        case ("sh", "-c", script, "sh", ticket) if "systemctl show" in script:
            return _trace(units.left(ticket), ticket, boot_id, is_active=units.is_active(ticket))
        case ("sh", "-c", script, "sh", ticket) if "mkdir" in script and ".spent" in script:
            return Said() if units.burn(ticket) else Said("", EXISTS.format(path=f"{FOLDER}/{ticket}.spent"), 1)
    return None


def _start(units: Units, words: tuple[str, ...], sizes: tuple[int, ...], stdin: Stdin) -> Said:
    """What came in only in part starts nothing."""
    came = [stdin(size) for size in sizes]
    if any(len(one) != size for one, size in zip(came, sizes, strict=True)):
        return Said(exit=1)
    guard, command, secret = (one.decode() for one in came)
    unit = replace(read_unit(words), argv=words_of(command), secret=secret.removesuffix("\n"))
    return units.start(unit, guard)


def words_of(command: str) -> tuple[str, ...]:
    """Of `exec WORDS`: the unit's own command is only a shell that reads it."""
    return tuple(shlex.split(command)[1:])


def _trace(left: Left, ticket: str, boot_id: str, *, is_active: bool) -> Said:
    spent = "directory" if left.spent else f"stat: cannot statx '{FOLDER}/{ticket}.spent': {ENOENT}"
    result = left.result or f"cat: {FOLDER}/{ticket}.result: {ENOENT}"
    state = "activating" if is_active else "inactive"
    return Said(f"{boot_id}\nActiveState={state} \n{spent}\n{result}\n--out\n{left.out}\n--err\n{left.err}")


ENOENT = "No such file or directory"
EXISTS = "mkdir: cannot create directory '{path}': File exists\n"
