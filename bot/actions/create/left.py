"""What is left where `create NAME` did not succeed, and what to do about it; nothing is repaired by guesswork."""

from __future__ import annotations

from bot.action import Code, Json, Level, Report
from bot.actions.create.facts import Args, Facts
from bot.actions.create.seen import missing_of
from bot.cluster.leftovers import KEY
from bot.cluster.link_address import links_of
from bot.text import Text, same

_STATUS = same("/pve-cluster status")


def left(args: Args, _before: Facts, after: Facts, _number: int) -> Report:
    """There is one step: how far it came is told by what lies on the node, also where it seemed to succeed."""
    node = args.node
    if node not in after.members.by_node or node not in after.leftovers.by_node:
        why = {**after.leftovers.silent, **after.members.silent}.get(node, same("—"))
        return Report(Level.UNKNOWN, NO_ANSWER.fill(node=node, why=why), next=(LATER.fill(node=node), _STATUS))
    files = after.leftovers.by_node[node].files
    data: dict[str, Json] = {"created": False, "left": list(files)}
    if not after.members.by_node[node].mounted:
        text = NOT_MOUNTED.fill(node=node, files=", ".join(files) or "—")
        return Report(Level.BAD, text, code=_on(args, "systemctl start pve-cluster"), next=(_STATUS,), data=data)
    if files == (KEY,):
        code = _on(args, f"mv {KEY} {KEY}.old")
        return Report(Level.BAD, KEY_ALONE.fill(node=node), code=code, next=(same(line(args)),), data=data)
    if not files:
        return Report(Level.BAD, NOTHING.fill(node=node), next=(same(line(args)),), data=data)
    return _with_conf(args, after, data)


def line(args: Args) -> str:
    """What was asked, to ask it again."""
    words = [f" --link{number} {link}" for number, link in links_of(args).items()]
    numbers = (("nodeid", args.nodeid), ("votes", args.votes))
    words += [f" --{option} {number}" for option, number in numbers if number is not None]
    return f"/pve-cluster create {args.name} --node {args.node}{''.join(words)}"


def _with_conf(args: Args, after: Facts, data: dict[str, Json]) -> Report:
    cluster, missing = after.cluster_of(args.node), missing_of(args, after)
    if cluster and cluster != args.name:
        return Report(Level.BAD, SOMEBODY_ELSE.fill(node=args.node, cluster=cluster), next=(_STATUS,), data=data)
    if missing is None:
        return Report(Level.WARNING, ALL_THERE.fill(name=args.name), next=(_STATUS,), data=data)
    again = (same(f"/pve-cluster reset {args.node}"), same(line(args)))
    return Report(Level.BAD, HALF.fill(seen=missing), next=again, data=data)


def _on(args: Args, command: str) -> tuple[Code, ...]:
    return (Code(ON.fill(node=args.node), command),)


NO_ANSWER = Text(
    en="{node} gives no answer, so whether there is a cluster is unknown: {why}",
    fr="{node} ne répond pas, on ne sait donc pas s'il y a un cluster : {why}",
)
LATER = Text(
    en="As soon as {node} answers, look again: nothing is done twice",
    fr="Dès que {node} répond, regardez de nouveau : rien n'est fait deux fois",
)
NOT_MOUNTED = Text(
    en="/etc/pve is not mounted on {node}; there is: {files}. Mount it, then look what became of the cluster",
    fr="/etc/pve n'est pas monté sur {node} ; il y a : {files}. Montez-le, puis voyez ce qu'est devenu le cluster",
)
KEY_ALONE = Text(
    en="{node} has a key of corosync's, and no cluster: put the key away, then ask again",
    fr="{node} a une clé de corosync, et pas de cluster : mettez la clé de côté, puis redemandez",
)
NOTHING = Text(
    en="Nothing is left on {node}, it stands alone as before: ask again once the reason is out of the way",
    fr="Rien ne reste sur {node}, il est autonome comme avant : redemandez une fois la cause écartée",
)
ALL_THERE = Text(
    en="The step did not end as it should, but the cluster {name} is there, with quorum and the wanted links",
    fr="L'étape ne s'est pas terminée comme prévu, mais le cluster {name} est là, avec le quorum et les liens voulus",
)
SOMEBODY_ELSE = Text(
    en="{node} is in the cluster {cluster}, which this request did not make: nothing was done here",
    fr="{node} est dans le cluster {cluster}, que cette demande n'a pas créé : rien n'a été fait ici",
)
HALF = Text(
    en="Half a cluster is left: {seen}. If that stays so, take it away and ask again",
    fr="Il reste un cluster à moitié fait : {seen}. Si cela dure, ôtez-le et redemandez",
)
ON = Text(en="To type on {node}", fr="À taper sur {node}")
