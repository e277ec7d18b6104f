"""What is told after `remove`: what every member sees now, what is left of the node, and whether it came back."""

from __future__ import annotations

from bot.action import Code, Finding, Json, Level, Report, Table
from bot.actions.remove import cleanup, offline, standing
from bot.actions.remove.facts import Args, Facts, Removal
from bot.actions.remove.remains import remains
from bot.names import NodeName
from bot.text import Text, counted, same

RELOAD = "corosync-cfgtool -R"
SETTLE_S = 20  # membership is right again only after token and consensus
WATCH_S = 24 * 3600


def report(args: Args, before: Facts, after: Facts) -> Report:
    removal = after.of(args.node)
    if not removal.ring:
        return Report(Level.UNKNOWN, NOT_SEEN.fill(node=args.node), data={"removed": None})
    return _cleaned(removal) if args.cleanup else _removed(before.of(args.node), removal)


def _removed(before: Removal, after: Removal) -> Report:
    level, headline = _verdict(before, after)
    view = after.view
    filled = headline.fill(
        node=after.node,
        nodes=", ".join(lagging(before, after)),
        version=after.conf.version if after.conf else "?",
        votes=counted(view.total, en=("vote", "votes"), fr=("voix", "voix")),
        expected=view.expected,
        needed=view.needed,
    )
    left = remains(after)
    return Report(
        level,
        filled,
        findings=(*left, *([Finding(Level.NOTE, CONFIG.fill(node=after.node))] if _is_configured(after) else [])),
        tables=(_table(after),),
        code=() if after.is_listed or not lagging(before, after) else (reload(after),),
        next=_next(after),
        data=_data(after),
    )


def _verdict(before: Removal, after: Removal) -> tuple[Level, Text]:
    if after.is_listed:
        return Level.BAD, STILL_LISTED
    if lagging(before, after):
        return Level.BAD, NOT_EVERYWHERE
    return (Level.GOOD, REMOVED) if after.view.quorate else (Level.BAD, WITHOUT_QUORUM)


def lagging(before: Removal, after: Removal) -> list[NodeName]:
    """The members that do not see it yet: in the file, in the list of members, in the votes that corosync expects."""
    wanted = standing.after(before).expected if before.ring and before.is_listed else None
    return [member for member in after.ring if _is_behind(after, member, wanted)]


def _is_behind(after: Removal, member: NodeName, expected: int | None) -> bool:
    conf, members = after.facts.conf.by_node.get(member), after.facts.members.by_node.get(member)
    if conf is None or members is None or after.node in conf.nodes or after.node in members.nodes:
        return True
    newest = after.views.file.version if after.views.file else 0
    return conf.version < newest or (expected is not None and after.ring[member].expected != expected)


def reload(after: Removal) -> Code:
    """What tells every corosync of the ring to read its file again, to copy."""
    return Code(RELOAD_ON.fill(executor=after.executor), RELOAD)


def _is_configured(after: Removal) -> bool:
    return after.node in {*after.facts.quorum.by_node, *after.facts.quorum.silent}


def _table(after: Removal) -> Table:
    rows = tuple(_row(after, member) for member in sorted(after.ring))
    return Table((MEMBER, VERSION, LISTS, EXPECTED), rows, title=WHAT_THEY_SEE)


def _row(after: Removal, member: NodeName) -> tuple[str, ...]:
    conf, view = after.facts.conf.by_node.get(member), after.ring[member]
    listed = ", ".join(conf.nodes) if conf else "?"
    return member, str(conf.version) if conf else "?", listed, f"{view.total}/{view.expected}"


def _next(after: Removal) -> tuple[Text, ...]:
    is_left = cleanup.traces(after).any and not after.is_listed
    more = (same(f"/pve-cluster remove {after.node} --cleanup"),) if is_left else ()
    return (*more, same("/pve-cluster status"))


def _data(after: Removal) -> dict[str, Json]:
    return {
        "removed": not after.is_listed,
        "config_version": after.conf.version if after.conf else None,
        "quorate": after.view.quorate,
        "left": cleanup.traces(after).data,
    }


def _cleaned(after: Removal) -> Report:
    """What it never touches is no news of it: a storage or a rule for this node alone."""
    left = cleanup.traces(after)
    level, text = (Level.WARNING, NOT_ALL) if left.any else (Level.GOOD, CLEAN)
    told = remains(after)
    return Report(level, text.fill(node=after.node), findings=told, next=_next(after), data={"left": left.data})


def watch(args: Args, facts: Facts) -> Report | None:
    """That the node came back, unless it joined again, stands alone after a `reset`, or is in another cluster."""
    removal = facts.of(args.node)
    own = facts.members.by_node.get(args.node)
    is_elsewhere = own is not None and own.mounted and own.cluster != removal.views.name
    if args.cleanup or not removal.ring or removal.is_listed or is_elsewhere or not offline.is_heard(removal):
        return None
    found = (Finding(Level.BAD, DANGER, PULL.fill(node=args.node)),)
    return Report(
        Level.BAD, CAME_BACK.fill(node=args.node), findings=found, next=(same(f"/pve-cluster reset {args.node}"),)
    )


NOT_SEEN = Text(
    en="No node says how the cluster stands now, without {node}",
    fr="Aucun nœud ne dit où en est le cluster, sans {node}",
)
STILL_LISTED = Text(en="{node} is still a node of the cluster", fr="{node} est encore un nœud du cluster")
NOT_EVERYWHERE = Text(
    en="Half done: {node} is out of corosync.conf (version {version}), but {nodes} cannot be seen to have taken it",
    fr="À moitié fait : {node} n'est plus dans corosync.conf (version {version}), mais {nodes} ne semble pas l'avoir pris",
)
RELOAD_ON = Text(en="To reload it everywhere, on {executor}", fr="Pour le recharger partout, sur {executor}")
REMOVED = Text(
    en="{node} is removed: version {version} of corosync.conf everywhere, {votes} of {expected} expected, {needed} needed",
    fr="{node} est retiré : version {version} de corosync.conf partout, {votes} sur {expected} attendues, {needed} nécessaires",
)
WITHOUT_QUORUM = Text(
    en="{node} is removed, but there is no quorum: {votes} of {expected} expected, {needed} needed",
    fr="{node} est retiré, mais il n'y a pas de quorum : {votes} sur {expected} attendues, {needed} nécessaires",
)
CONFIG = Text(
    en="Take {node} out of config.toml tomorrow: until then the bot watches whether it comes back",
    fr="Ôtez {node} de config.toml demain : d'ici là, le bot surveille s'il revient",
)
WHAT_THEY_SEE = Text(en="What every member sees", fr="Ce que voit chaque membre")
MEMBER = Text(en="Member", fr="Membre")
VERSION = Text(en="Version", fr="Version")
LISTS = Text(en="Nodes", fr="Nœuds")
EXPECTED = Text(en="Votes", fr="Voix")
CLEAN = Text(en="Nothing is left of {node}", fr="Il ne reste rien de {node}")
NOT_ALL = Text(en="Something is still left of {node}", fr="Il reste encore quelque chose de {node}")
CAME_BACK = Text(en="{node} was removed, and answers again", fr="{node} a été retiré, et répond à nouveau")
DANGER = Text(
    en="It still has its old corosync.conf and its old guests: `pvecm expected 1` there would start them a second time",
    fr="Il a encore son ancien corosync.conf et ses anciennes machines : `pvecm expected 1` là-bas les démarrerait une 2e fois",
)
PULL = Text(
    en="Power {node} off, or pull its network; then reset or reinstall it",
    fr="Éteignez {node} ou débranchez son réseau ; puis séparez-le ou réinstallez-le",
)
