"""What separates a node, as one script that needs nobody: new logins fail while /etc/pve is away, and the keys lie in it.

It is the documented sequence (pvecm.adoc, "Separate a Node Without Reinstalling") with what that leaves to the reader.
"""

from __future__ import annotations

from bot.names import NodeName

BACKUPS = "/var/lib/pve-cluster-bot/backup-"
PROVED = "may log in again, and one did"

# Comments would be shown on the card as commands; why each line stands here:
# ended     whatever happens, pve-cluster is started again, or nobody gets in any more
# etc-pve   before pve-cluster stops; the database only afterwards, when nobody writes it
# pkill     killall is not on every node (psmisc); as long as one pmxcfs lives, pve-cluster cannot start
# ha, nodes what is left of the others would be taken over by this node's own HA, and forbids it to join again
# $@        a join that broke before there was quorum has left a list without anybody, the bot too
# ssh       the node's own key lies beside the bot's: if it is let in, so is the bot
SCRIPT = """set -eu
umask 077
node=$1
shift
backup=@BACKUPS@$(date -u +%Y%m%dT%H%M%SZ)
keys=/root/.ssh/authorized_keys
at="before the first step" touched="" todo="nothing was changed"
say() { echo "pve-cluster-bot: $*"; }
gone() {
  for _ in $(seq 100); do pgrep -x pmxcfs >/dev/null || return 0; sleep 0.1; done
  return 1
}
alone() { [ -s /etc/pve/.members ] && ! grep -q '"cluster"' /etc/pve/.members; }
ended() {
  code=$?
  trap - EXIT TERM
  [ "$code" -ne 0 ] || exit 0
  set +e
  say "STOPPED with exit code $code while $at; backup in $backup" >&2
  if [ -n "$touched" ]; then
    pkill -x pmxcfs
    gone
    systemctl reset-failed pve-cluster
    systemctl start pve-cluster
  fi
  say "what to do: $todo" >&2
  exit "$code"
}
trap ended EXIT
trap 'exit 143' TERM

at="backing up"
mkdir "$backup"
cat "$keys" >"$backup/authorized_keys" 2>/dev/null || cat /root/.ssh/id_rsa.pub >"$backup/authorized_keys"
for key in "$@"; do
  grep -qF -e "$key" "$backup/authorized_keys" || printf '%s\\n' "$key" >>"$backup/authorized_keys"
done
cp -a /etc/pve "$backup/etc-pve"
cp -a /etc/corosync "$backup/etc-corosync"
say "backup in $backup"

at="stopping pve-cluster and corosync" touched=yes
todo="nothing was removed: systemctl start corosync, and look at journalctl -u pve-cluster -u corosync"
systemctl disable --now corosync-qdevice >/dev/null 2>&1 || true
systemctl stop pve-cluster
systemctl stop corosync
pkill -x pmxcfs || true
gone
cp -a /var/lib/pve-cluster "$backup/var-lib-pve-cluster"
sync -f "$backup"

at="removing what makes it a member"
todo="put the backup back, or finish by hand on its console: systemctl stop pve-cluster; pmxcfs -l; \
rm -f /etc/pve/corosync.conf /etc/corosync/corosync.conf /etc/corosync/authkey; pkill -x pmxcfs; \
systemctl start pve-cluster; rm -rf /var/lib/corosync/*"
pmxcfs -l
alone
rm -f /etc/pve/corosync.conf
rm -f /etc/pve/ha/manager_status /etc/pve/ha/resources.cfg /etc/pve/ha/crm_commands
for other in /etc/pve/nodes/*; do
  [ "$other" = "/etc/pve/nodes/$node" ] || rm -rf "$other"
done
rm -rf /etc/corosync/corosync.conf /etc/corosync/authkey /etc/corosync/qdevice

at="starting pve-cluster on its own"
pkill -x pmxcfs
gone
systemctl reset-failed pve-cluster
systemctl start pve-cluster
for _ in $(seq 100); do alone && break; sleep 0.1; done
alone
rm -rf /var/lib/corosync/*

at="letting the keys in again"
todo="it stands alone; on its console, put $backup/authorized_keys into $keys"
if [ -s "$backup/authorized_keys" ]; then
  mkdir -p /etc/pve/priv
  { cat "$keys" 2>/dev/null || true; cat "$backup/authorized_keys"; } | awk 'NF && !seen[$0]++' >"$backup/keys"
  cmp -s "$backup/keys" "$keys" || cat "$backup/keys" >"$keys"
  cmp "$backup/keys" "$keys"
fi
count=$(grep -c . "$keys" || true)
port=$(sshd -T 2>/dev/null | sed -n 's/^port //p' | head -n 1)
if ssh -F none -i /root/.ssh/id_rsa -p "${port:-22}" -o BatchMode=yes -o ConnectTimeout=5 -o LogLevel=ERROR \
  -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@127.0.0.1 true; then
  say "$node stands alone; $count keys @PROVED@; backup in $backup"
else
  say "$node stands alone; $count keys are in their place, but a login with its own key failed; backup in $backup"
fi
""".replace("@BACKUPS@", BACKUPS).replace("@PROVED@", PROVED)


def separate(node: NodeName, *keys: str) -> tuple[str, ...]:
    """*keys*: lines of authorized_keys that are in the list afterwards, whatever was in it before."""
    return ("sh", "-c", SCRIPT, "separate", node, *keys)
