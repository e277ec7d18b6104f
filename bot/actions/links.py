"""/pve-cluster links: which node reaches which over which network, how fast, and how steadily."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.action import Action, Cell, Finding, Json, Level, NoArgs, Report, Table, Verb
from bot.cluster.corosync_conf import CorosyncConf, newest
from bot.cluster.link_ends import Facts, Pair, pairs, stopped
from bot.cluster.link_findings import findings, ms, silent
from bot.cluster.worst import worst_of
from bot.text import Text, counted, same


def report(_args: NoArgs, facts: Facts, _after: Facts) -> Report:
    conf = newest(facts.conf)
    if conf is None:
        return _nothing(facts)
    found = pairs(facts, conf)
    wrong = findings(found, conf, facts)
    level = _level(found, wrong)
    return Report(
        level=level,
        headline=_headline(found, level, conf),
        pairs=tuple((LINK_N.fill(link=link), PRIORITY.fill(priority=conf.priorities[link])) for link in conf.links),
        findings=wrong,
        tables=(_table(found),) if found else (),
        next=(same("/pve-cluster corosync log"), same("/pve-cluster corosync show"), same("/pve-cluster status")),
        data=_data(found, conf, facts),
    )


def _nothing(facts: Facts) -> Report:
    return Report(Level.UNKNOWN, NOBODY, findings=silent(facts), data={"pairs": [], "links": []})


def _level(found: tuple[Pair, ...], wrong: tuple[Finding, ...]) -> Level:
    if found and all(pair.connected is None for pair in found):
        return Level.UNKNOWN
    return worst_of(finding.level for finding in wrong)


def _headline(found: tuple[Pair, ...], level: Level, conf: CorosyncConf) -> Text:
    if not found:
        return LONE
    if level is Level.UNKNOWN:
        return UNKNOWN_STATE
    down = sum(pair.connected is False for pair in found)
    if down:
        return (SOME_DOWN if down > 1 else ONE_DOWN).fill(down=down, all=len(found))
    unseen = sum(pair.connected is None for pair in found)
    if unseen:
        return SOME_UNSEEN.fill(unseen=unseen, all=len(found))
    links = counted(len(conf.links), en=("link", "links"), fr=("lien", "liens"))
    return ALL_UP.fill(
        links=links, all=counted(len(found), en=("connection", "connections"), fr=("connexion", "connexions"))
    )


def _table(found: tuple[Pair, ...]) -> Table:
    return Table((LINK, PAIR, STATE, SINCE, LATENCY, MTU, DOWNS), tuple(_row(pair) for pair in found))


def _row(pair: Pair) -> tuple[Cell, ...]:
    state = NOT_SEEN if pair.connected is None else HALF if pair.one_sided else UP if pair.connected else DISCONNECTED
    return (
        str(pair.link),
        f"{pair.a} ↔ {pair.b}",
        state,
        _when(pair.turned_us),
        "–" if pair.latency_us is None else f"{ms(pair.latency_us)} / {ms(pair.latency_max_us or 0)}",
        "–" if pair.mtu is None else str(pair.mtu),
        str(pair.downs) if pair.ends else "–",
    )


def _when(at_us: int | None) -> Cell:
    return (
        UNLOGGED if at_us is None else datetime.fromtimestamp(at_us / 1_000_000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
    )


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
    en="All connected: {all} over {links}",
    fr="Tout est connecté : {all} sur {links}",
)
SOME_DOWN = Text(en="{down} of {all} connections are down", fr="{down} connexions sur {all} sont coupées")
ONE_DOWN = Text(en="{down} of {all} connections is down", fr="{down} connexion sur {all} est coupée")
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
    "Ne testez jamais avec `ip link set vmbr0 down` : cela coupe les machines et votre propre session, et le `up` n'est "
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
