"""/pve-cluster qdevice: the outside vote, as every node has it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.action import Action, Cell, EachNode, Finding, Json, Level, NoArgs, Report, Table, Verb
from bot.cluster.corosync_conf import CorosyncConf, Device
from bot.cluster.members import Members
from bot.cluster.qdevice import QdeviceDaemon
from bot.cluster.qdevice_cells import in_words
from bot.cluster.quorum import Quorum
from bot.cluster.views import Views, findings, silences
from bot.names import NodeName
from bot.text import Text, counted, same


@dataclass(frozen=True)
class Facts:
    quorum: EachNode[Quorum]
    members: EachNode[Members]
    conf: EachNode[CorosyncConf]
    daemon: EachNode[QdeviceDaemon]


def report(_args: NoArgs, facts: Facts, _after: Facts) -> Report:
    views = Views(facts.quorum, facts.members, facts.conf)
    if views.file is None:
        standalone = views.standalone
        headline = STANDALONE if standalone else NO_FILE
        level = Level.NOTE if standalone else Level.UNKNOWN
        return Report(level, headline, findings=findings(views), data={"configured": False if standalone else None})
    device = views.file.device
    if device is None:
        return _not_configured(len(views.ids), findings(views))
    found = (*_findings(facts, views, device), *findings(views))
    cast = _cast(views)
    return Report(
        level=_level(cast, found),
        headline=UNKNOWN_STATE
        if cast is None
        else (WORKS if cast else MUTE).fill(votes=_votes(device), host=device.host),
        pairs=_pairs(facts, device, cast),
        findings=found,
        tables=(_table(facts, views),),
        next=tuple(same(f"/pve-cluster {command}") for command in ("status", "expected")),
        data=_data(facts, views, device),
    )


def _not_configured(nodes: int, found: tuple[Finding, ...]) -> Report:
    advice = TWO_NODES if nodes == 2 else EVEN if nodes % 2 == 0 else ODD
    note = Finding(Level.WARNING if nodes == 2 else Level.NOTE, advice.fill(nodes=nodes))
    level = Level.WARNING if nodes == 2 else Level.NOTE
    return Report(level, NOT_CONFIGURED, findings=(note, *found), data={"configured": False, "nodes": nodes})


def _cast(views: Views) -> int | None:
    """The votes that it gives now; None if no corosync could say: it may give them to a side that was not heard."""
    if views.best is None:
        return None
    cast = views.best.qdevice.cast if views.best.qdevice else 0
    return None if views.unheard and not cast else cast


def _votes(device: Device) -> Text:
    return counted(device.votes, en=("vote", "votes"), fr=("voix", "voix"))


def _level(cast: int | None, found: tuple[Finding, ...]) -> Level:
    if cast is None:
        return Level.UNKNOWN
    if any(finding.level is Level.BAD for finding in found):
        return Level.BAD
    return Level.GOOD if cast and not any(f.level is Level.WARNING for f in found) else Level.WARNING


def _pairs(facts: Facts, device: Device, cast: int | None) -> tuple[tuple[Text, Cell], ...]:
    algorithms = [daemon.algorithm for daemon in facts.daemon.by_node.values() if daemon.algorithm]
    return (
        (MODEL, device.model or UNKNOWN),
        (HOST, device.host or UNKNOWN),
        (ALGORITHM, next(iter(algorithms), device.algorithm) or UNKNOWN),
        (VOTES, UNKNOWN if cast is None else OF.fill(cast=cast, worth=device.votes)),
    )


def _table(facts: Facts, views: Views) -> Table:
    rows = tuple((node, _daemon(facts.daemon.by_node.get(node)), _cell(views, node)) for node in views.ids)
    return Table((NODE, DAEMON, COLUMN), rows)


def _daemon(daemon: QdeviceDaemon | None) -> Cell:
    if daemon is None:
        return NO_ANSWER
    if not daemon.installed:
        return NOT_INSTALLED
    return daemon.state or UNKNOWN if daemon.running else STOPPED


def _cell(views: Views, node: NodeName) -> Cell:
    cell = views.cell(node)
    if cell is None:
        return UNKNOWN if views.online(node) is None else NOT_A_MEMBER
    return in_words(cell)


def _findings(facts: Facts, views: Views, device: Device) -> list[Finding]:
    found = [finding for node in views.ids for finding in _of_node(node, facts.daemon.by_node.get(node))]
    known = silences(views.quorum, views.members)
    found += [
        Finding(Level.WARNING, UNSAID.fill(node=node, why=why))
        for node, reasons in silences(facts.daemon).items()
        if node not in known
        for why in reasons
    ]
    inside = (
        [name for name, node in views.file.nodes.items() if device.host in node.addresses.values()]
        if views.file
        else []
    )
    found += [Finding(Level.BAD, INSIDE.fill(host=device.host, node=node), MOVE_OUT) for node in inside]
    if len(views.ids) % 2:
        found.append(Finding(Level.WARNING, ODD_WITH.fill(nodes=len(views.ids), votes=_votes(device)), REMOVE_IT))
    return found


def _of_node(node: NodeName, daemon: QdeviceDaemon | None) -> list[Finding]:
    if daemon is None or daemon.connected:
        return []
    if not daemon.installed:
        return [Finding(Level.WARNING, NO_PACKAGE.fill(node=node), INSTALL.fill(node=node))]
    if not daemon.running:
        return [Finding(Level.WARNING, DAEMON_OFF.fill(node=node), START.fill(node=node))]
    return [Finding(Level.WARNING, UNCONNECTED.fill(node=node, host=daemon.host, state=daemon.state), CHECK_QNETD)]


def _data(facts: Facts, views: Views, device: Device) -> dict[str, Json]:
    return {
        "configured": True,
        "model": device.model,
        "host": device.host,
        "algorithm": device.algorithm,
        "worth": device.votes,
        "votes": _cast(views),
        "nodes": {node: _node_data(facts, views, node) for node in views.ids},
    }


def _node_data(facts: Facts, views: Views, node: NodeName) -> dict[str, Json]:
    daemon, view = facts.daemon.by_node.get(node), views.seen.get(node) or views.best
    cells = [m.cell for m in view.members if m.id == views.ids[node]] if view else []
    return {
        "running": daemon.running if daemon else None,
        "state": daemon.state if daemon else None,
        "cell": cells[0] if cells else None,
    }


WORKS = Text(
    en="The QDevice on {host} works and gives {votes}",
    fr="Le QDevice sur {host} fonctionne et donne {votes}",
)
MUTE = Text(
    en="The QDevice on {host} gives no vote ({votes} when it works)",
    fr="Le QDevice sur {host} ne donne pas de voix ({votes} quand il fonctionne)",
)
UNKNOWN_STATE = Text(
    en="Whether the QDevice votes is unknown: no corosync answered",
    fr="On ignore si le QDevice vote : aucun corosync n'a répondu",
)
NOT_CONFIGURED = Text(en="No QDevice is configured", fr="Aucun QDevice n'est configuré")
STANDALONE = Text(en="Not in a cluster, so there is no QDevice", fr="Pas de cluster, donc pas de QDevice")
NO_FILE = Text(en="No node could say whether there is a QDevice", fr="Aucun nœud n'a pu dire s'il y a un QDevice")
TWO_NODES = Text(
    en="Two nodes lose quorum as soon as one stops: a QDevice outside the cluster is recommended",
    fr="Deux nœuds perdent le quorum dès que l'un s'arrête : un QDevice hors du cluster est recommandé",
)
EVEN = Text(
    en="With {nodes} nodes a QDevice would let one more fail",
    fr="Avec {nodes} nœuds, un QDevice permettrait une panne de plus",
)
ODD = Text(
    en="With {nodes} nodes, an odd number, a QDevice is not advised",
    fr="Avec {nodes} nœuds, nombre impair, un QDevice est déconseillé",
)
ODD_WITH = Text(
    en="{nodes} nodes is an odd number: the QDevice ({votes}) becomes nearly a single point of failure",
    fr="{nodes} nœuds est un nombre impair : le QDevice ({votes}) devient presque un point unique de panne",
)
REMOVE_IT = Text(
    en="Without it an odd cluster is safer, or add a node",
    fr="Sans lui un cluster impair est plus sûr ; ou ajoutez un nœud",
)
MODEL = Text(en="Model", fr="Modèle")
HOST = Text(en="Host", fr="Hôte")
ALGORITHM = Text(en="Algorithm", fr="Algorithme")
VOTES = Text(en="Votes", fr="Voix")
OF = Text(en="{cast} of {worth}", fr="{cast} sur {worth}")
UNKNOWN = Text(en="unknown", fr="inconnu")
NODE = Text(en="Node", fr="Nœud")
DAEMON = Text(en="Daemon", fr="Démon")
COLUMN = Text(en="What corosync says", fr="Ce que dit corosync")
NO_ANSWER = Text(en="no answer", fr="pas de réponse")
NOT_INSTALLED = Text(en="not installed", fr="non installé")
STOPPED = Text(en="not running", fr="arrêté")
NOT_A_MEMBER = Text(en="not in the ring", fr="pas dans l'anneau")
UNSAID = Text(
    en="{node} did not say how its QDevice daemon is: {why}",
    fr="{node} n'a pas dit l'état de son démon QDevice : {why}",
)
INSIDE = Text(
    en="The QDevice host {host} is the node {node}: its vote fails together with that node",
    fr="L'hôte du QDevice {host} est le nœud {node} : sa voix tombe avec ce nœud",
)
MOVE_OUT = Text(en="Move qnetd to a machine outside the cluster", fr="Déplacez qnetd sur une machine hors du cluster")
NO_PACKAGE = Text(en="{node} lacks the package corosync-qdevice", fr="Il manque à {node} le paquet corosync-qdevice")
INSTALL = Text(en="On {node}: apt install corosync-qdevice", fr="Sur {node} : apt install corosync-qdevice")
DAEMON_OFF = Text(
    en="corosync-qdevice does not run on {node}: that node does not count the vote",
    fr="corosync-qdevice ne tourne pas sur {node} : ce nœud ne compte pas cette voix",
)
START = Text(
    en="On {node}: systemctl enable --now corosync-qdevice", fr="Sur {node} : systemctl enable --now corosync-qdevice"
)
UNCONNECTED = Text(
    en="{node} has no connection to qnetd on {host} ({state})",
    fr="{node} n'a pas de connexion à qnetd sur {host} ({state})",
)
CHECK_QNETD = Text(
    en="See that the host is up, corosync-qnetd runs there, and TCP 5403 is open from the nodes",
    fr="Vérifiez que l'hôte est allumé, que corosync-qnetd y tourne, et que TCP 5403 est ouvert depuis les nœuds",
)

ACTION = Action(
    name="qdevice",
    summary=Text(
        en="The outside vote: configured, connected, counted?",
        fr="La voix extérieure : configurée, connectée, comptée ?",
    ),
    verbs=(
        Verb(
            name="status",
            summary=Text(en="Show the QDevice as each node has it", fr="Afficher le QDevice vu par chaque nœud"),
            args=NoArgs,
            facts=Facts,
            report=report,
        ),
    ),
    help=Text(
        en="Compares corosync.conf, the QDevice column of corosync and corosync-qdevice-tool on every node. When qnetd is "
        "unreachable corosync shows A,NV and not NA: the daemon is alive, the vote is missing. A QDevice is recommended for two "
        "nodes, useful for any even number, and not advised for an odd one.",
        fr="Compare corosync.conf, la colonne Qdevice de corosync et corosync-qdevice-tool sur chaque nœud. Quand qnetd est "
        "injoignable, corosync affiche A,NV et non NA : le démon répond, la voix manque. Un QDevice est recommandé pour deux "
        "nœuds, utile pour tout nombre pair, déconseillé pour un nombre impair.",
    ),
)
