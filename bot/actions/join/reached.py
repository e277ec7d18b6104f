"""How the new node reaches the members: which ways are asked of whom, and what of the answers forbids or warns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.action import Finding
from bot.actions.join import refusals, words
from bot.actions.join.joining import Joining
from bot.actions.join.words import no, unknown
from bot.cluster import network_findings
from bot.cluster.paths import Door
from bot.cluster.wanted_links import API, SSH, questions
from bot.names import NodeName
from bot.text import Text


def paths_asked(joining: Joining) -> Mapping[NodeName, tuple[str, ...]]:
    return questions(joining.wanted, joining.facts.addresses)


def reached(joining: Joining) -> Iterator[Finding]:
    """The one port without which `pvecm add` cannot even ask; all other ways are for people to judge."""
    new, paths = joining.new, joining.facts.paths
    yield from unknown(new, paths, words.ITS_WAY)
    port = SSH if joining.args.use_ssh else API
    door = paths.by_node[new].door(joining.address, port) if new in paths.by_node else None
    if door in {Door.REFUSED, Door.SILENT}:
        values = {"node": new, "member": joining.member, "port": port}
        how = REFUSED if door is Door.REFUSED else NOTHING
        found = refusals.PORT_CLOSED.fill(**values, address=joining.address, how=how)
        yield no(found, words.OPEN_PORT.fill(**values))
    wanted = joining.wanted
    if wanted.links:
        yield from network_findings.refused(wanted, joining.facts.addresses)
        yield from network_findings.findings(wanted, joining.facts.addresses, paths)


REFUSED = Text(en="connection refused", fr="connexion refusée")
NOTHING = Text(en="nothing comes back", fr="rien ne revient")
