"""What must still hold on the executing node right before a step of `remove`."""

from __future__ import annotations

from shlex import quote

from bot.actions.remove.facts import Removal
from bot.cluster import guard
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.local_guests import LocalGuests
from bot.names import NodeName

_PING = "ping -n -q -c 2 -i 0.3 -W 1"
_LISTED = "cat {file} | grep -Eq '^[[:space:]]*name:[[:space:]]*{node}[[:space:]]*$'"
_STOP = "{{ echo {why} >&2; exit 1; }}"


def same_cluster(removal: Removal) -> tuple[str, ...]:
    version = removal.conf.version if removal.conf else 0
    return guard.host(removal.executor), *guard.conf(removal.views.name, version)


def is_listed(node: NodeName) -> str:
    return f"{_listed(node)} || {_stop(f'{node} is not in corosync.conf')}"


def is_not_listed(node: NodeName) -> str:
    return f"! {_listed(node)} || {_stop(f'{node} is in corosync.conf')}"


def no_guests(node: NodeName) -> str:
    """`find` fails where /etc/pve is away, and that ends the guard."""
    find = " ".join(map(quote, LocalGuests.ARGV))
    return (
        f"files=$({find})\n"
        f"found=$(printf '%s\\n' \"$files\" | grep -E '^/etc/pve/nodes/{node}/(qemu-server|lxc)/' | tr '\\n' ' ')\n"
        '[ -z "$found" ] || { echo "guests: $found" >&2; exit 1; }'
    )


def no_answer(addresses: tuple[str, ...]) -> str:
    """Where there is no ping, nobody can say so."""
    lines = (f"! {_PING} {quote(one)} >/dev/null 2>&1 || {_stop(f'{one} answers')}" for one in addresses)
    return "\n".join((f"command -v ping >/dev/null || {_stop('there is no ping here')}", *lines))


def _listed(node: NodeName) -> str:
    return _LISTED.format(file=CorosyncConf.ARGV[1], node=node)


def _stop(why: str) -> str:
    return _STOP.format(why=quote(why))
