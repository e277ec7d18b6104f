"""What all nodes together say of their cluster, and where they do not say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.action import EachNode, Finding, Level
from bot.cluster.corosync_conf import CorosyncConf, newest
from bot.cluster.members import Members
from bot.cluster.quorum import Quorum, View
from bot.names import NodeName
from bot.text import Text


@dataclass(frozen=True)
class Views:
    """The three things every node is asked about its cluster."""

    quorum: EachNode[Quorum]
    members: EachNode[Members]
    conf: EachNode[CorosyncConf]

    @property
    def seen(self) -> dict[NodeName, View]:
        """The view of each node whose corosync runs."""
        return {node: quorum.view for node, quorum in self.quorum.by_node.items() if quorum.view}

    @property
    def best(self) -> View | None:
        """The view of the partition that counts: the quorate one, else the one with the most votes."""
        return max(self.seen.values(), key=lambda v: (v.quorate, v.total, len(v.members)), default=None)

    @property
    def file(self) -> CorosyncConf | None:
        """The newest corosync.conf that was seen."""
        return newest(self.conf)

    @property
    def name(self) -> str:
        named = [m.cluster for m in self.members.by_node.values() if m.cluster]
        return self.file.name if self.file else next(iter(named), "")

    @property
    def standalone(self) -> bool:
        """Whether the nodes that answered belong to no cluster at all."""
        lists = self.members.by_node.values()
        return bool(lists) and not self.seen and not self.file and all(m.mounted and not m.cluster for m in lists)

    @property
    def nobody(self) -> bool:
        return not (self.quorum.by_node or self.members.by_node or self.conf.by_node)

    @property
    def ids(self) -> dict[NodeName, int]:
        """The nodes of the cluster, offline ones included, and their numbers."""
        if self.file:
            return {name: node.id for name, node in self.file.nodes.items()}
        listed = (m.nodes for m in self.members.by_node.values())
        return {name: node.id for nodes in listed for name, node in nodes.items()}

    def online(self, node: NodeName) -> bool | None:
        """Whether *node* is in the ring; None if nobody could say: not its own corosync, nor that of a quorate side."""
        if self.best is None or node in self.unheard:
            return None
        return self.ids.get(node) in self.best.member_ids

    @property
    def unheard(self) -> tuple[NodeName, ...]:
        """Where there may be quorum for all that was seen: nodes that said nothing, while nobody that did has quorum."""
        best = self.best
        if best is None or best.quorate:
            return ()
        nodes = {name: id_ for name, id_ in self.ids.items() if id_ not in best.member_ids}
        return tuple(name for name in nodes or ({} if self.ids else self.quorum.silent) if self._is_mute(name))

    @property
    def heard(self) -> tuple[NodeName, ...]:
        """The nodes that spoke of the quorum, and those that are in the ring with them."""
        return tuple(dict.fromkeys([*self.seen, *(node for node in self.ids if self.online(node))]))

    def cell(self, node: NodeName) -> str | None:
        """The QDevice column as the node's own corosync has it, else as another one has; None: it is in no ring."""
        view = self.seen.get(node) or self.best
        return next((m.cell for m in view.members if m.id == self.ids.get(node)), None) if view else None

    def _is_mute(self, node: NodeName) -> bool:
        return node not in self.quorum.by_node

    def dead(self) -> tuple[NodeName, ...]:
        return tuple(node for node in self.ids if self.online(node) is False)

    def missing(self) -> tuple[NodeName, ...]:
        """The dead, and those of which nobody could say."""
        return tuple(node for node in self.ids if not self.online(node))


def findings(views: Views) -> tuple[Finding, ...]:
    """Everything about these views that a person should know, the worst first."""
    found = [*_silences(views), *_stopped(views), *_partitions(views), *_file_system(views), *_differences(views)]
    found += _strangers(views)
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.level)))


def silences(*asked: EachNode[Any]) -> dict[NodeName, tuple[Text, ...]]:
    """Why each node gave no answer to something, every reason once."""
    found: dict[NodeName, dict[str, Text]] = {}
    for each in asked:
        for node, why in each.silent.items():
            found.setdefault(node, {})[why.to("en")] = why
    return {node: tuple(reasons.values()) for node, reasons in found.items()}


def _silences(views: Views) -> list[Finding]:
    # A node without a corosync.conf is no riddle where its file system says why.
    explained = {n for n, m in views.members.by_node.items() if not m.mounted or not m.cluster}
    conf = EachNode(views.conf.by_node, {n: why for n, why in views.conf.silent.items() if n not in explained})
    return [
        _silence(views, node, why)
        for node, reasons in silences(views.quorum, views.members, conf).items()
        for why in reasons
    ]


def _silence(views: Views, node: NodeName, why: Text) -> Finding:
    """Others can speak for it only where one of them sees the ring, and has not heard otherwise from the node itself."""
    is_member = views.online(node)
    spoken_for = is_member is not None and node not in views.quorum.by_node
    text = MEMBER_SILENT if is_member and spoken_for else SILENT
    return Finding(Level.WARNING, text.fill(node=node, why=why), LOOK_THERE if spoken_for else None)


def _stopped(views: Views) -> list[Finding]:
    if views.standalone:
        return []
    off = [node for node, quorum in views.quorum.by_node.items() if quorum.view is None]
    return [Finding(Level.BAD, COROSYNC_STOPPED.fill(node=node), READ_LOG.fill(node=node)) for node in off]


def _partitions(views: Views) -> list[Finding]:
    best = views.best
    if best is None:
        return []
    apart = {node: view for node, view in views.seen.items() if view.node_id not in best.member_ids}
    sides = [Finding(Level.BAD, OTHER_PARTITION.fill(node=node), LOOK_LINKS) for node in apart]
    if best.quorate and any(view.quorate for view in apart.values()):
        sides.insert(0, Finding(Level.BAD, SPLIT_BRAIN, STOP_GUESTS))
    return sides


def _file_system(views: Views) -> list[Finding]:
    lists = views.members.by_node
    off = [node for node, members in lists.items() if not members.mounted]
    read_only = [
        n for n, v in views.seen.items() if v.quorate and n in lists and lists[n].mounted and not lists[n].quorate
    ]
    return [
        *(Finding(Level.BAD, NO_PMXCFS.fill(node=node), START_PMXCFS.fill(node=node)) for node in off),
        *(Finding(Level.WARNING, READ_ONLY.fill(node=node), WAIT_FOR_PMXCFS.fill(node=node)) for node in read_only),
    ]


def _differences(views: Views) -> list[Finding]:
    best = views.best
    ring = {n: v for n, v in views.seen.items() if best and v.node_id in best.member_ids}
    compared: list[tuple[Text, Mapping[NodeName, object], Text]] = [
        (QUORATE, {n: v.quorate for n, v in ring.items()}, ASK_AGAIN),
        (EXPECTED, {n: v.expected for n, v in ring.items()}, ASK_AGAIN),
        (VOTES, {n: v.total for n, v in ring.items()}, ASK_AGAIN),
        (MEMBERS, {n: ",".join(map(str, sorted(v.member_ids))) for n, v in ring.items()}, ASK_AGAIN),
        (VERSION, {n: conf.version for n, conf in views.conf.by_node.items()}, OLD_VERSION),
    ]
    return [
        Finding(Level.WARNING, DISAGREE.fill(what=what, views=side_by_side(said)), fix)
        for what, said, fix in compared
        if len(set(said.values())) > 1
    ]


def side_by_side(said: Mapping[NodeName, object]) -> str:
    """`pve01, pve02: 3 · pve03: 2`, the most common value first."""
    by_value: dict[str, list[str]] = {}
    for node, value in said.items():
        by_value.setdefault(str(value), []).append(node)
    groups = sorted(by_value.items(), key=lambda group: -len(group[1]))
    return " · ".join(f"{', '.join(nodes)}: {value}" for value, nodes in groups)


def _strangers(views: Views) -> list[Finding]:
    if not views.ids:
        return []
    asked = {*views.quorum.by_node, *views.quorum.silent}
    unknown = [node for node in views.ids if node not in asked]
    foreign = [node for node in sorted(asked) if node not in views.ids]
    return [
        *(Finding(Level.NOTE, NOT_CONFIGURED.fill(node=node), CONFIGURE.fill(node=node)) for node in unknown),
        *(Finding(Level.WARNING, NOT_IN_CLUSTER.fill(node=node, cluster=views.name), UNCONFIGURE) for node in foreign),
    ]


_ORDER = (Level.BAD, Level.WARNING, Level.UNKNOWN, Level.NOTE, Level.GOOD)
SILENT = Text(en="{node} gave no answer: {why}", fr="{node} n'a pas répondu : {why}")
MEMBER_SILENT = Text(
    en="{node} is in the ring, but gave the bot no answer: {why}",
    fr="{node} est dans l'anneau, mais n'a pas répondu au bot : {why}",
)
LOOK_THERE = Text(
    en="What is said of it here is what the other nodes say", fr="Ce qui en est dit ici vient des autres nœuds"
)
COROSYNC_STOPPED = Text(
    en="{node} answers, but corosync does not run there", fr="{node} répond, mais corosync n'y tourne pas"
)
READ_LOG = Text(en="See why: /pve-cluster corosync log {node}", fr="Voir pourquoi : /pve-cluster corosync log {node}")
OTHER_PARTITION = Text(
    en="{node} runs corosync in another partition: the two sides do not see each other",
    fr="{node} fait tourner corosync dans une autre partition : les deux côtés ne se voient pas",
)
LOOK_LINKS = Text(en="See the links: /pve-cluster links status", fr="Voir les liens : /pve-cluster links status")
SPLIT_BRAIN = Text(
    en="Two partitions are quorate at once: guests may run twice on the same disks",
    fr="Deux partitions ont le quorum en même temps : des machines peuvent tourner deux fois sur les mêmes disques",
)
STOP_GUESTS = Text(
    en="Choose one side, stop the guests on the other, then power it off",
    fr="Choisissez un côté, arrêtez les machines de l'autre, puis éteignez-le",
)
NO_PMXCFS = Text(
    en="The cluster file system (pmxcfs) does not run on {node}: /etc/pve is empty there",
    fr="Le système de fichiers du cluster (pmxcfs) ne tourne pas sur {node} : /etc/pve y est vide",
)
START_PMXCFS = Text(
    en="On {node}: systemctl status pve-cluster, then start it",
    fr="Sur {node} : systemctl status pve-cluster, puis démarrez-le",
)
READ_ONLY = Text(
    en="/etc/pve is read-only on {node}, although corosync is quorate",
    fr="/etc/pve est en lecture seule sur {node}, alors que corosync a le quorum",
)
WAIT_FOR_PMXCFS = Text(
    en="That is normal for about 10 s after a start; if it stays: systemctl restart pve-cluster on {node}",
    fr="C'est normal environ 10 s après un démarrage ; si cela dure : systemctl restart pve-cluster sur {node}",
)
DISAGREE = Text(
    en="The nodes do not agree on {what}: {views}", fr="Les nœuds ne disent pas la même chose ; {what} : {views}"
)
QUORATE = Text(en="whether there is quorum", fr="le quorum")
EXPECTED = Text(en="the expected votes", fr="les voix attendues")
VOTES = Text(en="the votes present", fr="les voix présentes")
MEMBERS = Text(en="who is in the ring (node IDs)", fr="les membres de l'anneau (ID des nœuds)")
VERSION = Text(en="the version of corosync.conf", fr="la version de corosync.conf")
ASK_AGAIN = Text(
    en="During a change that lasts seconds: ask again. If it stays: /pve-cluster links status",
    fr="Pendant un changement, cela dure quelques secondes : redemandez. Si cela dure : /pve-cluster links status",
)
OLD_VERSION = Text(
    en="A node with an older file must not restart corosync before the file is equalised",
    fr="Un nœud au fichier plus ancien ne doit pas redémarrer corosync avant que le fichier soit le même partout",
)
NOT_CONFIGURED = Text(
    en="{node} belongs to the cluster, but the bot was not told of it",
    fr="{node} appartient au cluster, mais le bot ne le connaît pas",
)
CONFIGURE = Text(
    en="Add {node} to the nodes of this cluster in config.toml",
    fr="Ajoutez {node} aux nœuds de ce cluster dans config.toml",
)
NOT_IN_CLUSTER = Text(
    en="{node} is configured here, but is not a node of {cluster}",
    fr="{node} est configuré ici, mais n'est pas un nœud de {cluster}",
)
UNCONFIGURE = Text(en="Check the name in config.toml", fr="Vérifiez le nom dans config.toml")
