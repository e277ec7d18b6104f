"""/pve-cluster links: which node reaches which over which network, how fast, and how steadily."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.action import Action, Cell, Finding, Json, Level, NoArgs, Report, Table, Verb
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.link_ends import SLOW_US, TOO_SLOW_US, Facts, Pair, newest, pairs, stopped, usual_mtu
from bot.text import Text, same

_MTU_MARGIN = 100


def report(_args: NoArgs, facts: Facts, _after: Facts) -> Report:
    conf = newest(facts.conf)
    if conf is None:
        return _nothing(facts)
    found = pairs(facts, conf)
    findings = (*_findings(found), *_of_nodes(facts), *_of_conf(conf))
    level = _level(found, findings)
    return Report(
        level=level,
        headline=_headline(found, level, conf),
        pairs=tuple((LINK_N.fill(link=link), PRIORITY.fill(priority=conf.priorities[link])) for link in conf.links),
        findings=findings,
        tables=(_table(found),) if found else (),
        next=(same("/pve-cluster corosync log"), same("/pve-cluster corosync show"), same("/pve-cluster status")),
        data=_data(found, conf, facts),
    )


def _nothing(facts: Facts) -> Report:
    findings = tuple(Finding(Level.WARNING, SILENT.fill(node=n, why=why)) for n, why in facts.conf.silent.items())
    return Report(Level.UNKNOWN, NOBODY, findings=findings, data={"pairs": [], "links": []})


def _level(found: tuple[Pair, ...], findings: tuple[Finding, ...]) -> Level:
    if found and all(pair.connected is None for pair in found):
        return Level.UNKNOWN
    levels = {finding.level for finding in findings}
    return next((level for level in (Level.BAD, Level.WARNING, Level.NOTE) if level in levels), Level.GOOD)


def _headline(found: tuple[Pair, ...], level: Level, conf: CorosyncConf) -> Text:
    if not found:
        return LONE
    if level is Level.UNKNOWN:
        return UNKNOWN_STATE
    down = sum(pair.connected is False for pair in found)
    if down:
        return SOME_DOWN.fill(down=down, all=len(found))
    unseen = sum(pair.connected is None for pair in found)
    if unseen:
        return SOME_UNSEEN.fill(unseen=unseen, all=len(found))
    return ALL_UP.fill(links=len(conf.links), all=len(found))


def _findings(found: tuple[Pair, ...]) -> Iterator[Finding]:
    mtus = usual_mtu(found)
    for pair in found:
        if pair.one_sided:
            yield Finding(Level.BAD, _of(pair, ONE_SIDED), ONE_SIDED_FIX)
        elif pair.connected is False:
            others = [p for p in found if (p.a, p.b) == (pair.a, pair.b) and p.connected]
            yield Finding(Level.WARNING if others else Level.BAD, _of(pair, DOWN if others else CUT_OFF), DOWN_FIX)
        yield from _quality(pair, mtus.get(pair.link, 0))


def _quality(pair: Pair, usual_mtu: int) -> Iterator[Finding]:
    if pair.connected and pair.latency_us is not None and pair.latency_us >= SLOW_US:
        level = Level.BAD if pair.latency_us >= TOO_SLOW_US else Level.WARNING
        yield Finding(level, _of(pair, SLOW).fill(ms=_ms(pair.latency_us)), SLOW_FIX)
    if pair.mtu is not None and pair.mtu < usual_mtu - _MTU_MARGIN:
        yield Finding(Level.WARNING, _of(pair, SMALL_MTU).fill(mtu=pair.mtu, usual=usual_mtu), MTU_FIX)
    if pair.downs > (0 if pair.connected else 1):
        yield Finding(Level.WARNING, _of(pair, FLAPS).fill(times=pair.downs), FLAPS_FIX)


def _of_nodes(facts: Facts) -> Iterator[Finding]:
    for node in stopped(facts):
        yield Finding(Level.BAD, STOPPED.fill(node=node), STOPPED_FIX.fill(node=node))
    for node, why in {**facts.log.silent, **facts.conf.silent, **facts.stats.silent}.items():
        yield Finding(Level.WARNING, SILENT.fill(node=node, why=why))
    seen = {tuple(sorted(c.priorities.items())) for c in facts.conf.by_node.values()}
    if len(seen) > 1 or len({c.links for c in facts.conf.by_node.values()}) > 1:
        yield Finding(Level.BAD, DISAGREE, DISAGREE_FIX)


def _of_conf(conf: CorosyncConf) -> Iterator[Finding]:
    if len(conf.nodes) > 1 and len(conf.links) == 1:
        yield Finding(Level.NOTE, ONE_LINK, ONE_LINK_FIX)


def _table(found: tuple[Pair, ...]) -> Table:
    return Table((LINK, PAIR, STATE, SINCE, LATENCY, MTU, DOWNS), tuple(_row(pair) for pair in found))


def _row(pair: Pair) -> tuple[Cell, ...]:
    state = NOT_SEEN if pair.connected is None else HALF if pair.one_sided else UP if pair.connected else DISCONNECTED
    return (
        str(pair.link),
        f"{pair.a} ↔ {pair.b}",
        state,
        _when(pair.turned_us),
        "–" if pair.latency_us is None else f"{_ms(pair.latency_us)} / {_ms(pair.latency_max_us or 0)}",
        "–" if pair.mtu is None else str(pair.mtu),
        str(pair.downs) if pair.ends else "–",
    )


def _of(pair: Pair, text: Text) -> Text:
    return text.fill(link=pair.link, a=pair.a, b=pair.b)


def _ms(us: int) -> str:
    return f"{us / 1000:.1f}"


def _when(at_us: int | None) -> Cell:
    return UNLOGGED if at_us is None else datetime.fromtimestamp(at_us / 1_000_000, tz=UTC).strftime("%m-%d %H:%M:%S")


def _data(found: tuple[Pair, ...], conf: CorosyncConf, facts: Facts) -> dict[str, Json]:
    return {
        "links": [{"link": link, "priority": conf.priorities[link]} for link in conf.links],
        "pairs": [_pair_data(pair) for pair in found],
        "stopped": list(stopped(facts)),
        "silent": {node: why.to("en") for node, why in facts.stats.silent.items()},
    }


def _pair_data(pair: Pair) -> Json:
    return {
        "link": pair.link,
        "nodes": [pair.a, pair.b],
        "connected": pair.connected,
        "one_sided": pair.one_sided,
        "turned_us": pair.turned_us,
        "latency_us": pair.latency_us,
        "latency_max_us": pair.latency_max_us,
        "mtu": pair.mtu,
        "downs": pair.downs,
        "errors": pair.errors,
    }


ALL_UP = Text(
    en="All connected: {all} connections over {links} links",
    fr="Tout est connecté : {all} connexions sur {links} liens",
)
SOME_DOWN = Text(en="{down} of {all} connections are down", fr="{down} connexions sur {all} sont coupées")
SOME_UNSEEN = Text(
    en="What was seen is connected; nobody could be asked about {unseen} of {all} connections",
    fr="Ce qui a été vu est connecté ; personne n'a pu parler de {unseen} connexions sur {all}",
)
UNKNOWN_STATE = Text(
    en="The state of the links is unknown: no running corosync answered",
    fr="L'état des liens est inconnu : aucun corosync en marche n'a répondu",
)
LONE = Text(en="One node alone: it has no link to another", fr="Un seul nœud : il n'a de lien avec aucun autre")
NOBODY = Text(
    en="The links are unknown: no node showed a corosync.conf",
    fr="Les liens sont inconnus : aucun nœud n'a montré de corosync.conf",
)
LINK_N = Text(en="Link {link}", fr="Lien {link}")
PRIORITY = Text(en="priority {priority}", fr="priorité {priority}")
LINK = Text(en="Link", fr="Lien")
PAIR = Text(en="Between", fr="Entre")
STATE = Text(en="State", fr="État")
SINCE = Text(en="Since (UTC)", fr="Depuis (UTC)")
LATENCY = Text(en="Latency mean / max (ms)", fr="Latence moyenne / max (ms)")
MTU = same("MTU")
DOWNS = Text(en="Times down", fr="Coupures")
UP = Text(en="connected", fr="connecté")
DISCONNECTED = Text(en="disconnected", fr="coupé")
HALF = Text(en="one way only", fr="un seul sens")
NOT_SEEN = Text(en="unknown", fr="inconnu")
UNLOGGED = Text(en="not in the log", fr="pas au journal")
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
    en="Link {link} between {a} and {b} went down {times} times since corosync started",
    fr="Le lien {link} entre {a} et {b} est tombé {times} fois depuis le démarrage de corosync",
)
FLAPS_FIX = Text(
    en="See when in /pve-cluster corosync log: a restart of the peer counts too; otherwise look for a bad cable or an overloaded network",
    fr="Voyez quand dans /pve-cluster corosync log : un redémarrage de l'autre nœud compte aussi ; sinon cherchez un mauvais câble ou un réseau surchargé",
)
STOPPED = Text(en="corosync does not run on {node}", fr="corosync ne tourne pas sur {node}")
STOPPED_FIX = Text(
    en="See why with /pve-cluster corosync log {node}", fr="Voyez pourquoi avec /pve-cluster corosync log {node}"
)
SILENT = Text(en="{node}: no answer. {why}", fr="{node} : pas de réponse. {why}")
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
HELP = Text(
    en="`status` asks the running corosync of every node (`corosync-cmapctl -m stats`) and its log; priorities are in the "
    "file. Of several links the one with the higher priority carries the traffic, of equal ones the lowest number: give "
    "corosync's own network link 0 or the higher priority, the management network is the spare.\n"
    "Never use `corosync-cfgtool -R` to look: it reloads the configuration of the whole cluster. Never test with "
    "`ip link set vmbr0 down`: it cuts guests and your own session, and the `up` is never run. A new link also needs its "
    "`interface` section with the linknumber; it is applied live, without a restart.\n"
    "Latency should stay below 5 ms. An answer of `nc -zvu` proves nothing with UDP.",
    fr="`status` interroge le corosync en marche de chaque nœud (`corosync-cmapctl -m stats`) et son journal ; les priorités "
    "sont dans le fichier. De plusieurs liens, celui de plus haute priorité porte le trafic, à égalité le plus petit "
    "numéro : donnez au réseau propre à corosync le lien 0 ou la plus haute priorité, le réseau d'administration sert de "
    "secours.\nN'utilisez jamais `corosync-cfgtool -R` pour regarder : il recharge la configuration de tout le cluster. "
    "Ne testez jamais avec `ip link set vmbr0 down` : cela coupe les invités et votre propre session, et le `up` n'est "
    "jamais exécuté. Un nouveau lien demande aussi sa section `interface` avec son linknumber ; il est appliqué à chaud, "
    "sans redémarrage.\nLa latence doit rester sous 5 ms. Une réponse de `nc -zvu` ne prouve rien en UDP.",
)

ACTION = Action(
    name="links",
    summary=Text(en="The networks between the nodes", fr="Les réseaux entre les nœuds"),
    verbs=(
        Verb(
            name="status",
            summary=Text(
                en="Show every link between every two nodes", fr="Afficher chaque lien entre chaque paire de nœuds"
            ),
            args=NoArgs,
            facts=Facts,
            report=report,
        ),
    ),
    help=HELP,
)
