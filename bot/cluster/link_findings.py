"""What is wrong with the links: nodes that nobody reaches, links that are down, slow, narrow or unsteady."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Finding, Level
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.link_ends import SLOW_US, TOO_SLOW_US, Facts, Pair, stopped, unreached, usual_mtu
from bot.cluster.silence import silent as no_answer
from bot.names import NodeName
from bot.text import Text, counted

_MTU_MARGIN = 100


def findings(found: tuple[Pair, ...], conf: CorosyncConf, facts: Facts) -> tuple[Finding, ...]:
    lost = unreached(found, facts)
    return (*_lost(lost, facts), *_of_pairs(found, lost), *_of_nodes(facts, lost), *_of_conf(conf))


def silent(facts: Facts) -> tuple[Finding, ...]:
    """For when no node showed which links there are."""
    return tuple(no_answer(node, why) for node, why in facts.conf.silent.items())


def ms(us: int) -> str:
    return f"{us / 1000:.1f}"


def _lost(lost: tuple[NodeName, ...], facts: Facts) -> Iterator[Finding]:
    """One finding for a node that nobody reaches, in place of one for each of its links; `_of_nodes` has the stopped ones."""
    for node in lost:
        if why := facts.stats.silent.get(node):
            yield Finding(Level.BAD, OFF.fill(node=node, why=why), LOST_FIX.fill(node=node))
        elif node not in stopped(facts):
            yield Finding(Level.BAD, ISOLATED.fill(node=node), LOST_FIX.fill(node=node))


def _of_pairs(found: tuple[Pair, ...], lost: tuple[NodeName, ...]) -> Iterator[Finding]:
    mtus = usual_mtu(found)
    for pair in (each for each in found if each.a not in lost and each.b not in lost):
        if pair.one_sided:
            yield Finding(Level.BAD, _of(pair, ONE_SIDED), ONE_SIDED_FIX)
        elif pair.connected is False:
            others = [p for p in found if (p.a, p.b) == (pair.a, pair.b) and p.connected]
            yield Finding(Level.WARNING if others else Level.BAD, _of(pair, DOWN if others else CUT_OFF), DOWN_FIX)
        yield from _quality(pair, mtus.get(pair.link, 0))


def _quality(pair: Pair, usual_mtu: int) -> Iterator[Finding]:
    if pair.connected and pair.latency_us is not None and pair.latency_us >= SLOW_US:
        level = Level.BAD if pair.latency_us >= TOO_SLOW_US else Level.WARNING
        yield Finding(level, _of(pair, SLOW).fill(ms=ms(pair.latency_us)), SLOW_FIX)
    if pair.mtu is not None and pair.mtu < usual_mtu - _MTU_MARGIN:
        yield Finding(Level.WARNING, _of(pair, SMALL_MTU).fill(mtu=pair.mtu, usual=usual_mtu), MTU_FIX)
    if pair.downs > (0 if pair.connected else 1):
        yield Finding(
            Level.WARNING,
            _of(pair, FLAPS).fill(times=counted(pair.downs, en=("time", "times"), fr=("fois", "fois"))),
            FLAPS_FIX,
        )


def _of_nodes(facts: Facts, lost: tuple[NodeName, ...]) -> Iterator[Finding]:
    for node in stopped(facts):
        yield Finding(Level.BAD, STOPPED.fill(node=node), STOPPED_FIX.fill(node=node))
    for node, why in {**facts.log.silent, **facts.conf.silent, **facts.stats.silent}.items():
        if node in lost and node in facts.stats.silent:
            continue
        yield no_answer(node, why)
    seen = {tuple(sorted(c.priorities.items())) for c in facts.conf.by_node.values()}
    if len(seen) > 1 or len({c.links for c in facts.conf.by_node.values()}) > 1:
        yield Finding(Level.BAD, DISAGREE, DISAGREE_FIX)


def _of_conf(conf: CorosyncConf) -> Iterator[Finding]:
    if len(conf.nodes) > 1 and len(conf.links) == 1:
        yield Finding(Level.NOTE, ONE_LINK, ONE_LINK_FIX)


def _of(pair: Pair, text: Text) -> Text:
    return text.fill(link=pair.link, a=pair.a, b=pair.b)


DOWN = Text(
    en="Link {link} between {a} and {b} is down; another link carries the traffic",
    fr="Le lien {link} entre {a} et {b} est coupé ; un autre porte le trafic",
)
CUT_OFF = Text(
    en="Link {link} between {a} and {b} is down, and no other link connects the two",
    fr="Le lien {link} entre {a} et {b} est coupé, et aucun autre ne relie les deux",
)
DOWN_FIX = Text(
    en="Check cable, switch and firewall (UDP 5405 + link number), and whether the node is on; testing a UDP port with nc proves nothing",
    fr="Vérifiez câble, commutateur et pare-feu (UDP 5405 + numéro du lien), et si le nœud est allumé ; tester un port UDP avec nc ne prouve rien",
)
OFF = Text(
    en="No link reaches {node}, and it does not answer: {why}",
    fr="Aucun lien n'atteint {node}, et il ne répond pas : {why}",
)
ISOLATED = Text(en="No link connects {node} to any other node", fr="Aucun lien ne relie {node} à un autre nœud")
LOST_FIX = Text(
    en="See whether {node} is on; if it is, check its cables, the switch and the firewall (UDP 5405 + link number)",
    fr="Voyez si {node} est allumé ; s'il l'est, vérifiez ses câbles, le commutateur et le pare-feu (UDP 5405 + numéro du lien)",
)
ONE_SIDED = Text(
    en="Link {link} between {a} and {b} is up for one side only",
    fr="Le lien {link} entre {a} et {b} n'est établi que d'un côté",
)
ONE_SIDED_FIX = Text(
    en="Check the firewall in both directions; look again in a few seconds, it may be changing",
    fr="Vérifiez le pare-feu dans les deux sens ; regardez de nouveau dans quelques secondes, cela change peut-être",
)
SLOW = Text(
    en="Link {link} between {a} and {b} takes {ms} ms on average: 5 is the limit for a steady cluster",
    fr="Le lien {link} entre {a} et {b} met {ms} ms en moyenne : 5 est la limite d'un cluster stable",
)
SLOW_FIX = Text(
    en="Give corosync a network of its own, without storage or migration traffic",
    fr="Donnez à corosync un réseau à lui, sans trafic de stockage ni de migration",
)
SMALL_MTU = Text(
    en="Link {link} between {a} and {b} carries only {mtu} bytes where the others carry {usual}",
    fr="Le lien {link} entre {a} et {b} ne passe que {mtu} octets là où les autres passent {usual}",
)
MTU_FIX = Text(
    en="Look for a switch, bridge or tunnel with a smaller MTU on that path",
    fr="Cherchez un commutateur, un pont ou un tunnel de MTU plus petit sur ce chemin",
)
FLAPS = Text(
    en="Link {link} between {a} and {b} went down {times} since corosync started",
    fr="Le lien {link} entre {a} et {b} est tombé {times} depuis le démarrage de corosync",
)
FLAPS_FIX = Text(
    en="See when in /pve-cluster corosync log: a restart of the peer counts too; otherwise look for a bad cable or an overloaded network",
    fr="Voyez quand dans /pve-cluster corosync log : un redémarrage de l'autre nœud compte aussi ; sinon cherchez un mauvais câble ou un réseau surchargé",
)
STOPPED = Text(en="corosync does not run on {node}", fr="corosync ne tourne pas sur {node}")
STOPPED_FIX = Text(
    en="See why with /pve-cluster corosync log {node}", fr="Voyez pourquoi avec /pve-cluster corosync log {node}"
)
DISAGREE = Text(
    en="The nodes' files do not list the same links", fr="Les fichiers des nœuds ne listent pas les mêmes liens"
)
DISAGREE_FIX = Text(
    en="Compare them with /pve-cluster corosync show", fr="Comparez-les avec /pve-cluster corosync show"
)
ONE_LINK = Text(
    en="There is one link only: if its network fails, quorum is lost, and with HA the nodes reset",
    fr="Il n'y a qu'un lien : si son réseau tombe, le quorum est perdu, et avec HA les nœuds redémarrent",
)
ONE_LINK_FIX = Text(en="Plan a second link on another network", fr="Prévoyez un second lien sur un autre réseau")
