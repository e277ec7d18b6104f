"""remove NODE: one command on another node, when the node is known to be off; and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.action import Asked, Json, Step, Votes
from bot.actions.remove import cleanup, guards, standing
from bot.actions.remove.facts import Args, Facts, Removal
from bot.actions.remove.scripts import ARCHIVES
from bot.cluster import guard
from bot.cluster.paths import Paths, Ping, Port
from bot.text import Text

PORTS = (22, 8006)
TIMEOUT_S = 120  # 10 s for the lock, 60 s of work under it (Cluster.pm, cfs_lock), and the reload


def further(args: Args, facts: Facts) -> Asked:
    """Every member tries the node's addresses."""
    removal = facts.of(args.node)
    return {} if args.cleanup else _tried(removal, removal.addresses)


def watch_further(args: Args, facts: Facts, rests_on: Mapping[str, Json]) -> Asked:
    """Once it is removed nobody lists its addresses any more: those that were approved, unless another has one now."""
    removal, old = facts.of(args.node), rests_on.get("addresses")
    known = {*removal.addresses, *(map(str, old) if isinstance(old, list) else ())} - removal.taken
    return {} if args.cleanup else _tried(removal, sorted(known))


def _tried(removal: Removal, addresses: Sequence[str]) -> Asked:
    pings = [Ping(address) for address in addresses]
    doors = [Port(address, number) for address in addresses for number in PORTS]
    return {"paths": dict.fromkeys(removal.ring, Paths.argv(pings, doors))} if pings else {}


def words(args: Args, facts: Facts) -> Text:
    removal = facts.of(args.node)
    text = CLEAN_UP if args.cleanup else REMOVE
    return text.fill(node=args.node, cluster=removal.views.name, executor=removal.executor)


def plan(args: Args, facts: Facts) -> tuple[Step, ...]:
    removal = facts.of(args.node)
    return cleanup.plan(removal) if args.cleanup else (_delnode(removal),)


def _delnode(removal: Removal) -> Step:
    lines = (
        *guards.same_cluster(removal),
        *guard.ring(removal.view),
        guards.is_listed(removal.node),
        guards.no_guests(removal.node),
        guards.no_answer(removal.addresses),
    )
    argv = ("pvecm", "delnode", removal.node)
    return Step(removal.executor, DELNODE.fill(node=removal.node), argv, guard.guard(*lines), timeout_s=TIMEOUT_S)


def rests_on(args: Args, facts: Facts) -> dict[str, Json]:
    removal = facts.of(args.node)
    of_all: dict[str, Json] = {
        "cluster": removal.views.name,
        "config_version": removal.conf.version if removal.conf else None,
        "node": args.node,
    }
    return of_all | (cleanup.traces(removal).data if args.cleanup else _standing(removal))


def _standing(removal: Removal) -> dict[str, Json]:
    view = removal.view
    return {
        "node_id": removal.views.ids.get(removal.node),
        "addresses": [*removal.addresses],
        "ring": [*sorted(view.member_ids)],
        "votes": view.total,
        "expected": view.expected,
        "quorate": view.quorate,
    }


def votes(args: Args, facts: Facts) -> tuple[Votes | None, Votes | None]:
    removal = facts.of(args.node)
    now = standing.before(removal)
    return now, (now if args.cleanup else standing.after(removal))


def undo(args: Args, _facts: Facts) -> Text:
    return (UNDO_CLEAN_UP if args.cleanup else UNDO).fill(node=args.node, archives=ARCHIVES)


def confirm(args: Args, _facts: Facts) -> str:
    return args.node


def statement(args: Args, _facts: Facts) -> Text | None:
    return None if args.cleanup else HOW_KNOWN.fill(node=args.node)


REMOVE = Text(
    en="Remove {node} from the cluster {cluster} for good (on {executor})",
    fr="Retirer définitivement {node} du cluster {cluster} (sur {executor})",
)
CLEAN_UP = Text(
    en="Take away what the removed node {node} left in the cluster {cluster} (on {executor})",
    fr="Enlever ce que le nœud retiré {node} a laissé dans le cluster {cluster} (sur {executor})",
)
DELNODE = Text(
    en="Take {node} out of corosync.conf, on all nodes", fr="Ôter {node} de corosync.conf, sur tous les nœuds"
)
UNDO = Text(
    en="It is not undone: {node} can join again as a new node, reinstalled or after /pve-cluster reset {node}",
    fr="Cela ne s'annule pas : {node} peut rejoindre comme un nouveau nœud, réinstallé ou après /pve-cluster reset {node}",
)
UNDO_CLEAN_UP = Text(
    en="tar -C /etc/pve/nodes -xf {archives}{node}-….tar, on the node whose output names it; each line that was taken out of a list "
    "of keys is in the output; storages, rules and jobs by hand",
    fr="tar -C /etc/pve/nodes -xf {archives}{node}-….tar, sur le nœud dont la sortie le nomme ; chaque ligne ôtée d'une liste de "
    "clés est dans la sortie ; stockages, règles et tâches à la main",
)
HOW_KNOWN = Text(
    en="How do you know that {node} is off, and will not come back on this network?",
    fr="Comment savez-vous que {node} est éteint, et ne reviendra pas sur ce réseau ?",
)
