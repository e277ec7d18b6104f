"""What the bot sends to run a change, as a simulated node understands it: start, trace and burn of a ticket."""

from __future__ import annotations

from collections.abc import Callable

from bot.demo.cluster.said import Said
from bot.demo.cluster.units import Left, Units, read_unit

Stdin = Callable[[int], bytes]
"""As many bytes as asked for, fewer at the end."""

FOLDER = "/var/lib/pve-cluster-bot"


def answer(units: Units, boot_id: str, argv: tuple[str, ...], stdin: Stdin) -> Said | None:
    """None: *argv* is none of the three."""
    match argv:
        case ("sh", "-c", _, "sh", _, guard_bytes, secret_bytes, "systemd-run", *words):
            return _start(units, tuple(words), stdin(int(guard_bytes)), int(guard_bytes), stdin(int(secret_bytes)))
        case ("sh", "-c", script, "sh", ticket) if "systemctl show" in script:
            return _trace(units.left(ticket), ticket, boot_id, is_active=units.is_active(ticket))
        case ("sh", "-c", script, "sh", ticket) if "mkdir" in script and ".spent" in script:
            return Said() if units.burn(ticket) else Said("", EXISTS.format(path=f"{FOLDER}/{ticket}.spent"), 1)
    return None


def _start(units: Units, words: tuple[str, ...], guard: bytes, wanted: int, _secret: bytes) -> Said:
    """A guard that came in only in part starts nothing."""
    if len(guard) != wanted:
        return Said(exit=1)
    return units.start(read_unit(words), guard.decode())


def _trace(left: Left, ticket: str, boot_id: str, *, is_active: bool) -> Said:
    spent = "directory" if left.spent else f"stat: cannot statx '{FOLDER}/{ticket}.spent': {ENOENT}"
    result = left.result or f"cat: {FOLDER}/{ticket}.result: {ENOENT}"
    state = "activating" if is_active else "inactive"
    return Said(f"{boot_id}\nActiveState={state} \n{spent}\n{result}\n--out\n{left.out}\n--err\n{left.err}")


ENOENT = "No such file or directory"
EXISTS = "mkdir: cannot create directory '{path}': File exists\n"
