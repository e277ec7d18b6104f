"""What the steps of a clean-up send where no command of Proxmox VE does it: the archive of a directory, the lines of keys."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from bot.cluster.key_lists import HOSTS, LOGINS
from bot.cluster.local_guests import NODES
from bot.names import NodeName
from bot.run import KEPT

ARCHIVES = f"{KEPT}/nodes-"

# As KeyLists has it; want=1 prints the node's lines, want=0 all others.
_LOGINS_OF = """'{ own = !/^#/ && NF && ($NF == name || index($NF, name ".") == 1) } own == want'"""
_HOSTS_OF = (
    """'BEGIN { n = split(names, all, " "); for (i = 1; i <= n; i++) gone[all[i]] } """
    """{ own = 0; n = !/^#/ && NF ? split($1, here, ",") : 0; for (i = 1; i <= n; i++) if (here[i] in gone) own = 1 } """
    """own == want'"""
)

# Comments would be shown on the card as commands; why each line stands here:
# -d        compares what was archived with what is there, byte by byte, before anything is removed
# mv, sync  a name without .part is a whole archive, also after a power cut
_ARCHIVE = f"""set -eu
umask 077
node=$1
archive={ARCHIVES}$node-$(date -u +%Y%m%dT%H%M%SZ).tar
at="archiving; nothing was removed"
ended() {{
  code=$?
  trap - EXIT TERM
  rm -f "$archive.part"
  [ "$code" -eq 0 ] || echo "pve-cluster-bot: STOPPED with exit code $code while $at" >&2
  exit "$code"
}}
trap ended EXIT
trap 'exit 143' TERM
cd {NODES}
tar -cf "$archive.part" -- "$node"
tar -df "$archive.part"
sync "$archive.part"
mv "$archive.part" "$archive"
sync {KEPT}
echo "pve-cluster-bot: archive $archive"
at="removing; all of it is in $archive"
rm -rf -- "{NODES}/$node"
echo "pve-cluster-bot: removed {NODES}/$node"
"""

# mv is a rename, which /etc/pve does at once or not at all. What is taken out is printed: so it can be put back.
_FORGET = """set -eu
umask 077
file=@FILE@
trap 'rm -f "$file.new"' EXIT
awk -v want=1 @OF@ "$file"
awk -v want=0 @OF@ "$file" >"$file.new"
mv "$file.new" "$file"
echo "pve-cluster-bot: taken out of $file"
"""


def archive_and_remove(node: NodeName) -> tuple[str, ...]:
    return ("sh", "-c", _ARCHIVE, "archive", node)


def forget_logins(node: NodeName) -> tuple[str, ...]:
    return ("sh", "-c", _forget(LOGINS, f'-v name="root@$1" {_LOGINS_OF}'), "forget-logins", node)


def forget_hosts(names: Sequence[str]) -> tuple[str, ...]:
    return ("sh", "-c", _forget(HOSTS, f'-v names="$*" {_HOSTS_OF}'), "forget-hosts", *names)


def _forget(file: str, of: str) -> str:
    return _FORGET.replace("@FILE@", file).replace("@OF@", of)


def digest_of_logins(node: NodeName) -> str:
    """A command that prints the SHA-256 of the lines that `forget_logins` would take out."""
    return f"cat {LOGINS} | awk -v want=1 -v name=root@{node} {_LOGINS_OF} | sha256sum | cut -c -64"


def digest_of_hosts(names: Sequence[str]) -> str:
    return f"cat {HOSTS} | awk -v want=1 -v names={quote(' '.join(names))} {_HOSTS_OF} | sha256sum | cut -c -64"
