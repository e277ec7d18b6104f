"""Rules for the quorum section of a corosync.conf: the provider, special modes, the QDevice."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Level
from bot.cluster.corosync_conf import addresses, is_ip
from bot.cluster.corosync_document import Section, Setting
from bot.cluster.flaw import Flaw, Rule, line_of
from bot.names import shortened
from bot.text import Text, counted

_FOREIGN = ("last_man_standing", "auto_tie_breaker", "allow_downscale", "wait_for_all")


def no_provider(root: Section) -> Iterator[Flaw]:
    if root.last("quorum", "provider") is None:
        yield Flaw("no-provider", line_of(root, None, "quorum"), Level.BAD, NO_PROVIDER, PROVIDER_FIX)


def two_node(root: Section) -> Iterator[Flaw]:
    setting = root.last("quorum", "two_node")
    if not _on(setting) or setting is None:
        return
    nodes = _count(root)
    if _device(root):
        yield Flaw("two-node", setting.line, Level.BAD, TWO_NODE_DEVICE, TWO_NODE_FIX)
    elif nodes != 2:
        yield Flaw("two-node", setting.line, Level.BAD, TWO_NODE_COUNT.fill(nodes=_nodes(nodes)), TWO_NODE_FIX)
    else:
        yield Flaw("two-node", setting.line, Level.WARNING, TWO_NODE, TWO_NODE_FIX)


def foreign_mode(root: Section) -> Iterator[Flaw]:
    for key in _FOREIGN:
        setting = root.last("quorum", key)
        if setting is not None and _on(setting):
            level = Level.BAD if _device(root) else Level.WARNING
            yield Flaw("foreign-mode", setting.line, level, FOREIGN.fill(key=key), FOREIGN_FIX.fill(key=key))


def expected_votes(root: Section) -> Iterator[Flaw]:
    setting = root.last("quorum", "expected_votes")
    if setting is not None and _count(root):
        yield Flaw("expected-votes", setting.line, Level.WARNING, EXPECTED, EXPECTED_FIX)


def two_nodes_alone(root: Section) -> Iterator[Flaw]:
    if _count(root) == 2 and not _device(root) and not _on(root.last("quorum", "two_node")):
        yield Flaw("two-nodes-alone", line_of(root, None, "quorum"), Level.NOTE, ALONE, ALONE_FIX)


def device_model(root: Section) -> Iterator[Flaw]:
    device = _device(root)
    if device and device.setting("model") is None:
        yield Flaw("device-model", device.line, Level.BAD, NO_MODEL, NO_MODEL_FIX)


def device_host(root: Section) -> Iterator[Flaw]:
    device = _device(root)
    if device is None or device.get("model") != "net":
        return
    setting = root.last("quorum", "device", "net", "host")
    nodes = {value for node in root.sections("nodelist", "node") for value in addresses(node).values()}
    if setting is None:
        yield Flaw("device-host", device.line, Level.BAD, NO_HOST, HOST_FIX)
    elif setting.value in nodes:
        yield Flaw("device-host", setting.line, Level.BAD, INSIDE.fill(host=setting.value), HOST_FIX)
    elif not is_ip(setting.value):
        yield Flaw("device-host", setting.line, Level.NOTE, HOST_NAME.fill(host=shortened(setting.value)), HOST_FIX)


def device_votes(root: Section) -> Iterator[Flaw]:
    device, nodes = _device(root), _count(root)
    algorithm = root.last("quorum", "device", "net", "algorithm")
    if device is None or algorithm is None or not nodes:
        return
    right = {"ffsplit": "1", "lms": str(nodes - 1)}.get(algorithm.value)
    setting = device.setting("votes")
    has = setting.value if setting else "1"
    if right is None:
        what = ALGORITHM.fill(name=shortened(algorithm.value))
        yield Flaw("device-votes", algorithm.line, Level.BAD, what, ALGORITHM_FIX)
    elif has != right:
        what = DEVICE_VOTES.fill(algorithm=algorithm.value, right=_votes(int(right)), has=shortened(has))
        line = setting.line if setting else device.line
        yield Flaw("device-votes", line, Level.BAD, what, DEVICE_VOTES_FIX.fill(right=right))


def device_with_odd_nodes(root: Section) -> Iterator[Flaw]:
    device, nodes = _device(root), _count(root)
    if device and nodes % 2:
        yield Flaw("device-with-odd-nodes", device.line, Level.WARNING, ODD.fill(nodes=_nodes(nodes)), ODD_FIX)


def _device(root: Section) -> Section | None:
    return next(root.sections("quorum", "device"), None)


def _count(root: Section) -> int:
    return len(list(root.sections("nodelist", "node")))


def _nodes(n: int) -> Text:
    return counted(n, en=("node", "nodes"), fr=("nœud", "nœuds"))


def _votes(n: int) -> Text:
    return counted(n, en=("vote", "votes"), fr=("voix", "voix"))


def _on(setting: Setting | None) -> bool:
    return setting is not None and bool(setting.whole)


NO_PROVIDER = Text(
    en="no quorum provider: without it nothing counts votes, and /etc/pve never becomes writable",
    fr="pas de fournisseur de quorum : sans lui rien ne compte les voix, et /etc/pve ne devient jamais modifiable",
)
PROVIDER_FIX = Text(
    en="Write `provider: corosync_votequorum` in quorum", fr="Écrivez `provider: corosync_votequorum` dans quorum"
)
TWO_NODE_DEVICE = Text(
    en="`two_node` cannot be used with a QDevice: each wants to decide the tie",
    fr="`two_node` ne va pas avec un QDevice : chacun veut trancher l'égalité",
)
TWO_NODE_COUNT = Text(
    en="`two_node` is on with {nodes}: it is for exactly two",
    fr="`two_node` est actif avec {nodes} : il est fait pour deux exactement",
)
TWO_NODE = Text(
    en="`two_node` lets each of two separated nodes go on alone: guests may run twice; Proxmox VE does not use it",
    fr="`two_node` laisse deux nœuds séparés continuer chacun seul : des machines peuvent tourner deux fois ; Proxmox VE ne l'utilise pas",
)
TWO_NODE_FIX = Text(
    en="Remove `two_node` and set up a QDevice for the tie",
    fr="Supprimez `two_node` et mettez en place un QDevice pour trancher",
)
FOREIGN = Text(
    en="`{key}` changes how votes are counted, and Proxmox VE never uses it",
    fr="`{key}` change la façon de compter les voix, et Proxmox VE ne l'utilise jamais",
)
FOREIGN_FIX = Text(en="Remove `{key}`", fr="Supprimez `{key}`")
EXPECTED = Text(
    en="`expected_votes` is set although the nodes are listed: it goes wrong with the next node added or removed",
    fr="`expected_votes` est fixé alors que les nœuds sont listés : il sera faux au prochain nœud ajouté ou retiré",
)
EXPECTED_FIX = Text(
    en="Remove it: corosync adds up the votes of the list", fr="Supprimez-le : corosync additionne les voix de la liste"
)
ALONE = Text(
    en="two nodes without a QDevice: when one stops, the other loses quorum",
    fr="deux nœuds sans QDevice : quand l'un s'arrête, l'autre perd le quorum",
)
ALONE_FIX = Text(
    en="Set up a QDevice on a machine outside the cluster",
    fr="Mettez en place un QDevice sur une machine hors du cluster",
)
NO_MODEL = Text(
    en="the quorum device has no `model`: its vote is expected but never cast",
    fr="le périphérique de quorum n'a pas de `model` : sa voix est attendue mais jamais donnée",
)
NO_MODEL_FIX = Text(
    en="Write `model: net` or remove the device section", fr="Écrivez `model: net` ou supprimez la section device"
)
NO_HOST = Text(en="the QDevice has no `host` in its net section", fr="le QDevice n'a pas de `host` dans sa section net")
INSIDE = Text(
    en="the QDevice's host {host} is a node of this cluster: it falls silent when it is needed",
    fr="l'hôte {host} du QDevice est un nœud de ce cluster : il se tait quand on a besoin de lui",
)
HOST_NAME = Text(
    en="the QDevice's host “{host}” is a name: its vote then depends on DNS",
    fr="l'hôte « {host} » du QDevice est un nom : sa voix dépend alors du DNS",
)
HOST_FIX = Text(
    en="Write the IP address of a machine outside the cluster", fr="Écrivez l'adresse IP d'une machine hors du cluster"
)
ALGORITHM = Text(en="the QDevice has no algorithm “{name}”", fr="le QDevice n'a pas d'algorithme « {name} »")
ALGORITHM_FIX = Text(en="Use ffsplit (even node count) or lms", fr="Utilisez ffsplit (nombre pair de nœuds) ou lms")
DEVICE_VOTES = Text(
    en="with {algorithm} the QDevice has {right} here, not {has}",
    fr="avec {algorithm}, le QDevice a ici {right}, pas {has}",
)
DEVICE_VOTES_FIX = Text(en="Write `votes: {right}` in device", fr="Écrivez `votes: {right}` dans device")
ODD = Text(
    en="a QDevice with {nodes}, an odd number, makes the cluster depend on it more than it helps",
    fr="un QDevice avec {nodes}, nombre impair, rend le cluster plus dépendant de lui qu'il n'aide",
)
ODD_FIX = Text(
    en="Remove the QDevice or make the number of nodes even",
    fr="Retirez le QDevice ou rendez le nombre de nœuds pair",
)

RULES: tuple[Rule, ...] = (
    no_provider,
    two_node,
    foreign_mode,
    expected_votes,
    two_nodes_alone,
    device_model,
    device_host,
    device_votes,
    device_with_odd_nodes,
)
