"""What puts another corosync.conf in the place of the cluster's, as one script on one node: whole or not at all.

The node alone sees it through, also when nobody listens any more: under the lock that pvecm takes, it compares what is there
with what was approved, keeps a copy, moves the new file into its place, looks whether it holds, and if not goes forward to
the old content under a version of its own (a lower one would be ignored, dcdb.c).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from bot.cluster.conf_change import LOCK, NEW
from bot.run import KEPT

CONF = "/etc/pve/corosync.conf"
IN_FORCE = "is in force"
BACKUPS = f"{KEPT}/corosync.conf-"
TIMEOUT_S = 180
_WAIT_S = 40  # a reload reaches all nodes in two seconds; a new link connects in some more

# Comments would be shown on the card as commands; why each line stands here:
# mkdir     the lock of `pvecm` (Cluster.pm, cfs_lock); it is given up after 120 s by pmxcfs, so all of this takes less
# cmp       a full disk would leave a file that ends in the middle
# mv        a rename is what makes every node take it, at once or not at all
# at        what is said of the place where it stopped
_SCRIPT = f"""set -eu
umask 077
new=$1 back=$2 approved=$3 version=$4 members=$5
shift 5
conf={CONF}
at="taking the lock; nothing was changed"
say() {{ echo "pve-cluster-bot: $*"; }}
ended() {{
  code=$?
  trap - EXIT TERM
  rm -f {NEW}
  [ -z "$locked" ] || rmdir {LOCK}
  [ "$code" -eq 0 ] || say "STOPPED with exit code $code while $at" >&2
  exit "$code"
}}
locked=""
trap ended EXIT
trap 'exit 143' TERM
for _ in $(seq 10); do mkdir {LOCK} 2>/dev/null && locked=yes && break; sleep 1; done
[ -n "$locked" ] || {{ say "somebody else holds {LOCK}" >&2; exit 1; }}
at="comparing; nothing was changed"
[ "$(sha256sum <"$conf" | cut -c -64)" = "$approved" ] || {{ say "$conf is not the approved one any more" >&2; exit 1; }}
at="keeping a copy; nothing was changed"
copy={BACKUPS}$(date -u +%Y%m%dT%H%M%SZ)
cp "$conf" "$copy"
sync "$copy"
cp "$conf" "$conf.bak"
say "copies: $conf.bak and $copy"
put() {{
  printf %s "$1" >{NEW}
  printf %s "$1" | cmp - {NEW}
  mv {NEW} "$conf"
}}
holds() {{
  wanted=$1
  shift
  [ "$(corosync-cmapctl -g totem.config_version 2>/dev/null | sed 's/.*= //')" = "$wanted" ] || return 1
  said=$(corosync-quorumtool -s) || return 1
  [ "$(printf '%s\\n' "$said" | sed -n 's/^Nodes: *//p')" = "$members" ] || return 1
  for link in "$@"; do
    [ "$(corosync-cfgtool -n | grep -c "LINK: $link .* connected ")" -eq $((members - 1)) ] || return 1
  done
}}
waited() {{
  for _ in $(seq {_WAIT_S}); do holds "$@" && return 0; sleep 1; done
  return 1
}}
at="writing the new file; the old one is in its place"
put "$new"
at="looking whether it holds: version $version is in its place on all nodes, the old one in $copy"
if waited "$version" "$@"; then say "version $version {IN_FORCE}"; exit 0; fi
say "version $version does not hold after {_WAIT_S} s: the old content goes back, as version $((version + 1))" >&2
at="putting the old content back; if it is not there, it is in $copy"
put "$back"
if waited "$((version + 1))"; then
  say "the old content {IN_FORCE} again, as version $((version + 1))" >&2
  at="looking whether it held; it did not, and the old content is back"
fi
exit 1
"""


def swap(old: str, new: str, back: str, version: int, members: int, links: Sequence[int]) -> tuple[str, ...]:
    """*version*: of *new*; *back* is *old* with the version after that. *links*: that every peer must be connected on."""
    numbers = (str(version), str(members), *map(str, links))
    return ("sh", "-c", _SCRIPT, "swap", new, back, sha256(old.encode()).hexdigest(), *numbers)
