"""What forbids a `join`: all of it at once; and what its approvers must know."""

from __future__ import annotations

from bot.action import Finding
from bot.actions.join import refusals, words
from bot.actions.join.check_cluster import of_cluster
from bot.actions.join.check_links import of_links
from bot.actions.join.check_node import of_node
from bot.actions.join.check_trust import of_trust
from bot.actions.join.consequences import consequences
from bot.actions.join.facts import Args, Facts
from bot.actions.join.joining import Joining
from bot.actions.join.words import no
from bot.names import NodeName


def check(args: Args, facts: Facts) -> list[Finding]:
    joining = Joining(args, facts)
    if args.node not in facts.nodes:
        known = ", ".join(facts.nodes)
        return [no(refusals.NOT_LISTED.fill(node=args.node, known=known), words.LIST_IT.fill(node=args.node))]
    unsure = [*_new(joining), *_member(joining)]
    if unsure:
        return unsure
    return [
        *of_cluster(joining),
        *of_node(joining),
        *of_links(joining),
        *of_trust(joining),
        *consequences(joining),
    ]


def _new(joining: Joining) -> list[Finding]:
    """Of a node that does not answer, or that is another one, nothing else can be said."""
    node, identity = joining.new, joining.facts.identity
    if node not in identity.by_node:
        why = identity.silent[node]
        return [no(refusals.NEW_SILENT.fill(node=node, why=why), words.REPAIR.fill(node=node))]
    return _other_host(joining, node)


def _member(joining: Joining) -> list[Finding]:
    views = joining.views
    if not joining.members:
        return [no(refusals.NO_CLUSTER, words.CREATE_FIRST)]
    if joining.member is None:
        known = ", ".join(joining.members)
        return [no(refusals.NOT_A_MEMBER.fill(member=joining.args.member, known=known))]
    if joining.member in views.quorum.silent or joining.member not in views.members.by_node:
        silent = {**views.members.silent, **views.quorum.silent}
        found = refusals.MEMBER_SILENT.fill(node=joining.member, why=silent[joining.member])
        return [no(found, words.ANOTHER_MEMBER)]
    return _other_host(joining, joining.member)


def _other_host(joining: Joining, node: NodeName) -> list[Finding]:
    """Its keys and its certificate are taken for those of *node*."""
    identity = joining.facts.identity.by_node.get(node)
    if identity is None or identity.host == node:
        return []
    return [no(refusals.OTHER_HOST.fill(node=node, host=identity.host), words.CHECK_CONFIG)]
