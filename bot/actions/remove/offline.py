"""Whether the node that goes is off: by every member's own view, by the bot's own tries, and by those of the members."""

from __future__ import annotations

from bot.action import Finding, Level
from bot.actions.remove import refusals
from bot.actions.remove.facts import Removal
from bot.actions.remove.standing import no
from bot.cluster.paths import Door, Paths
from bot.names import NodeName
from bot.text import Text


def check(removal: Removal) -> list[Finding]:
    """A node that answers anything, in any way, is not off."""
    return [*_in_the_ring(removal), *_by_the_bot(removal), *_by_members(removal)]


def tried(removal: Removal) -> list[Finding]:
    """What was tried and came to nothing: what the approvers answer for."""
    node, facts = removal.node, removal.facts
    if removal.answers(node) or node in facts.api.by_node or node not in facts.quorum.silent:
        return []
    addresses = ", ".join(removal.addresses) or "—"
    told = SILENT.fill(node=node, why=facts.quorum.silent[node], addresses=addresses, members=", ".join(removal.ring))
    return [Finding(Level.WARNING, told), Finding(Level.WARNING, NEVER_AGAIN.fill(node=node))]


def _in_the_ring(removal: Removal) -> list[Finding]:
    node, id_ = removal.node, removal.views.ids[removal.node]
    listed = removal.facts.members.by_node
    seeing = [
        member
        for member, view in removal.ring.items()
        if id_ in view.member_ids
        or (member in listed and node in listed[member].nodes and listed[member].nodes[node].online)
    ]
    return [no(refusals.ONLINE.fill(node=node, nodes=", ".join(seeing)), _power_off(node))] if seeing else []


def _by_the_bot(removal: Removal) -> list[Finding]:
    node, facts = removal.node, removal.facts
    if node not in {*facts.quorum.by_node, *facts.quorum.silent}:
        return [no(refusals.NOT_CONFIGURED.fill(node=node), CONFIGURE.fill(node=node))]
    over_ssh = [no(refusals.ANSWERS_SSH.fill(node=node), _power_off(node))] if removal.answers(node) else []
    by_api = [no(refusals.ANSWERS_API.fill(node=node), _power_off(node))] if node in facts.api.by_node else []
    return [*over_ssh, *by_api]


def _by_members(removal: Removal) -> list[Finding]:
    node = removal.node
    heard = [
        no(refusals.ANSWERS_MEMBER.fill(node=node, address=at, ways=", ".join(ways), member=by), _power_off(node))
        for at, (by, ways) in _signs(removal).items()
    ]
    mute = {member: why for member in removal.ring if (why := _not_tried(removal, member))}
    text = refusals.NOT_TRIED.fill(node=node)
    return [*heard, *(no(text.fill(member=member, why=why)) for member, why in mute.items())]


def _not_tried(removal: Removal, member: NodeName) -> Text | None:
    paths = removal.facts.paths
    if member in paths.by_node:
        has_pinged = {ping.address for ping in paths.by_node[member].echoes}
        return None if has_pinged.issuperset(removal.addresses) else NO_PING
    return paths.silent.get(member, NOWHERE)


def _signs(removal: Removal) -> dict[str, tuple[NodeName, tuple[str, ...]]]:
    """Each address once, with who heard something of it first, and what. Refusing takes somebody who is there, too."""
    found: dict[str, tuple[NodeName, tuple[str, ...]]] = {}
    for member, paths in removal.facts.paths.by_node.items():
        for address in sorted(paths.asked - removal.taken):
            if paths.reaches(address):
                found.setdefault(address, (member, _ways(paths, address)))
    return found


def _ways(paths: Paths, address: str) -> tuple[str, ...]:
    pings = ["ping" for ping, echo in paths.echoes.items() if ping.address == address and echo.received]
    doors = [(port, door) for port, door in paths.ports.items() if port.address == address and door is not Door.SILENT]
    return (*pings, *(f"TCP {port.number} {door}" for port, door in doors))


def is_heard(removal: Removal) -> bool:
    """Whether anything answers where the node was, to the bot or to a member."""
    return removal.answers(removal.node) or removal.node in removal.facts.api.by_node or bool(_signs(removal))


def _power_off(node: NodeName) -> Text:
    return POWER_OFF.fill(node=node)


POWER_OFF = Text(
    en="Move its guests away, then power {node} off; stopping its corosync is not enough",
    fr="Déplacez ses machines, puis éteignez {node} ; arrêter son corosync ne suffit pas",
)
CONFIGURE = Text(
    en="Add {node} to the nodes of this cluster in config.toml",
    fr="Ajoutez {node} aux nœuds de ce cluster dans config.toml",
)
NO_PING = Text(en="there is no ping there", fr="il n'y a pas de ping là-bas")
NOWHERE = Text(en="no address of it is known", fr="aucune de ses adresses n'est connue")
SILENT = Text(
    en="{node} does not answer the bot: {why}. Nor does anything answer {members} at {addresses} (ping, TCP 22 and 8006)",
    fr="{node} ne répond pas au bot : {why}. Rien ne répond non plus à {members} sur {addresses} (ping, TCP 22 et 8006)",
)
NEVER_AGAIN = Text(
    en="{node} must never start again on this network as it is: its old corosync.conf can stop the cluster, and guests that start "
    "with it start a second time",
    fr="{node} ne doit jamais redémarrer tel quel sur ce réseau : son ancien corosync.conf peut figer le cluster, et les machines "
    "qui démarrent avec lui démarrent une deuxième fois",
)
