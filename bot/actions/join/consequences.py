"""What the approvers of a `join` must know: what is replaced, what it does to the quorum, what could not be seen."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Finding, Level
from bot.actions.join.change import after
from bot.actions.join.joining import Joining
from bot.cluster.vote_rules import quorum_of
from bot.text import Text


def consequences(joining: Joining) -> Iterator[Finding]:
    yield Finding(Level.WARNING, REPLACED.fill(node=joining.new), BACKUP.fill(node=joining.new))
    yield from _quorum(joining)
    yield from _keys(joining)
    yield from _members(joining)
    yield from _versions(joining)
    yield from _names(joining)


def _quorum(joining: Joining) -> Iterator[Finding]:
    """From the moment that it is listed until it is there, its votes are expected and not present."""
    view, new = joining.view, joining.new
    if view is None:
        return
    expected = view.expected + joining.votes
    if view.total < quorum_of(expected):
        values = {"node": new, "present": view.total, "needed": quorum_of(expected)}
        yield Finding(Level.WARNING, WINDOW.fill(**values), WINDOW_FIX)
    then = after(view, joining.votes)
    text = EVEN if then.expected % 2 == 0 else ODD
    yield Finding(Level.NOTE, text.fill(expected=then.expected, needed=then.needed, survives=then.survives))


def _keys(joining: Joining) -> Iterator[Finding]:
    """Root's own key is put into the cluster's list by the join itself, the bot's is checked by itself."""
    logins, member = joining.facts.logins, joining.member
    mine, theirs = logins.by_node.get(joining.new), logins.by_node.get(member) if member else None
    if mine is None or theirs is None:
        return
    own = joining.facts.own_key.by_node.get(joining.new)
    kept = own.key.blob if own and own.key else ""
    gone = [key for key in mine.keys if theirs.lacks(key) and key.blob not in {kept, *mine.bot.split()}]
    if gone:
        names = ", ".join(key.name for key in gone)
        yield Finding(Level.WARNING, KEYS_GO.fill(node=joining.new, names=names), KEEP_KEYS.fill(member=member))


def _members(joining: Joining) -> Iterator[Finding]:
    for node in joining.views.ids:
        if node not in joining.facts.nodes:
            yield Finding(Level.WARNING, NOT_CONFIGURED.fill(node=node))
        elif node in joining.views.quorum.silent:
            why = joining.views.quorum.silent[node]
            yield Finding(Level.WARNING, SILENT.fill(node=node, why=why), SILENT_FIX.fill(node=node))


def _versions(joining: Joining) -> Iterator[Finding]:
    """The same major version is a condition of its own; what else differs mends itself with the next upgrade."""
    facts, new = joining.facts, joining.new
    for asked, level, text in (
        (facts.versions, Level.NOTE, OTHER_POINT),
        (facts.corosync, Level.WARNING, OTHER_COROSYNC),
    ):
        own = asked.by_node.get(new)
        for node in joining.members:
            theirs = asked.by_node.get(node)
            if own and theirs and theirs.version != own.version:
                values = {"node": new, "version": own.version, "other": node, "theirs": theirs.version}
                yield Finding(level, text.fill(**values))


def _names(joining: Joining) -> Iterator[Finding]:
    """Migration and consoles find the other node by its name; a join itself does not need it."""
    for node, known in joining.facts.names.by_node.items():
        wanted = joining.members if node == joining.new else (joining.new,)
        unknown = [name for name in wanted if name != node and not known.of(name)]
        if unknown:
            yield Finding(Level.WARNING, NAMES.fill(node=node, names=", ".join(unknown)), NAMES_FIX)


REPLACED = Text(
    en="All of /etc/pve on {node} gives way to the cluster's: storage.cfg, users, tokens, jobs, firewall, ACME, certificates",
    fr="Tout /etc/pve sur {node} cède la place à celui du cluster : storage.cfg, utilisateurs, jetons, tâches, pare-feu, ACME, "
    "certificats",
)
BACKUP = Text(
    en="pvecm copies its database to /var/lib/pve-cluster/backup/config-….sql.gz on {node} first; nothing reads it back by itself",
    fr="pvecm copie d'abord sa base dans /var/lib/pve-cluster/backup/config-….sql.gz sur {node} ; rien ne la relit de soi-même",
)
WINDOW = Text(
    en="From the moment that the cluster lists {node} until it is up there is no quorum: {present} of {needed} votes needed. If the "
    "join breaks there, that lasts",
    fr="Du moment où le cluster liste {node} jusqu'à son arrivée, il n'y a pas de quorum : {present} voix sur {needed} nécessaires. "
    "Si la jonction casse là, cela dure",
)
WINDOW_FIX = Text(
    en="About 6 s when all goes well; with HA armed, more than 60 s reset the nodes. What to do then is told if it happens",
    fr="Environ 6 s si tout va bien ; avec la HA armée, plus de 60 s réinitialisent les nœuds. Que faire est dit si cela arrive",
)
EVEN = Text(
    en="{expected} votes afterwards, an even number: {needed} needed, {survives} more may fail. One more, or a QDevice, would help",
    fr="{expected} voix ensuite, nombre pair : {needed} nécessaires, {survives} de plus peuvent tomber. Une de plus, ou un QDevice, "
    "aiderait",
)
ODD = Text(
    en="{expected} votes afterwards: {needed} needed, {survives} more may fail",
    fr="{expected} voix ensuite : {needed} nécessaires, {survives} de plus peuvent tomber",
)
KEYS_GO = Text(
    en="The list of keys on {node} gives way to the cluster's; these could not log in any more: {names}",
    fr="La liste de clés de {node} cède la place à celle du cluster ; celles-ci ne pourraient plus se connecter : {names}",
)
KEEP_KEYS = Text(
    en="Who is to keep them adds them to /root/.ssh/authorized_keys on {member} first",
    fr="Pour les garder, ajoutez-les d'abord à /root/.ssh/authorized_keys sur {member}",
)
NOT_CONFIGURED = Text(
    en="The cluster lists {node}, of which the bot was not told: nothing was seen of it",
    fr="Le cluster liste {node}, que le bot ne connaît pas : rien n'a été vu de lui",
)
SILENT = Text(en="{node} does not answer: {why}", fr="{node} ne répond pas : {why}")
SILENT_FIX = Text(
    en="It must get the new corosync.conf before its corosync starts: power {node} on while the others have quorum",
    fr="Il doit recevoir le nouveau corosync.conf avant que son corosync démarre : allumez {node} quand les autres ont le quorum",
)
OTHER_POINT = Text(
    en="{node} runs Proxmox VE {version}, {other} {theirs}",
    fr="{node} est en Proxmox VE {version}, {other} en {theirs}",
)
OTHER_COROSYNC = Text(
    en="{node} runs corosync {version}, {other} {theirs}", fr="{node} a corosync {version}, {other} a {theirs}"
)
NAMES = Text(en="{node} does not know these names: {names}", fr="{node} ne connaît pas ces noms : {names}")
NAMES_FIX = Text(
    en="Put all nodes into /etc/hosts of all nodes, or into the DNS",
    fr="Mettez tous les nœuds dans /etc/hosts de tous, ou au DNS",
)
