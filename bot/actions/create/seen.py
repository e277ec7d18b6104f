"""What of a new cluster is not yet as it was wanted, by what its node shows."""

from __future__ import annotations

from bot.actions.create.facts import Args, Facts, links
from bot.names import NodeName
from bot.text import Text


def missing_of(args: Args, after: Facts) -> Text | None:
    """What is not yet as it should be; None: the cluster is there, has quorum, writes, and the wanted addresses."""
    members, view = after.members.by_node[args.node], after.view(args.node)
    if members.cluster != args.name and after.cluster_of(args.node) == args.name:
        return NOT_STARTED.fill(node=args.node, name=args.name)
    if members.cluster != args.name:
        return IN_NONE.fill(node=args.node, name=args.name)
    if view is None or not view.quorate or not members.quorate:
        return NO_QUORUM.fill(node=args.node, name=args.name)
    wanted = {number: link.address for number, link in links(args, after).items()}
    if _listed_addresses(args.node, after) != wanted or _in_ring(after, args.node) != wanted.get(0):
        return OTHER_LINKS.fill(name=args.name, links=", ".join(_listed_addresses(args.node, after).values()))
    writes = after.writable.by_node.get(args.node)
    return None if writes and writes.writable else READ_ONLY.fill(node=args.node, name=args.name)


def _listed_addresses(node: NodeName, after: Facts) -> dict[int, str]:
    identity = after.identity.by_node.get(node)
    own = identity.conf.nodes.get(node) if identity and identity.conf else None
    return dict(own.addresses) if own else {}


def _in_ring(after: Facts, node: NodeName) -> str | None:
    """Corosync itself shows the address of link 0 alone, as long as there is one node."""
    view = after.view(node)
    return next((member.address for member in view.members if member.local), None) if view else None


IN_NONE = Text(en="{node} is not in a cluster {name}", fr="{node} n'est pas dans un cluster {name}")
NOT_STARTED = Text(
    en="{node} has the corosync.conf of {name}, but its /etc/pve does not go by it",
    fr="{node} a le corosync.conf de {name}, mais son /etc/pve ne le suit pas",
)
NO_QUORUM = Text(
    en="{node} is in the cluster {name}, but has no quorum", fr="{node} est dans le cluster {name}, mais sans quorum"
)
OTHER_LINKS = Text(
    en="The cluster {name} has not the links that were wanted: {links}",
    fr="Le cluster {name} n'a pas les liens voulus : {links}",
)
READ_ONLY = Text(
    en="The cluster {name} has quorum, but /etc/pve of {node} takes no writes",
    fr="Le cluster {name} a le quorum, mais /etc/pve de {node} n'accepte pas d'écriture",
)
