"""create NAME: the one command, what guards it, and what is seen of the cluster afterwards."""

from __future__ import annotations

from collections.abc import Iterable

from bot.action import Json, Level, Report, Step, Votes
from bot.actions.create.facts import Args, Facts, links
from bot.actions.create.left import left
from bot.actions.create.seen import missing_of
from bot.cluster import guard
from bot.cluster.leftovers import FILES
from bot.cluster.link_address import LinkAddress
from bot.cluster.vote_rules import quorum_of
from bot.text import Text, same

TIMEOUT_S = 120  # 3 s were seen
SETTLE_S = 30  # /etc/pve stays read-only for about 5 s after corosync has quorum (seen)
# pvecm's last line; it exits with 0 also when it failed (ClusterConfig.pm).
MARKER = "Restart corosync and cluster filesystem"
# ls(1): 2 is "one is missing", which is what is wanted of all.
_NOTHING_LEFT = f"""\
found=$(ls -d {" ".join(FILES)} 2>/dev/null) || [ "$?" -eq 2 ]
[ -z "$found" ] || {{ echo "left of a cluster:" $found >&2; exit 1; }}
said=$(cat /etc/pve/.members)
case $said in *'"cluster"'*) echo "it is in a cluster" >&2; exit 1 ;; *nodename*) ;; *) echo "/etc/pve says nothing" >&2; exit 1 ;; esac"""
_HAS = """\
ip -j addr | tr -d ' ' | grep -qF '"local":"{ip}"' || {{ echo "address {ip} is not here" >&2; exit 1; }}"""


def words(args: Args, facts: Facts) -> Text:
    return WORDS.fill(name=args.name, node=args.node, links=_listed(links(args, facts).values()))


def plan(args: Args, facts: Facts) -> tuple[Step, ...]:
    title = CREATE.fill(name=args.name)
    return (Step(args.node, title, _argv(args, facts), _guard(args, facts), timeout_s=TIMEOUT_S, marker=MARKER),)


def _argv(args: Args, facts: Facts) -> tuple[str, ...]:
    """The links also where none was typed: what was approved is what runs, whatever the name means by then."""
    typed = [word for number, link in links(args, facts).items() for word in (f"--link{number}", str(link))]
    numbers = (("--nodeid", args.nodeid), ("--votes", args.votes))
    given = [word for option, number in numbers if number is not None for word in (option, str(number))]
    return ("pvecm", "create", args.name, *typed, *given)


def _guard(args: Args, facts: Facts) -> str:
    here = [_HAS.format(ip=link.address) for link in links(args, facts).values()]
    return guard.guard(guard.host(args.node), _NOTHING_LEFT, guard.corosync_is_down(), *here)


def rests_on(args: Args, facts: Facts) -> dict[str, Json]:
    """That it stands alone, under that name and with these addresses, and that nobody else has a cluster."""
    others = {other: facts.cluster_of(other) for other in facts.others(args.node)}
    return {
        "cluster": facts.cluster_of(args.node),
        "config_version": 0,
        "node": facts.identity.by_node[args.node].host,
        "addresses": {str(number): link.address for number, link in links(args, facts).items()},
        "address_of_its_name": facts.own_address(args.node),
        "clusters_of_others": {other: cluster for other, cluster in others.items() if cluster},
    }


def votes(args: Args, _facts: Facts) -> tuple[Votes | None, Votes | None]:
    """Before, nobody votes."""
    own = int(args.votes or 1)
    return Votes(0, 0, 0, quorate=False, survives=0), Votes(own, own, quorum_of(own), quorate=True, survives=0)


def undo(args: Args, _facts: Facts) -> Text:
    return UNDO.fill(node=args.node)


def report(args: Args, before: Facts, after: Facts) -> Report:
    node = args.node
    if node not in after.members.by_node or missing_of(args, after) is not None:
        return left(args, before, after, 0)
    return Report(
        Level.GOOD,
        CREATED.fill(name=args.name, node=node, links=_listed(links(args, after).values())),
        next=(NEXT.fill(address=after.own_address(node) or links(args, after)[0].address), same("/pve-cluster status")),
        data={"created": True, "cluster": args.name},
    )


def _listed(links: Iterable[LinkAddress]) -> str:
    return ", ".join(map(str, links))


WORDS = Text(
    en="Create the cluster {name} on {node}, its first node, with the links {links}",
    fr="Créer le cluster {name} sur {node}, son premier nœud, avec les liens {links}",
)
CREATE = Text(
    en="Create the cluster {name}: key, corosync.conf, restart of corosync and /etc/pve",
    fr="Créer le cluster {name} : clé, corosync.conf, redémarrage de corosync et de /etc/pve",
)
UNDO = Text(
    en="As long as it is the only node and has no guests: /pve-cluster reset {node}",
    fr="Tant qu'il est seul et n'a pas de machines : /pve-cluster reset {node}",
)
CREATED = Text(
    en="The cluster {name} is there: {node} has quorum, writes to /etc/pve, and has the links {links}",
    fr="Le cluster {name} est là : {node} a le quorum, écrit dans /etc/pve, et a les liens {links}",
)
NEXT = Text(en="/pve-cluster join {address} --node …", fr="/pve-cluster join {address} --node …")
