"""What `join` asks once it is known who joins whom: ways, certificates and names."""

from __future__ import annotations

from collections.abc import Mapping

from bot.actions.join.facts import Args, Facts
from bot.actions.join.joining import Joining
from bot.actions.join.reached import paths_asked
from bot.cluster.known_names import KnownNames
from bot.cluster.peer_certificate import PeerCertificate
from bot.cluster.served_certificate import ServedCertificate
from bot.names import NodeName

Asked = Mapping[NodeName, tuple[str, ...]]


def further(args: Args, facts: Facts) -> Mapping[str, Asked]:
    joining = Joining(args, facts)
    member = joining.member
    if member is None:
        return {}
    return {
        "served": {} if args.use_ssh else {joining.new: ServedCertificate.argv(joining.address)},
        "copies": {} if args.use_ssh else _copies(joining, member),
        "names": _names(joining),
        "paths": paths_asked(joining),
    }


def _copies(joining: Joining, member: NodeName) -> Asked:
    """One other member is enough: they share the file."""
    other = next((node for node in joining.members if node != member and node in joining.views.members.by_node), None)
    return {other: PeerCertificate.argv(member)} if other else {}


def _names(joining: Joining) -> Asked:
    theirs = {node: KnownNames.argv((joining.new,)) for node in joining.members}
    return {**theirs, joining.new: KnownNames.argv(joining.members)}
