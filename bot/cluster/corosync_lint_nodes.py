"""Rules for the node list of a corosync.conf: who is in it, and under which name, number and address."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from bot.action import Level
from bot.cluster.corosync_conf import addresses, is_ip
from bot.cluster.corosync_document import Section
from bot.cluster.flaw import Flaw, Rule
from bot.names import NodeName, shortened
from bot.text import Refused, Text


def no_nodes(root: Section) -> Iterator[Flaw]:
    if not _nodes(root):
        line = next((section.line for section in root.sections("nodelist")), 0)
        yield Flaw("no-nodes", line, Level.BAD, NO_NODES, NO_NODES_FIX)


def node_name(root: Section) -> Iterator[Flaw]:
    several_links = any(len(addresses(node)) > 1 for node in _nodes(root))
    for node in _nodes(root):
        setting = node.setting("name")
        if setting is None:
            level = Level.BAD if several_links else Level.WARNING
            yield Flaw("node-name", node.line, level, NO_NAME, NAME_FIX)
        elif not _is_node_name(setting.value):
            what = BAD_NAME.fill(name=shortened(setting.value))
            yield Flaw("node-name", setting.line, Level.BAD, what, NAME_FIX)


def node_id(root: Section) -> Iterator[Flaw]:
    for node in _nodes(root):
        if node.setting("nodeid") is None:
            yield Flaw("node-id", node.line, Level.BAD, NO_ID.fill(name=_called(node)), ID_FIX)


def same_name(root: Section) -> Iterator[Flaw]:
    yield from _repeated(root, "same-name", "name", SAME_NAME, NAME_FIX)


def same_id(root: Section) -> Iterator[Flaw]:
    yield from _repeated(root, "same-id", "nodeid", SAME_ID, ID_FIX)


def same_address(root: Section) -> Iterator[Flaw]:
    seen: dict[str, str] = {}
    for node, link, address in _addresses(root):
        key = _canonical(address)
        if key in seen:
            what = SAME_ADDRESS.fill(address=shortened(address), node=seen[key])
            yield Flaw("same-address", _line(node, link), Level.BAD, what, OWN_ADDRESS)
        seen.setdefault(key, _called(node))


def address(root: Section) -> Iterator[Flaw]:
    for node, link, value in _addresses(root):
        if value and not is_ip(value):
            what = NOT_IP.fill(value=shortened(value), link=link)
            yield Flaw("address", _line(node, link), Level.BAD, what, IP_FIX)
        elif value and _reaches_nobody(value):
            yield Flaw("address", _line(node, link), Level.BAD, UNUSABLE.fill(value=value), OWN_ADDRESS)


def votes(root: Section) -> Iterator[Flaw]:
    for node in _nodes(root):
        setting = node.setting("quorum_votes")
        if setting is not None and setting.whole not in (None, 1):
            what = VOTES.fill(name=_called(node), votes=shortened(setting.value))
            yield Flaw("votes", setting.line, Level.WARNING, what, VOTES_FIX)


def _nodes(root: Section) -> list[Section]:
    return list(root.sections("nodelist", "node"))


def _addresses(root: Section) -> Iterator[tuple[Section, int, str]]:
    for node in _nodes(root):
        for link, value in addresses(node).items():
            yield node, link, value


def _repeated(root: Section, rule: str, key: str, what: Text, fix: Text) -> Iterator[Flaw]:
    seen: dict[str, int] = {}
    for node in _nodes(root):
        setting = node.setting(key)
        if setting is None:
            continue
        value = setting.value if setting.whole is None else str(setting.whole)
        if value in seen:
            yield Flaw(rule, setting.line, Level.BAD, what.fill(value=shortened(value), line=seen[value]), fix)
        seen.setdefault(value, setting.line)


def _line(node: Section, link: int) -> int:
    setting = node.setting(f"ring{link}_addr")
    return setting.line if setting else node.line


def _called(node: Section) -> str:
    return shortened(node.get("name") or node.get("nodeid") or "?")


def _is_node_name(name: str) -> bool:
    try:
        return bool(NodeName(name))
    except Refused:
        return False


def _canonical(value: str) -> str:
    return str(ip_address(value)) if is_ip(value) else value.lower()


def _reaches_nobody(value: str) -> bool:
    at = ip_address(value)
    return at.is_loopback or at.is_multicast or at.is_unspecified


NO_NODES = Text(
    en="the file lists no node: corosync refuses to start",
    fr="le fichier ne liste aucun nœud : corosync refuse de démarrer",
)
NO_NODES_FIX = Text(
    en="List every node in `nodelist {{ node {{ … }} }}`", fr="Listez chaque nœud dans `nodelist {{ node {{ … }} }}`"
)
NO_NAME = Text(
    en="a node has no `name`: Proxmox VE cannot tell which one it is, and with several links corosync refuses to start",
    fr="un nœud n'a pas de `name` : Proxmox VE ne sait pas lequel c'est, et avec plusieurs liens corosync refuse de démarrer",
)
BAD_NAME = Text(en="“{name}” is no name of a node", fr="« {name} » n'est pas un nom de nœud")
NAME_FIX = Text(
    en="Write the node's own host name, without a domain, once per node",
    fr="Écrivez le nom d'hôte du nœud, sans domaine, une fois par nœud",
)
NO_ID = Text(
    en="node {name} has no `nodeid`: corosync refuses to start",
    fr="le nœud {name} n'a pas de `nodeid` : corosync refuse de démarrer",
)
ID_FIX = Text(
    en="Give every node a number of its own, 1 or more; never change one of a running cluster",
    fr="Donnez à chaque nœud un numéro à lui, 1 ou plus ; n'en changez jamais sur un cluster en marche",
)
SAME_NAME = Text(
    en="the name “{value}” is already given in line {line}", fr="le nom « {value} » est déjà donné ligne {line}"
)
SAME_ID = Text(en="nodeid {value} is already given in line {line}", fr="le nodeid {value} est déjà donné ligne {line}")
SAME_ADDRESS = Text(en="{address} is already an address of {node}", fr="{address} est déjà une adresse de {node}")
OWN_ADDRESS = Text(
    en="Write the address that this node has on that link's network",
    fr="Écrivez l'adresse que ce nœud a sur le réseau de ce lien",
)
NOT_IP = Text(
    en="link {link}: “{value}” is no IP address; if a name cannot be resolved at start, corosync does not start",
    fr="lien {link} : « {value} » n'est pas une adresse IP ; si un nom ne se résout pas au démarrage, corosync ne démarre pas",
)
IP_FIX = Text(
    en="Write the IP address; names depend on DNS and /etc/hosts of every node",
    fr="Écrivez l'adresse IP ; un nom dépend du DNS et du /etc/hosts de chaque nœud",
)
UNUSABLE = Text(en="{value} reaches no other node", fr="{value} n'atteint aucun autre nœud")
VOTES = Text(
    en="node {name} has {votes} votes instead of 1: the loss of one node then counts for more or for nothing",
    fr="le nœud {name} a {votes} voix au lieu d'une : la perte d'un nœud compte alors plus, ou pas du tout",
)
VOTES_FIX = Text(en="Write `quorum_votes: 1`", fr="Écrivez `quorum_votes: 1`")

RULES: tuple[Rule, ...] = (no_nodes, node_name, node_id, same_name, same_id, same_address, address, votes)
