"""What `corosync show` tells: the file as it is, the timeouts in force, and nodes that differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.action import Cell, Code, EachNode, Finding, Json, Level, NoArgs, Report, Table
from bot.cluster.cmap import LoadedTotem, RunningConfig
from bot.cluster.conf_copies import Copies, config_version, findings
from bot.cluster.conf_files import LocalConf, SharedConf
from bot.cluster.corosync_conf import digest
from bot.cluster.corosync_document import without_key
from bot.cluster.silence import silent
from bot.names import NodeName
from bot.text import Text, same

_TIMEOUTS_MS = ("token", "consensus", "join")
_COUNTS = ("token_retransmits_before_loss_const", "max_messages")


@dataclass(frozen=True)
class Facts:
    shared: EachNode[SharedConf]
    local: EachNode[LocalConf]
    loaded: EachNode[LoadedTotem]
    running: EachNode[RunningConfig]


def report(_args: NoArgs, facts: Facts, _after: Facts) -> Report:
    copies = Copies(facts.shared, facts.local)
    found = tuple(_findings(copies, facts))
    level = _level(copies, found)
    return Report(
        level=level,
        headline=_headline(copies, level),
        findings=found,
        tables=(_timeouts(facts), _nodes(copies, facts)) if copies.texts else (),
        code=tuple(_file(copies, name, text) for name, text in copies.texts.items()),
        next=(same("/pve-cluster corosync lint"), same("/pve-cluster corosync log")) if copies.texts else (),
        data=_data(copies, facts),
    )


def _headline(copies: Copies, level: Level) -> Text:
    if not copies.answering:
        return NOBODY
    if not copies.texts:
        return NO_FILE
    version = config_version(next(iter(copies.texts.values())))
    shown = "?" if version is None else version
    return (SAME if level is Level.GOOD else NOT_SAME).fill(version=shown, nodes=len(copies.shared.by_node))


def _level(copies: Copies, found: tuple[Finding, ...]) -> Level:
    if not copies.answering:
        return Level.UNKNOWN
    if any(finding.level is Level.BAD for finding in found):
        return Level.BAD
    if found:
        return Level.WARNING
    return Level.GOOD if copies.texts else Level.NOTE


def _findings(copies: Copies, facts: Facts) -> Iterator[Finding]:
    yield from findings(copies)
    for node, loaded in facts.loaded.by_node.items():
        file = facts.local.by_node.get(node)
        on_disk = config_version(file.text) if file else None
        if loaded.version is None and on_disk is not None:
            yield Finding(Level.BAD, STOPPED.fill(node=node), STOPPED_FIX.fill(node=node))
        elif loaded.version is not None and on_disk is not None and loaded.version != on_disk:
            values = {"node": node, "loaded": loaded.version, "disk": on_disk}
            yield Finding(Level.BAD, NOT_LOADED.fill(**values), NOT_LOADED_FIX)
    yield from _different_timeouts(facts)
    for node, why in {
        **facts.running.silent,
        **facts.loaded.silent,
        **facts.local.silent,
        **facts.shared.silent,
    }.items():
        yield silent(node, why)


def _different_timeouts(facts: Facts) -> Iterator[Finding]:
    for key in ("token", "consensus"):
        by_node = {n: r.totem.get(key) for n, r in facts.running.by_node.items() if r.totem is not None}
        if len(set(by_node.values())) > 1:
            shown = ", ".join(f"{node} {value}" for node, value in by_node.items())
            yield Finding(Level.BAD, TIMEOUTS_DIFFER.fill(key=key, shown=shown), TIMEOUTS_DIFFER_FIX)


def _timeouts(facts: Facts) -> Table:
    running = {node: run.totem for node, run in facts.running.by_node.items() if run.totem is not None}
    named = {**{key: f"{key} (ms)" for key in _TIMEOUTS_MS}, **{key: key for key in _COUNTS}}
    rows = tuple((name, *(str(totem.get(key, "?")) for totem in running.values())) for key, name in named.items())
    return Table((KEY, *(same(node) for node in running)), rows, IN_FORCE)


def _nodes(copies: Copies, facts: Facts) -> Table:
    rows = tuple(_row(node, facts) for node in dict.fromkeys([*copies.answering, *facts.shared.silent]))
    return Table((NODE, SHARED, LOCAL, LOADED), rows, COPIES)


def _row(node: NodeName, facts: Facts) -> tuple[Cell, ...]:
    shared, local = facts.shared.by_node.get(node), facts.local.by_node.get(node)
    loaded = facts.loaded.by_node.get(node)
    return (
        node,
        NO_WORD if shared is None else _copy(shared.text),
        NO_WORD if local is None else _copy(local.text),
        NO_WORD if loaded is None else NOT_RUNNING if loaded.version is None else str(loaded.version),
    )


def _copy(text: str | None) -> Cell:
    if text is None:
        return NONE
    version = config_version(text)
    return f"{'?' if version is None else version} ({digest(text)[:8]})"


def _file(copies: Copies, name: str, text: str) -> Code:
    return Code(FILE.fill(nodes=", ".join(copies.nodes_with(name))), without_key(text))


def _data(copies: Copies, facts: Facts) -> dict[str, Json]:
    return {
        "files": [_file_data(copies, name, text) for name, text in copies.texts.items()],
        "nodes": {node: _node_data(node, facts) for node in copies.answering},
        "silent": {node: why.to("en") for node, why in facts.shared.silent.items()},
    }


def _file_data(copies: Copies, name: str, text: str) -> dict[str, Json]:
    return {
        "digest": name,
        "version": config_version(text),
        "nodes": list(copies.nodes_with(name)),
        "text": without_key(text),
    }


def _node_data(node: NodeName, facts: Facts) -> dict[str, Json]:
    shared, local = facts.shared.by_node.get(node), facts.local.by_node.get(node)
    loaded, running = facts.loaded.by_node.get(node), facts.running.by_node.get(node)
    totem = running.totem if running and running.totem is not None else None
    return {
        "etc_pve": digest(shared.text) if shared and shared.text is not None else None,
        "etc_corosync": digest(local.text) if local and local.text is not None else None,
        "loaded_version": loaded.version if loaded else None,
        "totem": None if totem is None else dict(totem),
    }


NOBODY = Text(
    en="No node answered: the file could not be read", fr="Aucun nœud n'a répondu : le fichier n'a pas pu être lu"
)
NO_FILE = Text(
    en="No /etc/pve/corosync.conf on any node: they are in no cluster, or pmxcfs does not run",
    fr="Pas de /etc/pve/corosync.conf, sur aucun nœud : ils ne sont dans aucun cluster, ou pmxcfs ne tourne pas",
)
SAME = Text(
    en="corosync.conf version {version}: the same on all {nodes} nodes, and loaded",
    fr="corosync.conf version {version} : identique sur les {nodes} nœuds, et chargé",
)
NOT_SAME = Text(
    en="corosync.conf version {version}: not everywhere the same, loaded or known",
    fr="corosync.conf version {version} : pas partout identique, chargé ou connu",
)
STOPPED = Text(en="corosync does not run on {node}", fr="corosync ne tourne pas sur {node}")
STOPPED_FIX = Text(
    en="See why with /pve-cluster corosync log {node}", fr="Voyez pourquoi avec /pve-cluster corosync log {node}"
)
NOT_LOADED = Text(
    en="{node} runs with version {loaded} while its file says {disk}: the reload failed or was never done",
    fr="{node} tourne avec la version {loaded} alors que son fichier dit {disk} : le rechargement a échoué ou n'a pas eu lieu",
)
NOT_LOADED_FIX = Text(
    en="Check the file before any restart: /pve-cluster corosync lint",
    fr="Vérifiez le fichier avant tout redémarrage : /pve-cluster corosync lint",
)
TIMEOUTS_DIFFER = Text(en="{key} is not the same on all nodes: {shown}", fr="{key} n'est pas le même partout : {shown}")
TIMEOUTS_DIFFER_FIX = Text(
    en="Restart corosync on the differing node once all nodes are members",
    fr="Redémarrez corosync sur le nœud qui diffère, une fois tous les nœuds membres",
)
KEY = Text(en="Setting", fr="Réglage")
IN_FORCE = Text(en="In force, whatever the file says", fr="En vigueur, quoi que dise le fichier")
COPIES = Text(en="Copies of the file: version (digest)", fr="Copies du fichier : version (empreinte)")
NODE = Text(en="Node", fr="Nœud")
SHARED = same("/etc/pve")
LOCAL = same("/etc/corosync")
LOADED = Text(en="Loaded", fr="Chargée")
NO_WORD = Text(en="no answer", fr="pas de réponse")
NOT_RUNNING = Text(en="stopped", fr="arrêté")
NONE = Text(en="none", fr="aucune")
FILE = Text(en="/etc/pve/corosync.conf on {nodes}", fr="/etc/pve/corosync.conf sur {nodes}")
