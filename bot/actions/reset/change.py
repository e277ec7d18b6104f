"""reset NODE: take a node that is stuck or was removed out of its cluster, on its own side."""

from __future__ import annotations

from bot.action import Code, Finding, Json, Level, Report, Step, Votes
from bot.actions.reset.facts import Args, Facts
from bot.actions.reset.script import BACKUPS, separate
from bot.cluster import guard
from bot.cluster.identity import CONF
from bot.cluster.mounts import SHARED
from bot.cluster.vote_rules import survived_failures
from bot.names import NodeName
from bot.text import Text, same

TIMEOUT_S = 300
SETTLE_S = 30
_NODE_ID = (
    f"cat {CONF} | awk -v me=%s '"
    '$1 == "node" { name = id = "" } $1 == "name:" { name = $2 } $1 == "nodeid:" { id = $2 } '
    '$1 == "}" && name == me { print id; exit }'
    "'"
)
# `find` fails where /etc/pve is away, and that ends the guard; findmnt(8): 1 is "nothing found".
_NOTHING_THERE = f"""\
found=$(find /etc/pve/nodes/%s -mindepth 2 -maxdepth 2 -name '*.conf' -path '*/qemu-server/*')
found=$found$(find /etc/pve/nodes/%s -mindepth 2 -maxdepth 2 -name '*.conf' -path '*/lxc/*')
[ -z "$found" ] || {{ echo "guests: $found" >&2; exit 1; }}
! pgrep -x 'kvm|lxc-start' >/dev/null || {{ echo "guests run" >&2; exit 1; }}
found=$(findmnt --raw --noheadings --output TARGET --types {",".join(SHARED)}) || [ "$?" -eq 1 ]
[ -z "$found" ] || {{ echo "shared storage is mounted: $found" >&2; exit 1; }}
! grep -q '"node" *: *"%s"' /etc/pve/ha/manager_status 2>/dev/null || {{ echo "HA has services here" >&2; exit 1; }}"""


def words(args: Args, facts: Facts) -> Text:
    return WORDS.fill(node=args.node, cluster=facts.own(args.node).cluster)


def plan(args: Args, facts: Facts) -> tuple[Step, ...]:
    title = SEPARATE.fill(node=args.node)
    argv = separate(args.node, *_own_key(args.node, facts))
    return (Step(args.node, title, argv, _guard(args.node, facts), timeout_s=TIMEOUT_S),)


def _own_key(node: NodeName, facts: Facts) -> tuple[str, ...]:
    """Of the bot, with which it is logged in there."""
    logins = facts.keys.by_node.get(node)
    return (logins.bot,) if logins and logins.bot else ()


def _guard(node: NodeName, facts: Facts) -> str:
    """That it is still the approved node, that nothing is on it, and that it is no quorate member."""
    own, view = facts.own(node), facts.view(node)
    return guard.guard(
        guard.host(node),
        *guard.conf(own.cluster, own.conf.version if own.conf else 0, CONF),
        guard.same("node id", _NODE_ID % node, "" if own.node_id is None else own.node_id),
        *(guard.ring(view) if view else (guard.corosync_is_down(),)),
        _NOTHING_THERE % (node, node, node),
    )


def rests_on(args: Args, facts: Facts) -> dict[str, Json]:
    own, view, rest = facts.own(args.node), facts.view(args.node), facts.rest(args.node)
    return {
        "cluster": own.cluster,
        "config_version": own.conf.version if own.conf else None,
        "node": own.host,
        "node_id": own.node_id,
        "ring": [*sorted(view.member_ids)] if view else None,
        "rest_quorate": rest.best.quorate if rest.best else None,
        "rest_lists_it": args.node in rest.ids if rest.ids else None,
    }


def votes(args: Args, facts: Facts) -> tuple[Votes | None, Votes | None]:
    """Of the rest: the same before and after, for the node is not in its ring, and stays in its list."""
    best = facts.rest(args.node).best
    if best is None:
        return None, None
    now = Votes(best.total, best.expected, best.needed, best.quorate, survived_failures(best))
    return now, now


def undo(args: Args, _facts: Facts) -> Text:
    return UNDO.fill(node=args.node, backup=f"{BACKUPS}…")


def confirm(args: Args, _facts: Facts) -> str:
    return args.node


def report(args: Args, before: Facts, after: Facts) -> Report:
    node = args.node
    if node not in after.identity.by_node:
        return Report(
            Level.UNKNOWN, NO_ANSWER.fill(node=node, why=after.identity.silent[node]), data={"standalone": None}
        )
    if not after.is_standalone(node):
        return Report(Level.BAD, NOT_ALONE.fill(node=node), data={"standalone": False})
    level, text = (Level.GOOD, ALONE) if _keys(node, after) >= _keys(node, before) else (Level.WARNING, FEWER_KEYS)
    listed = node in after.rest(node).ids
    return Report(
        level,
        text.fill(node=node, keys=_keys(node, after), before=_keys(node, before)),
        findings=_left_to_do(node, after) if listed else (),
        code=(Code(TO_COPY.fill(other=_other(node, after)), f"pvecm delnode {node}"),) if listed else (),
        next=(same("/pve-cluster status"),),
        data={"standalone": True, "keys": _keys(node, after), "still_listed": listed},
    )


def _keys(node: NodeName, facts: Facts) -> int:
    return facts.keys.by_node[node].count if node in facts.keys.by_node else 0


def _left_to_do(node: NodeName, after: Facts) -> tuple[Finding, ...]:
    best = after.rest(node).best
    found = (Finding(Level.NOTE, LISTED.fill(node=node)),)
    return found if best and best.quorate else (*found, Finding(Level.WARNING, FIRST_QUORUM))


def _other(node: NodeName, after: Facts) -> str:
    """A node where it can be typed: one that has quorum, if there is one."""
    seen = after.rest(node).seen
    return next((name for name, view in seen.items() if view.quorate), next(iter(seen), "—"))


WORDS = Text(
    en="Separate {node} from the cluster {cluster}: it will stand alone, without guests",
    fr="Séparer {node} du cluster {cluster} : il sera autonome, sans machines",
)
SEPARATE = Text(
    en="Back up, then take {node} out of its cluster, in one script that runs by itself",
    fr="Sauvegarder, puis sortir {node} de son cluster, en un seul script autonome",
)
UNDO = Text(
    en="As long as the others list it, on {node}, with the directory that the output names: systemctl stop pve-cluster; "
    "cp -a {backup}/etc-corosync/. /etc/corosync/; rm -rf /var/lib/pve-cluster; cp -a {backup}/var-lib-pve-cluster "
    "/var/lib/pve-cluster; systemctl start pve-cluster corosync",
    fr="Tant que les autres le listent, sur {node}, avec le dossier que la sortie nomme : systemctl stop pve-cluster ; "
    "cp -a {backup}/etc-corosync/. /etc/corosync/ ; rm -rf /var/lib/pve-cluster ; cp -a {backup}/var-lib-pve-cluster "
    "/var/lib/pve-cluster ; systemctl start pve-cluster corosync",
)
NO_ANSWER = Text(
    en="{node} gives no answer, so whether it stands alone is unknown: {why}",
    fr="{node} ne répond pas, on ne sait donc pas s'il est autonome : {why}",
)
NOT_ALONE = Text(
    en="{node} does not stand alone: the output of the step says where it stopped",
    fr="{node} n'est pas autonome : la sortie de l'étape dit où elle s'est arrêtée",
)
ALONE = Text(
    en="{node} stands alone, and {keys} keys may log in there", fr="{node} est autonome, et {keys} clés y donnent accès"
)
FEWER_KEYS = Text(
    en="{node} stands alone, but only {keys} keys may log in there; before, {before}",
    fr="{node} est autonome, mais seulement {keys} clés y donnent accès ; avant, {before}",
)
LISTED = Text(
    en="The others still list {node} and expect its vote", fr="Les autres listent encore {node} et attendent sa voix"
)
FIRST_QUORUM = Text(
    en="That needs quorum, which they do not have: /pve-cluster expected",
    fr="Il y faut le quorum, qu'ils n'ont pas : /pve-cluster expected",
)
TO_COPY = Text(en="To type on {other}", fr="À taper sur {other}")
