"""Which nodes have which corosync.conf: all copies should be one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.action import EachNode, Finding, Level
from bot.cluster.conf_files import LocalConf, SharedConf
from bot.cluster.corosync_conf import digest
from bot.cluster.corosync_document import BadCorosyncConf, parse
from bot.names import NodeName
from bot.text import Text, same


@dataclass(frozen=True)
class Copies:
    """The two files of every node that answered."""

    shared: EachNode[SharedConf]
    local: EachNode[LocalConf]

    @property
    def texts(self) -> dict[str, str]:
        """Each different cluster file by its digest, the one that most nodes have first."""
        found = [file.text for file in self.shared.by_node.values() if file.text is not None]
        return {digest(text): text for text in sorted(found, key=found.count, reverse=True)}

    def nodes_with(self, name: str) -> tuple[NodeName, ...]:
        files = self.shared.by_node.items()
        return tuple(node for node, file in files if file.text is not None and digest(file.text) == name)

    @property
    def answering(self) -> tuple[NodeName, ...]:
        return tuple(dict.fromkeys([*self.shared.by_node, *self.local.by_node]))


def config_version(text: str | None) -> int | None:
    """The version that *text* carries; None if there is no text, or it cannot be read."""
    try:
        setting = parse(text).last("totem", "config_version") if text is not None else None
    except BadCorosyncConf:
        return None
    return setting.whole if setting else None


def findings(copies: Copies) -> Iterator[Finding]:
    """Copies that differ between nodes or between the two places of one node; nodes that have none."""
    if len(copies.texts) > 1:
        kinds = "; ".join(f"{name[:8]}: {', '.join(copies.nodes_with(name))}" for name in copies.texts)
        yield Finding(Level.BAD, DIFFERENT_VIEWS.fill(kinds=kinds), DIFFERENT_VIEWS_FIX)
    for node in copies.answering:
        yield from _of_node(node, copies)


def _of_node(node: NodeName, copies: Copies) -> Iterator[Finding]:
    shared, local = copies.shared.by_node.get(node), copies.local.by_node.get(node)
    if shared is None or local is None or (shared.text is None and local.text is None):
        return
    if shared.text is None:
        yield Finding(Level.BAD, NO_SHARED.fill(node=node), START_PMXCFS.fill(node=node))
    elif local.text is None:
        yield Finding(Level.BAD, NO_LOCAL.fill(node=node), NO_LOCAL_FIX.fill(node=node))
    elif shared.text != local.text:
        versions = {"shared": _shown(shared.text), "local": _shown(local.text)}
        yield Finding(Level.BAD, DIFFERENT_COPIES.fill(node=node, **versions), DIFFERENT_COPIES_FIX.fill(node=node))


def _shown(text: str) -> Text:
    version = config_version(text)
    return VERSION.fill(version=version) if version is not None else same("?")


VERSION = Text(en="version {version}", fr="version {version}")
DIFFERENT_VIEWS = Text(
    en="The nodes do not have the same /etc/pve/corosync.conf ({kinds})",
    fr="Les nœuds n'ont pas le même /etc/pve/corosync.conf ({kinds})",
)
DIFFERENT_VIEWS_FIX = Text(
    en="Look which nodes form the quorate partition: /pve-cluster status. Restarting a stale node as it is can hurt the others",
    fr="Regardez quels nœuds forment la partition avec quorum : /pve-cluster status. Redémarrer tel quel un nœud périmé peut nuire aux autres",
)
NO_SHARED = Text(
    en="{node} has no /etc/pve/corosync.conf but a local one: pmxcfs does not run there",
    fr="{node} n'a pas de /etc/pve/corosync.conf mais une copie locale : pmxcfs n'y tourne pas",
)
START_PMXCFS = Text(en="Start pve-cluster on {node}", fr="Démarrez pve-cluster sur {node}")
NO_LOCAL = Text(
    en="{node} has no /etc/corosync/corosync.conf: corosync cannot start there",
    fr="{node} n'a pas de /etc/corosync/corosync.conf : corosync ne peut pas y démarrer",
)
NO_LOCAL_FIX = Text(
    en="Restart pve-cluster on {node}: it writes the file again",
    fr="Redémarrez pve-cluster sur {node} : il réécrit le fichier",
)
DIFFERENT_COPIES = Text(
    en="{node}: /etc/pve has {shared}, /etc/corosync has {local}",
    fr="{node} : /etc/pve a la {shared}, /etc/corosync la {local}",
)
DIFFERENT_COPIES_FIX = Text(
    en="Compare both files on {node}; pmxcfs ignores a file whose config_version is lower than the local one",
    fr="Comparez les deux fichiers sur {node} ; pmxcfs ignore un fichier dont le config_version est inférieur au local",
)
