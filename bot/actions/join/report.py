"""What is told after a `join`: whether every member sees the new one, over every link, and whether it can be worked with."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import EachNode, Finding, Level, Report
from bot.actions.join.facts import Args, Facts
from bot.actions.join.joining import Joining
from bot.cluster import link_ends
from bot.cluster.certificates import NODE
from bot.text import Text, same


def report(args: Args, _before: Facts, after: Facts) -> Report:
    now = Joining(args, after)
    if not now.views.seen:
        return Report(Level.UNKNOWN, NOBODY.fill(node=now.new), data={"joined": None})
    missing = tuple(_missing(now))
    level = _level(missing)
    text = JOINED if level is Level.GOOD else ALMOST if level is Level.WARNING else NOT_JOINED
    best = now.views.best
    votes = {"present": best.total, "expected": best.expected} if best else {"present": 0, "expected": 0}
    return Report(
        level,
        text.fill(node=now.new, cluster=now.views.name, **votes),
        findings=missing,
        next=(same("/pve-cluster status"), same("/pve-cluster links status")),
        data={"joined": level is not Level.BAD, "missing": [found.text.to("en") for found in missing]},
    )


def _level(missing: tuple[Finding, ...]) -> Level:
    """Whoever does not see it as a member yet, on either side, makes it none."""
    if any(found.level is Level.BAD for found in missing):
        return Level.BAD
    return Level.WARNING if missing else Level.GOOD


def _missing(now: Joining) -> Iterator[Finding]:
    yield from _seen(now)
    yield from _links(now)
    yield from _usable(now)


def _seen(now: Joining) -> Iterator[Finding]:
    id_ = now.views.ids.get(now.new)
    if id_ is None:
        yield Finding(Level.BAD, NOT_LISTED.fill(node=now.new, cluster=now.views.name))
        return
    for node, quorum in now.facts.quorum.by_node.items():
        view = quorum.view if node in now.views.ids else None
        if view and (id_ not in view.member_ids or not view.quorate):
            yield Finding(Level.BAD, NOT_SEEN.fill(node=node, new=now.new))
    own = now.facts.quorum.by_node.get(now.new)
    if own is None or own.view is None:
        yield Finding(Level.BAD, NOT_RUNNING.fill(node=now.new))


def _links(now: Joining) -> Iterator[Finding]:
    """An end that could not be asked says nothing."""
    if now.conf is None or now.new not in now.conf.nodes:
        return
    ends = link_ends.Facts(now.facts.conf, now.facts.stats, EachNode({}, {}))
    for pair in link_ends.pairs(ends, now.conf):
        if now.new in {pair.a, pair.b} and pair.connected is False:
            other = pair.a if pair.b == now.new else pair.b
            yield Finding(Level.WARNING, LINK_DOWN.fill(link=pair.link, node=now.new, other=other))


def _usable(now: Joining) -> Iterator[Finding]:
    facts, new = now.facts, now.new
    members, logins, own = (
        facts.members.by_node.get(new),
        facts.logins.by_node.get(new),
        facts.certificates.by_node.get(new),
    )
    if members is None or not members.quorate:
        yield Finding(Level.WARNING, READ_ONLY.fill(node=new))
    if logins is None or not logins.has_bot:
        yield Finding(Level.WARNING, NO_LOGIN.fill(node=new))
    if own is None or NODE not in own.by_file:
        yield Finding(Level.WARNING, NO_CERTIFICATE.fill(node=new), UPDATECERTS.fill(node=new))


NOBODY = Text(
    en="No node can say whether {node} is a member now", fr="Aucun nœud ne peut dire si {node} est membre maintenant"
)
JOINED = Text(
    en="{node} is a member of {cluster}: {present} of {expected} votes, seen by every node that answers, on every link",
    fr="{node} est membre de {cluster} : {present} voix sur {expected}, vu par tous les nœuds qui répondent, sur tous les liens",
)
ALMOST = Text(
    en="{node} is a member of {cluster} ({present} of {expected} votes), but not all is as it should be",
    fr="{node} est membre de {cluster} ({present} voix sur {expected}), mais tout n'est pas en ordre",
)
NOT_JOINED = Text(
    en="{node} is not a member of {cluster} for every node that answers",
    fr="{node} n'est pas membre de {cluster} pour tous les nœuds qui répondent",
)
NOT_LISTED = Text(en="{cluster} does not list {node}", fr="{cluster} ne liste pas {node}")
NOT_SEEN = Text(
    en="{node} does not see {new} in a ring with quorum", fr="{node} ne voit pas {new} dans un anneau avec quorum"
)
NOT_RUNNING = Text(en="corosync does not run on {node}", fr="corosync ne tourne pas sur {node}")
LINK_DOWN = Text(
    en="Link {link} between {node} and {other} is not connected", fr="Le lien {link} entre {node} et {other} est coupé"
)
READ_ONLY = Text(
    en="/etc/pve cannot be written on {node} yet", fr="/etc/pve n'accepte pas encore d'écriture sur {node}"
)
NO_LOGIN = Text(
    en="The bot's key is not in the list on {node}: it could not log in anew",
    fr="La clé du bot n'est pas dans la liste de {node} : il ne pourrait pas se reconnecter",
)
NO_CERTIFICATE = Text(en="{node} has no certificate yet", fr="{node} n'a pas encore de certificat")
UPDATECERTS = Text(
    en="If that stays, on {node}: pvecm updatecerts -f", fr="Si cela dure, sur {node} : pvecm updatecerts -f"
)
