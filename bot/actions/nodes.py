"""/pve-cluster nodes: each node's versions, uptime, guests and clock; what differs stands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.action import Action, Cell, EachNode, Finding, Json, Level, Report, Table, Verb
from bot.cluster.clock import Clock
from bot.cluster.guests import Count, Guests
from bot.cluster.members import Members
from bot.cluster.versions import Booted, CorosyncVersion, PveVersion
from bot.cluster.views import side_by_side, silences
from bot.names import NodeName
from bot.text import Text, same

CLOCK_LIMIT_US = 1_000_000  # certificates, HA and Ceph want less than a second between nodes
RECENT_S = 600
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3600, 60


@dataclass(frozen=True)
class Args:
    node: NodeName | None = None


@dataclass(frozen=True)
class Facts:
    members: EachNode[Members]
    pve: EachNode[PveVersion]
    corosync: EachNode[CorosyncVersion]
    booted: EachNode[Booted]
    guests: EachNode[Guests]
    clock: EachNode[Clock]


def on(args: Args) -> tuple[NodeName, ...] | None:
    return (args.node,) if args.node else None


def report(args: Args, facts: Facts, _after: Facts) -> Report:
    nodes = _nodes(args, facts)
    answered = [node for node in nodes if node in facts.booted.by_node or node in facts.members.by_node]
    differences = _differences(facts)
    found = (*differences, *_clocks(facts), *_restarts(facts), *_silent(facts))
    return Report(
        level=_level(answered, found),
        headline=_headline(nodes, answered, differences),
        findings=found,
        tables=(Table(COLUMNS, tuple(_row(node, facts) for node in nodes)),),
        next=tuple(same(f"/pve-cluster {command}") for command in ("status", "links status", "certs status")),
        data={"nodes": [_data(node, facts) for node in nodes]},
    )


def _nodes(args: Args, facts: Facts) -> list[NodeName]:
    """Every node that was asked and, unless one was named, every one that the cluster lists."""
    asked = [*facts.booted.by_node, *facts.booted.silent]
    if args.node:
        return asked
    listed = {name for members in facts.members.by_node.values() for name in members.nodes}
    return sorted({*asked, *listed})


def _headline(nodes: list[NodeName], answered: list[NodeName], differences: list[Finding]) -> Text:
    if not answered:
        return NOBODY
    verdict = DIFFER if differences else ALIKE
    return verdict.fill(answered=len(answered), nodes=len(nodes))


def _level(answered: list[NodeName], found: tuple[Finding, ...]) -> Level:
    if not answered:
        return Level.UNKNOWN
    return Level.WARNING if any(finding.level is Level.WARNING for finding in found) else Level.GOOD


def _differences(facts: Facts) -> list[Finding]:
    compared: list[tuple[Text, Mapping[NodeName, object], Text]] = [
        (PVE, {node: pve.version for node, pve in facts.pve.by_node.items()}, UPGRADE),
        (COROSYNC, {node: corosync.version for node, corosync in facts.corosync.by_node.items()}, NO_RELOAD),
        (CONFIG, {node: m.version for node, m in facts.members.by_node.items() if m.mounted}, SEE_STATUS),
    ]
    return [
        Finding(Level.WARNING, DIFFERENT.fill(what=what, views=side_by_side(said)), fix)
        for what, said, fix in compared
        if len(set(said.values())) > 1
    ]


def _clocks(facts: Facts) -> list[Finding]:
    return [
        Finding(Level.WARNING, CLOCK_OFF.fill(node=node, offset=_offset(clock)), SYNC.fill(node=node))
        for node, clock in facts.clock.by_node.items()
        if clock.is_off_by_more_than(CLOCK_LIMIT_US)
    ]


def _restarts(facts: Facts) -> list[Finding]:
    young = [(node, up.uptime_s) for node, up in facts.booted.by_node.items() if up.uptime_s < RECENT_S]
    return [
        Finding(Level.NOTE, RESTARTED.fill(node=node, since=_duration(up)), SEE_LOG.fill(node=node))
        for node, up in young
    ]


def _silent(facts: Facts) -> list[Finding]:
    asked = (facts.members, facts.pve, facts.corosync, facts.booted, facts.guests, facts.clock)
    return [
        Finding(
            Level.WARNING, (UNSAID if any(node in each.by_node for each in asked) else SILENT).fill(node=node, why=why)
        )
        for node, reasons in silences(*asked).items()
        for why in reasons
    ]


def _row(node: NodeName, facts: Facts) -> tuple[Cell, ...]:
    pve, corosync = facts.pve.by_node.get(node), facts.corosync.by_node.get(node)
    booted, clock, members = (
        facts.booted.by_node.get(node),
        facts.clock.by_node.get(node),
        facts.members.by_node.get(node),
    )
    return (
        node,
        pve.version if pve else UNKNOWN,
        corosync.version if corosync else UNKNOWN,
        _duration(booted.uptime_s) if booted else UNKNOWN,
        _guests(_count(node, facts)),
        str(members.version) if members and members.cluster else UNKNOWN,
        _offset(clock) if clock else UNKNOWN,
    )


def _count(node: NodeName, facts: Facts) -> Count | None:
    """As the node itself counts, else as another one does."""
    said = facts.guests.by_node.get(node) or facts.guests.any
    return said.on(node) if said else None


def _guests(count: Count | None) -> Cell:
    if count is None or count.unknown:
        return UNKNOWN if count is None else f"?/{count.total}"
    return f"{count.running}/{count.total}"


def _duration(seconds: int) -> str:
    days, hours, minutes = seconds // _DAY_S, seconds % _DAY_S // _HOUR_S, seconds % _HOUR_S // _MINUTE_S
    return f"{days} d {hours} h" if days else f"{hours} h {minutes:02} min"


def _offset(clock: Clock) -> str:
    """To the millisecond, sign first; computed in whole numbers."""
    sign = "-" if clock.offset_us < 0 else "+"
    thousandths = (abs(clock.offset_us) + 500) // 1000
    return f"{sign}{thousandths // 1000}.{thousandths % 1000:03} s ± {(clock.error_us + 999) // 1000} ms"


def _data(node: NodeName, facts: Facts) -> dict[str, Json]:
    pve, corosync = facts.pve.by_node.get(node), facts.corosync.by_node.get(node)
    booted, clock, members = (
        facts.booted.by_node.get(node),
        facts.clock.by_node.get(node),
        facts.members.by_node.get(node),
    )
    count = _count(node, facts)
    return {
        "name": node,
        "pve_version": pve.version if pve else None,
        "kernel": booted.kernel if booted else None,
        "corosync_version": corosync.version if corosync else None,
        "uptime_s": booted.uptime_s if booted else None,
        "guests_running": count.running if count and not count.unknown else None,
        "guests_total": count.total if count else None,
        "templates": count.templates if count else None,
        "config_version": members.version if members and members.cluster else None,
        "clock_offset_us": clock.offset_us if clock else None,
        "clock_error_us": clock.error_us if clock else None,
    }


ALIKE = Text(
    en="{answered} of {nodes} nodes answered, and they run the same",
    fr="{answered} nœuds sur {nodes} ont répondu et sont identiques",
)
DIFFER = Text(
    en="{answered} of {nodes} nodes answered, and they differ",
    fr="{answered} nœuds sur {nodes} ont répondu et diffèrent",
)
NOBODY = Text(en="No node answered", fr="Aucun nœud n'a répondu")
DIFFERENT = Text(en="{what} differs: {views}", fr="{what} diffère : {views}")
PVE = Text(en="The Proxmox VE version", fr="La version de Proxmox VE")
COROSYNC = Text(en="The corosync version", fr="La version de corosync")
CONFIG = Text(en="The config version", fr="La version de la configuration")
UPGRADE = Text(en="Bring all nodes to the same version soon", fr="Amenez bientôt tous les nœuds à la même version")
NO_RELOAD = Text(
    en="Do not reload corosync.conf before the versions are equal (corosync-cfgtool(8))",
    fr="Ne rechargez pas corosync.conf avant que les versions soient égales (corosync-cfgtool(8))",
)
SEE_STATUS = Text(en="See: /pve-cluster status", fr="Voir : /pve-cluster status")
CLOCK_OFF = Text(
    en="The clock of {node} is off by {offset} against the bot's",
    fr="L'horloge de {node} a un écart de {offset} avec celle du bot",
)
SYNC = Text(
    en="On {node}: chronyc tracking, then repair the time source",
    fr="Sur {node} : chronyc tracking, puis réparez la source de temps",
)
RESTARTED = Text(en="{node} started only {since} ago", fr="{node} a démarré il y a seulement {since}")
SEE_LOG = Text(
    en="If nobody restarted it, a watchdog may have: /pve-cluster corosync log {node}",
    fr="Si personne ne l'a redémarré, c'est peut-être un chien de garde : /pve-cluster corosync log {node}",
)
SILENT = Text(en="{node} gave no answer: {why}", fr="{node} n'a pas répondu : {why}")
UNSAID = Text(en="{node} left something unsaid: {why}", fr="{node} n'a pas tout dit : {why}")
UNKNOWN = Text(en="unknown", fr="inconnu")
COLUMNS = (
    Text(en="Node", fr="Nœud"),
    Text(en="PVE", fr="PVE"),
    Text(en="corosync", fr="corosync"),
    Text(en="Up for", fr="Allumé depuis"),
    Text(en="Guests running", fr="Machines actives"),
    Text(en="Config", fr="Config"),
    Text(en="Clock against the bot", fr="Horloge face au bot"),
)

ACTION = Action(
    name="nodes",
    summary=Text(
        en="Versions, uptime, guests, clock of each node", fr="Versions, durée, machines, horloge de chaque nœud"
    ),
    verbs=(
        Verb(
            name="nodes",
            summary=Text(
                en="Show all nodes side by side, or one of them",
                fr="Afficher tous les nœuds côte à côte, ou l'un d'eux",
            ),
            args=Args,
            facts=Facts,
            report=report,
            on=on,
        ),
    ),
    help=Text(
        en="Asks every node: its package pve-manager, corosync -v, its kernel and uptime, /etc/pve/.members, its clock, and the guests as "
        "the cluster file system lists them (.vmlist, .rrd). Nothing of it starts Perl, and all of it works without quorum. Guests are "
        "running/total without templates. The clock is compared with the bot's, give or take half the time the question took.",
        fr="Demande à chaque nœud : son paquet pve-manager, corosync -v, son noyau et sa durée, /etc/pve/.members, son heure, et les "
        "machines telles que le système de fichiers du cluster les liste (.vmlist, .rrd). Rien n'y démarre Perl, et tout marche sans "
        "quorum. Les "
        "machines sont données actives/total, sans les modèles. L'heure est comparée à celle du bot, à la moitié du délai de la question près.",
    ),
)
