"""The trust that `pvecm add --use_ssh` needs between two nodes: who is let in, how it is told from lasting trust, and its end.

PVE::Cluster::Setup::ssh_merge_keys keeps, of the lines with one RSA key and a comment of one word at their end, only the
first, whatever options stand before it. A comment of several words makes ours none of them: it swallows no other line.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from bot.cluster.login_keys import LoginKey
from bot.names import NodeName

TAG = "pve-cluster-bot join"
HOURS = 1

# $@: lines of known_hosts. One that is not ended would take ours into it.
_KNOW = """set -eu
umask 077
mkdir -p /root/.ssh
file=/root/.ssh/known_hosts
[ -z "$(tail -c 1 "$file" 2>/dev/null)" ] || echo >>"$file"
printf '%s\\n' "$@" >>"$file"
sync "$file"
"""
_FORGET = """set -eu
umask 077
file=/root/.ssh/known_hosts new=/root/.ssh/known_hosts.pve-cluster-bot
[ -e "$file" ] || exit 0
trap 'rm -f "$new"' EXIT
printf '%s\\n' "$@" | grep -vxF -f - "$file" >"$new" || [ "$?" -eq 1 ]
sync "$new"
mv -f "$new" "$file"
"""
# $1: the addresses it may come from; $2: the key; $3: our comment. sshd reads the time in the node's own zone, as date
# writes it. The list is a link into /etc/pve, where a file is replaced as a whole.
_ADMIT = """set -eu
umask 077
list=$(readlink -f /root/.ssh/authorized_keys)
new="$list.pve-cluster-bot"
trap 'rm -f "$new"' EXIT
until=$(date -d '+@HOURS@ hour' +%Y%m%d%H%M)
old=$(cat "$list")
printf '%s\\n' "$old" "restrict,from=\\"$1\\",expiry-time=\\"$until\\" $2 $3" | grep . >"$new"
mv -f "$new" "$list"
echo "$3: let in until $until"
""".replace("@HOURS@", str(HOURS))
# $1: the key; $2: our comment; $3: the comment of its lasting line. After a join /etc/pve can be read-only for seconds.
_DISMISS = """set -eu
umask 077
list=$(readlink -f /root/.ssh/authorized_keys)
new="$list.pve-cluster-bot"
trap 'rm -f "$new"' EXIT
replaced() {
  { grep -vF -e " $1 $2" "$list" || [ "$?" -eq 1 ]; } >"$new" || return 1
  grep -qE "^[^ ]+ [^ ]+" "$new" || return 1
  awk -v key="$1" 'index($0, key) == 1 { found = 1 } END { exit !found }' "$new" || printf '%s\\n' "$1 $3" >>"$new" || return 1
  mv -f "$new" "$list"
}
for _ in $(seq 60); do
  if replaced "$@"; then
    echo "$2: let in no more"
    exit 0
  fi
  sleep 0.5
done
exit 1
"""


def know(lines: tuple[str, ...]) -> tuple[str, ...]:
    return ("sh", "-c", _KNOW, "know", *lines)


def forget(lines: tuple[str, ...]) -> tuple[str, ...]:
    return ("sh", "-c", _FORGET, "forget", *lines)


def admit(key: LoginKey, addresses: Iterable[str], node: NodeName) -> tuple[str, ...]:
    return ("sh", "-c", _ADMIT, "admit", ",".join(addresses), f"{key.type} {key.blob}", tag(node))


def dismiss(key: LoginKey, node: NodeName) -> tuple[str, ...]:
    return ("sh", "-c", _DISMISS, "dismiss", f"{key.type} {key.blob}", tag(node), f"root@{node}")


def known_hosts(address: str, keys: Iterable[LoginKey], node: NodeName) -> tuple[str, ...]:
    """The lines of known_hosts by which the new node knows the member."""
    name = str(ip_address(address))
    return tuple(f"{name} {key.type} {key.blob} {tag(node)}" for key in keys)


def tag(node: NodeName) -> str:
    """Several words, always."""
    return f"{TAG} {node}"
