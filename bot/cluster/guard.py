"""The lines of a guard: what must still hold on a node right before a step acts. A refusal says why on standard error.

Only `hostname`, `cat` and corosync's own tools are asked; everything else works on text.
"""

from __future__ import annotations

from shlex import quote

from bot.cluster.quorum import View
from bot.names import NodeName

_HEAD = """set -eu
is() { [ "$2" = "$3" ] || { echo "$1: $2; approved: $3" >&2; exit 1; }; }
"""
_COROSYNC_IS_DOWN = """code=0; corosync-quorumtool -siH >/dev/null 2>&1 || code=$?
[ "$code" -eq 1 ] || { echo "corosync runs" >&2; exit 1; }"""


def guard(*lines: str) -> str:
    return _HEAD + "".join(f"{line}\n" for line in lines)


def same(what: str, command: str, value: object) -> str:
    """That *command* prints *value*; *what* names it in a refusal."""
    return f'is {quote(what)} "$({command})" {quote(str(value))}'


def host(node: NodeName) -> str:
    """Proxmox VE's own name for a node is the first label of the host's (INotify.pm, nodename)."""
    return same("host name", "hostname | cut -d. -f1", node)


def conf(cluster: str, version: int, path: str = "/etc/pve/corosync.conf") -> tuple[str, ...]:
    return (
        same("cluster", _setting("cluster_name", path), cluster),
        same("version of corosync.conf", _setting("config_version", path), version),
    )


def corosync_is_down() -> str:
    # 1: it cannot be reached; 0 and 2 are answers (quorumtool(8)).
    return _COROSYNC_IS_DOWN


def ring(view: View) -> tuple[str, ...]:
    """That this node sees the same ring with the same votes, and has quorum or not as before."""
    members = " ".join(f"0x{member:08x}" for member in sorted(view.member_ids))
    return (
        'said=$(corosync-quorumtool -siH) || [ "$?" -eq 2 ]',
        same("quorate", _field("Quorate"), "Yes" if view.quorate else "No"),
        same("votes present", _field("Total votes"), view.total),
        same("votes expected", _field("Expected votes"), view.expected),
        same("ring", _MEMBERS, members),
    )


def _setting(key: str, path: str) -> str:
    return f"cat {path} | sed -n 's/[[:space:]]*$//; s/^[[:space:]]*{key}:[[:space:]]*//p' | tail -n 1"


def _field(name: str) -> str:
    return f"""printf '%s\\n' "$said" | sed -n 's/^{name}: *//p'"""


# Node 0 is the QDevice.
_MEMBERS = (
    """printf '%s\\n' "$said" | sed -n 's/^ *\\(0x[0-9a-f]*\\) .*/\\1/p' | grep -v 0x00000000 | sort | xargs echo"""
)
