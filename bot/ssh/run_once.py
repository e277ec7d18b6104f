"""One step as a transient systemd unit that burns its own ticket before it acts: the words that are sent to a node.

What each unit keeps in the node's directory: `ID.guard` the facts to check, `ID.run` the command, `ID.spent` the burnt
ticket, `ID.out` and `ID.err` what was printed, `ID.result` how it ended. Nothing there is ever removed by the bot (docs/run-once.md).
"""

from __future__ import annotations

import shlex

from bot.action import Output, Unreadable
from bot.run import KEPT, Ticket, Trace, unit_of

SECRETS = "/run/pve-cluster-bot"
SHOWN_BYTES = 32_768
TOO_LATE = "it is too late by the clock of this node"
_ACTIVE = frozenset({"active", "activating", "deactivating", "reloading"})
_ENOENT, _EEXIST = "No such file or directory", "File exists"

# $1: the ticket; $2, $3, $4: how many bytes of the guard, of the command and of the secret come in. A connection that is
# cut leaves one incomplete, and then nothing is started. What has its place is never replaced: a unit may be about to read it.
_START = f"""set -eu
umask 077
mkdir -p {KEPT} {SECRETS}
take() {{
  new="$1.$$"
  head -c "$2" > "$new" && [ "$(wc -c < "$new")" -eq "$2" ] || {{ rm -f "$new"; exit 1; }}
  said=0
  ln -T "$new" "$1" 2>/dev/null || cmp "$new" "$1" >&2 || said=1
  rm -f "$new"
  return "$said"
}}
take "{KEPT}/$1.guard" "$2"
take "{KEPT}/$1.run" "$3"
[ "$4" -eq 0 ] || take "{SECRETS}/$1.in" "$4"
cat > "{KEPT}/$1.$$" <<'END'
rm -f "{SECRETS}/$1.in"
set -C
echo $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS > "{KEPT}/$1.result"
sync {KEPT}
END
mv -f "{KEPT}/$1.$$" {KEPT}/ended
shift 4
exec "$@"
"""
# The unit first: if it has ended by then, its result was written before.
_TRACE = f"""set -u
cat /proc/sys/kernel/random/boot_id
systemctl show --property=ActiveState --property=Job "pve-cluster-bot-$1.service" | tr '\\n' ' '
echo
stat -c %F "{KEPT}/$1.spent" 2>&1
cat "{KEPT}/$1.result" 2>&1 || true
printf '%s\\n' --out
tail -c {SHOWN_BYTES} "{KEPT}/$1.out" 2>/dev/null
printf '%s\\n' '' --err
tail -c {SHOWN_BYTES} "{KEPT}/$1.err" 2>/dev/null
true
"""
_BURN = f"""umask 077
mkdir -p {KEPT} && mkdir "{KEPT}/$1.spent" && sync {KEPT}
said=$?
rm -f "{SECRETS}/$1.in"
exit $said
"""


def start(ticket: Ticket) -> tuple[tuple[str, ...], bytes]:
    """The command that starts *ticket*, and what it reads: the guard, the command, the secret."""
    guard, command = ticket.guard.encode(), f"exec {shlex.join(ticket.argv)}\n".encode()
    secret = ticket.secret.reveal().encode() if ticket.secret else b""
    sizes = (str(len(each)) for each in (guard, command, secret))
    return ("sh", "-c", _START, "sh", ticket.id, *sizes, *_unit(ticket)), guard + command + secret


def trace(ticket: Ticket) -> tuple[str, ...]:
    return ("sh", "-c", _TRACE, "sh", ticket.id)


def burn(ticket: Ticket) -> tuple[str, ...]:
    return ("sh", "-c", _BURN, "sh", ticket.id)


def traced(output: Output) -> Trace:
    """Raise `Unreadable` for what does not prove anything: only ENOENT means that the ticket is whole."""
    head, _, rest = output.stdout.partition("\n--out\n")
    lines = head.splitlines()
    if output.exit != 0 or len(lines) != 4 or not rest:
        raise Unreadable(f"exit {output.exit}: {(output.stderr or output.stdout).strip()[:200]!r}")
    boot_id, unit, spent, result = lines
    out, _, err = rest.partition("\n--err\n")
    return Trace(boot_id, _is_there(spent, "directory"), _is_active(unit), _result(result), out, err)


def burnt(output: Output) -> bool:
    """Whether this burnt it. Raise `Unreadable` if that is not sure."""
    if output.exit == 0:
        return True
    if _EEXIST in output.stderr:
        return False
    raise Unreadable(f"exit {output.exit}: {output.stderr.strip()[:200]!r}")


def _unit(ticket: Ticket) -> tuple[str, ...]:
    wanted = (word for one in _properties(ticket) for word in ("-p", one))
    unit = ("systemd-run", "--quiet", "--no-block", f"--unit={unit_of(ticket.id)}", *wanted)
    # A file, not the words themselves: systemd notes a unit in a file of its own, which a daemon-reload reads again, and
    # there what it escaped ($ ; " and line ends) comes out otherwise (seen with 252). So nothing below needs escapes.
    return (*unit, "--", "/bin/sh", f"{KEPT}/{ticket.id}.run")


def _properties(ticket: Ticket) -> tuple[str, ...]:
    base, secret = f"{KEPT}/{ticket.id}", f"{SECRETS}/{ticket.id}.in"
    # Not %%s: a property of systemd-run has no specifiers.
    in_time = f"[ $(date +%s) -le {ticket.not_after_s} ] || {{ echo {TOO_LATE} >&2; exit 1; }}"
    return (
        "Type=oneshot",
        "CollectMode=inactive-or-failed",
        f"StandardInput=file:{secret}" if ticket.secret else "StandardInput=null",
        f"StandardOutput=append:{base}.out",
        f"StandardError=append:{base}.err",
        "Environment=HOME=/root LC_ALL=C",
        f"TimeoutStartSec={ticket.timeout_s}",
        # Atomic: a second start can never run. As a condition, its failure is told apart from a guard's refusal.
        f"ExecCondition=/usr/bin/mkdir {base}.spent",
        f"ExecStartPre=/usr/bin/sync {KEPT}",  # the burnt ticket outlives a power cut
        f"ExecStartPre=/bin/sh -c '{in_time}'",
        f"ExecStartPre=/bin/sh {base}.guard",
        f"ExecStopPost=-/bin/sh {KEPT}/ended {ticket.id}",  # it reads systemd.exec(5), $SERVICE_RESULT
    )


def _is_there(said: str, kind: str) -> bool:
    if said == kind:
        return True
    if said.endswith(_ENOENT):
        return False
    raise Unreadable(f"cannot tell whether the ticket is burnt: {said[:200]!r}")


def _is_active(said: str) -> bool:
    fields = dict(word.partition("=")[::2] for word in said.split())
    if "ActiveState" not in fields:
        raise Unreadable(f"cannot tell whether the unit runs: {said[:200]!r}")
    return fields.get("ActiveState") in _ACTIVE or bool(fields.get("Job"))


def _result(said: str) -> str:
    if said.endswith(_ENOENT):
        return ""
    return said.strip()
