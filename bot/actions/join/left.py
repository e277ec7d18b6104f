"""What is left when a step of a `join` did not succeed: which half-finished state is seen, and the next safe command for it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bot.action import Code, Finding, Json, Level, Report
from bot.actions.join.facts import Args, Facts
from bot.actions.join.joining import Joining
from bot.actions.join.trust import tag
from bot.cluster.certificates import NODE
from bot.cluster.leftovers import KEY
from bot.cluster.quorum import View
from bot.text import Text, same


class State(StrEnum):
    """How far it came, by what both sides say now."""

    NOTHING = "nothing changed"
    KEY = "only a key or file is left"
    LISTED = "listed, not begun"
    WAITING = "listed, waits for quorum"
    STRANGER = "begun, not listed"
    BARE = "joined, without certificate"
    JOINED = "joined"
    UNSEEN = "not seen"


def left(args: Args, _before: Facts, after: Facts, number: int) -> Report:
    now = Joining(args, after)
    state = state_of(now)
    level = Level.WARNING if state in {State.NOTHING, State.JOINED, State.BARE} else Level.BAD
    text = HEADLINES[state].fill(node=now.new, member=now.member or args.member, cluster=now.views.name)
    return Report(
        Level.UNKNOWN if state is State.UNSEEN else level,
        text,
        findings=(*_sides(now), *_advice(now, state), *_trust(now, number)),
        code=tuple(_code(now, state)),
        next=tuple(same(f"/pve-cluster {each}") for each in _next(now, state)),
        data=_data(now, state, number),
    )


def state_of(now: Joining) -> State:
    facts, new = now.facts, now.new
    is_listed = new in now.views.ids
    if new not in facts.identity.by_node or not now.views.ids:
        return State.UNSEEN
    if facts.identity.by_node[new].conf is None:
        if is_listed:
            return State.LISTED
        files = facts.leftovers.by_node.get(new)
        return State.UNSEEN if files is None else State.KEY if files.files else State.NOTHING
    if not is_listed:
        return State.STRANGER
    view = _own_view(now)
    if view is None or not view.quorate:
        return State.WAITING
    own = facts.certificates.by_node.get(new)
    return State.JOINED if own and NODE in own.by_file else State.BARE


def _own_view(now: Joining) -> View | None:
    own = now.facts.quorum.by_node.get(now.new)
    return own.view if own else None


def _sides(now: Joining) -> Iterator[Finding]:
    """What each side sees of the votes: the cluster without the new node, and that node."""
    rest, own = now.views.best, _own_view(now)
    for who, view in ((now.views.name, rest), (now.new, own)):
        if view is not None:
            text = SEES_QUORUM if view.quorate else SEES_NONE
            level = Level.NOTE if view.quorate else Level.BAD
            values = {"who": who, "count": len(view.members), "present": view.total, "expected": view.expected}
            yield Finding(level, text.fill(**values, needed=view.needed))


def _advice(now: Joining, state: State) -> Iterator[Finding]:
    new, rest = now.new, now.views.best
    if state is State.WAITING:
        ports = ", ".join(f"UDP {5405 + link}" for link in now.links)
        networks = ", ".join(str(link.network) for link in now.links.values() if link.network)
        yield Finding(Level.WARNING, BLOCKED.fill(node=new, ports=ports), CHECK_WAY.fill(networks=networks or "?"))
    if state is State.UNSEEN:
        yield Finding(Level.WARNING, LOGINS_FAIL.fill(node=new), ON_CONSOLE.fill(node=new))
    if state in {State.LISTED, State.WAITING, State.UNSEEN} and new in now.views.ids and rest and not rest.quorate:
        yield Finding(Level.BAD, BLOCKED_CLUSTER.fill(node=new), EXPECTED.fill(n=rest.total))
    if state in {State.LISTED, State.WAITING}:
        yield Finding(Level.NOTE, LOCK)


def _trust(now: Joining, number: int) -> Iterator[Finding]:
    """Of the steps over SSH, those that were done and are not taken back."""
    if not now.args.use_ssh:
        return
    member = now.member or now.args.member
    if _is_admitted(now, number):
        values = {"node": now.new, "member": member, "tag": tag(now.new)}
        yield Finding(Level.NOTE, TRUST_LEFT.fill(**values), TAKE_BACK.fill(**values))
    yield Finding(Level.NOTE, KNOWN_LEFT.fill(node=now.new, member=member, tag=tag(now.new)))


def _is_admitted(now: Joining, number: int) -> bool:
    """By the member's list; where that is not seen, by the steps that let it in and out again."""
    own = now.facts.logins.by_node.get(now.member) if now.member else None
    return any(key.comment == tag(now.new) for key in own.keys) if own else number in {1, 2, 3}


def _code(now: Joining, state: State) -> Iterator[Code]:
    """To copy: what no action here does."""
    if state is State.BARE:
        yield Code(TYPE_ON.fill(node=now.new), "pvecm updatecerts -f && systemctl restart pveproxy pvedaemon")
    if state is State.KEY:
        yield Code(TYPE_ON.fill(node=now.new), f"rm -f {KEY}")
    if state is State.UNSEEN:
        yield Code(TYPE_ON.fill(node=now.new), "systemctl status corosync pve-cluster; corosync-quorumtool -s")


def _next(now: Joining, state: State) -> tuple[str, ...]:
    """In this order. A node that is listed is taken out of the list before it is joined again."""
    new, rest = now.new, now.views.best
    again = f"join {now.args.member} --node {new} …"
    restore = (f"expected {rest.total}",) if rest and not rest.quorate and rest.total else ()
    return {
        State.NOTHING: (again,),
        State.KEY: (again,),
        State.LISTED: (*restore, f"remove {new}", again),
        State.WAITING: (f"corosync log {new}", f"reset {new}", *restore, f"remove {new}", again),
        State.STRANGER: (f"reset {new}", again),
        State.BARE: ("status",),
        State.JOINED: ("status",),
        State.UNSEEN: ("status", *restore),
    }[state]


def _data(now: Joining, state: State, number: int) -> dict[str, Json]:
    return {"state": state.value, "step": number + 1, "listed": now.new in now.views.ids, "node": now.new}


HEADLINES = {
    State.NOTHING: Text(
        en="{node} did not join {cluster}, and nothing changed on either side. The output of the step says why",
        fr="{node} n'a pas rejoint {cluster}, et rien n'a changé d'aucun côté. La sortie de l'étape dit pourquoi",
    ),
    State.KEY: Text(
        en="{node} did not join {cluster}: it is not listed there, but something of it is left on {node}",
        fr="{node} n'a pas rejoint {cluster} : il n'y est pas listé, mais il en reste quelque chose sur {node}",
    ),
    State.LISTED: Text(
        en="{cluster} lists {node} and expects its vote, but {node} itself has not begun to join",
        fr="{cluster} liste {node} et attend sa voix, mais {node} lui-même n'a pas commencé à le rejoindre",
    ),
    State.WAITING: Text(
        en="{cluster} lists {node}, and {node} does not reach it: it waits for a quorum that does not come",
        fr="{cluster} liste {node}, et {node} ne l'atteint pas : il attend un quorum qui ne vient pas",
    ),
    State.STRANGER: Text(
        en="{node} has the file of a cluster that does not list it",
        fr="{node} a le fichier d'un cluster qui ne le liste pas",
    ),
    State.BARE: Text(
        en="{node} is a member of {cluster}, but the join broke before it got its certificate",
        fr="{node} est membre de {cluster}, mais la jonction a cassé avant qu'il ait son certificat",
    ),
    State.JOINED: Text(
        en="{node} is a member of {cluster} and has its certificate; only what comes after the join did not succeed",
        fr="{node} est membre de {cluster} et a son certificat ; seul ce qui suit la jonction n'a pas réussi",
    ),
    State.UNSEEN: Text(
        en="It cannot be seen how far {node} came: not both sides answer",
        fr="On ne voit pas jusqu'où {node} est arrivé : les deux côtés ne répondent pas",
    ),
}
SEES_QUORUM = Text(
    en="{who} has quorum: {present} of {expected} votes, {count} in the ring",
    fr="{who} a le quorum : {present} voix sur {expected}, {count} dans l'anneau",
)
SEES_NONE = Text(
    en="{who} has no quorum: {present} of {expected} votes, {needed} needed, {count} in the ring",
    fr="{who} n'a pas le quorum : {present} voix sur {expected}, {needed} nécessaires, {count} dans l'anneau",
)
BLOCKED = Text(
    en="The usual reason: {ports} does not pass between {node} and the members, both ways",
    fr="La raison habituelle : {ports} ne passe pas entre {node} et les membres, dans les deux sens",
)
CHECK_WAY = Text(
    en="Look at the firewalls and the cables of {networks}. If it passes again, corosync finds the others by itself within "
    "seconds; then, on the new node: pvecm updatecerts -f",
    fr="Regardez les pare-feu et les câbles de {networks}. S'il repasse, corosync retrouve les autres tout seul en quelques "
    "secondes ; puis, sur le nouveau nœud : pvecm updatecerts -f",
)
BLOCKED_CLUSTER = Text(
    en="The cluster itself has no quorum now, for it expects the vote of {node}: /etc/pve is read-only everywhere",
    fr="Le cluster lui-même n'a plus le quorum, car il attend la voix de {node} : /etc/pve est partout en lecture seule",
)
EXPECTED = Text(
    en="With {n} votes present: /pve-cluster expected {n}. Then it can be taken out of the list",
    fr="Avec {n} voix présentes : /pve-cluster expected {n}. Ensuite on peut l'ôter de la liste",
)
LOCK = Text(
    en="A change right after this can fail with “got lock request timeout”: the lock of a broken join ends after 120 s",
    fr="Un changement juste après peut échouer avec « got lock request timeout » : le verrou d'une jonction cassée finit en 120 s",
)
LOGINS_FAIL = Text(
    en="During a join nobody can log in to {node}, for its list of keys lies in /etc/pve; without quorum that stays so",
    fr="Pendant une jonction personne ne peut se connecter à {node}, car sa liste de clés est dans /etc/pve ; sans quorum, cela dure",
)
ON_CONSOLE = Text(
    en="Ask again in a minute; failed logins are punished, so not faster. Else on the console of {node}",
    fr="Redemandez dans une minute ; les échecs de connexion sont punis, donc pas plus vite. Sinon, sur la console de {node}",
)
TRUST_LEFT = Text(
    en="root of {node} may still log in to {member} by the line “{tag}”; that ends by itself within the hour",
    fr="root de {node} peut encore se connecter à {member} par la ligne « {tag} » ; cela finit de soi-même dans l'heure",
)
TAKE_BACK = Text(
    en="To end it now, on {member}: take the line that ends with “{tag}” out of /root/.ssh/authorized_keys",
    fr="Pour le finir maintenant, sur {member} : ôtez de /root/.ssh/authorized_keys la ligne qui finit par « {tag} »",
)
KNOWN_LEFT = Text(
    en="/root/.ssh/known_hosts on {node} may keep lines of {member} that end with “{tag}”: they are true, and do no harm",
    fr="/root/.ssh/known_hosts sur {node} peut garder des lignes de {member} qui finissent par « {tag} » : vraies et sans danger",
)
TYPE_ON = Text(en="To type on {node}", fr="À taper sur {node}")
