"""What the cluster still has on the node that goes: guests, HA, replication, Ceph, and where it is only named."""

from __future__ import annotations

from typing import Any, TypeAlias

from bot.action import EachNode, Finding, Level
from bot.actions.remove import refusals
from bot.actions.remove.facts import Facts, Removal
from bot.actions.remove.standing import no
from bot.cluster.ha_rules import GROUP, HaRule
from bot.cluster.replication import Job
from bot.text import Text, counted, same

Asked: TypeAlias = tuple[EachNode[Any], Text]
"""What was asked, and how it is named in "does not say …"."""


def check(removal: Removal) -> list[Finding]:
    """What forbids it."""
    return [
        *guests(removal, refusals.GUESTS),
        *services(removal, refusals.SERVICES),
        *_only_node_of_a_rule(removal),
        *_replication(removal),
        *_ceph(removal),
        *unknown(removal, refusals.NOT_KNOWN, (*common(removal.facts), (removal.facts.ceph, WHICH_DAEMONS))),
    ]


def guests(removal: Removal, text: Text) -> list[Finding]:
    """By the files and by the list, of whichever member has them: the highest number counts."""
    found = _guests(removal)
    return [no(text.fill(node=removal.node, guests=found), MOVE_GUESTS.fill(node=removal.node))] if found else []


def _guests(removal: Removal) -> Text | None:
    node, members = removal.node, removal.ring
    ids = sorted(
        {id_ for name, files in removal.facts.files.by_node.items() if name in members for id_ in files.on(node)}
    )
    if ids:
        return same(", ".join(map(str, ids)))
    counts = [listed.on(node) for name, listed in removal.facts.guests.by_node.items() if name in members]
    most = max((count.total + count.templates for count in counts), default=0)
    return counted(most, en=("by the list", "by the list"), fr=("selon la liste", "selon la liste")) if most else None


def services(removal: Removal, text: Text) -> list[Finding]:
    states = [ha for name, ha in removal.facts.ha.by_node.items() if name in removal.ring]
    placed = sorted({sid for ha in states for sid, (on, _) in ha.services.items() if on == removal.node})
    return [no(text.fill(node=removal.node, services=", ".join(placed)), MOVE_SERVICES)] if placed else []


def rules(removal: Removal) -> tuple[HaRule, ...]:
    """HA's rules and groups that name the node, as the executor has them."""
    own = removal.facts.rules.by_node.get(removal.executor)
    return own.naming(removal.node) if own else ()


def _only_node_of_a_rule(removal: Removal) -> list[Finding]:
    lonely = [rule for rule in rules(removal) if not rule.without(removal.node)]
    return [
        no(refusals.ONLY_NODE_OF_RULE.fill(node=removal.node, rule=rule.name), give_it_another(rule)) for rule in lonely
    ]


def give_it_another(rule: HaRule) -> Text:
    return GIVE_IT_ANOTHER.fill(command=_set_nodes(rule, "…"), remove=_remove(rule))


def jobs(removal: Removal) -> tuple[Job, ...]:
    """The replication jobs that go to the node, or come from it: from where the guest's file is, else where it last ran."""
    own = removal.facts.replication.by_node.get(removal.executor)
    files = removal.facts.files.by_node.get(removal.executor)
    homes = {id_: node for node, ids in files.by_node.items() for id_ in ids} if files else {}
    found = own.jobs if own else ()
    return tuple(job for job in found if removal.node in {job.target, homes.get(job.guest, job.source)})


def _replication(removal: Removal) -> list[Finding]:
    found = jobs(removal)
    named = ", ".join(job.id for job in found)
    fix = DELETE_JOBS.fill(commands="; ".join(f"pvesr delete {job.id} --force" for job in found))
    return [no(refusals.REPLICATION.fill(node=removal.node, jobs=named), fix)] if found else []


def _ceph(removal: Removal) -> list[Finding]:
    daemons = sorted(
        {d for name, ceph in removal.facts.ceph.by_node.items() if name in removal.ring for d in ceph.on(removal.node)}
    )
    return [no(refusals.CEPH.fill(node=removal.node, daemons=", ".join(daemons)), TAKE_OUT_OSDS)] if daemons else []


def common(facts: Facts) -> tuple[Asked, ...]:
    """What must be known for a removal as for a clean-up."""
    return (
        (facts.files, WHICH_GUESTS),
        (facts.ha, WHICH_SERVICES),
        (facts.rules, WHICH_RULES),
        (facts.replication, WHICH_JOBS),
        (facts.change, WHO_CHANGES),
    )


def unknown(removal: Removal, text: Text, asked: tuple[Asked, ...]) -> list[Finding]:
    """No answer is no answer: nothing is removed on a guess."""
    me = removal.executor
    return [no(text.fill(executor=me, what=what, why=each.silent[me])) for each, what in asked if me in each.silent]


def named(removal: Removal) -> list[Finding]:
    """Where the node is only named: it stays there until somebody takes it out, and does no harm."""
    in_rules = [
        Finding(
            Level.NOTE,
            IN_RULE.fill(node=removal.node, rule=rule.name),
            TO_COPY.fill(command=" ".join(set_nodes(rule, removal))),
        )
        for rule in rules(removal)
        if rule.without(removal.node)
    ]
    return [*in_rules, *(_in_storage(removal, id_, left) for id_, left in storages(removal).items())]


def storages(removal: Removal) -> dict[str, tuple[str, ...]]:
    """The storages that name the node, and which nodes would be left."""
    own = removal.facts.storages.by_node.get(removal.executor)
    return dict(own.naming(removal.node)) if own else {}


def _in_storage(removal: Removal, id_: str, left: tuple[str, ...]) -> Finding:
    told = IN_STORAGE.fill(node=removal.node, storage=id_)
    if not left:
        return Finding(
            Level.NOTE, ONLY_IN_STORAGE.fill(node=removal.node, storage=id_), REMOVE_STORAGE.fill(storage=id_)
        )
    return Finding(Level.NOTE, told, TO_COPY.fill(command=" ".join(set_storage(id_, left))))


def set_storage(id_: str, left: tuple[str, ...]) -> tuple[str, ...]:
    return ("pvesm", "set", id_, "--nodes", ",".join(left))


def set_nodes(rule: HaRule, removal: Removal) -> tuple[str, ...]:
    """Until Proxmox VE 8 a group, since then a rule."""
    begin = ("groupset", rule.name) if rule.kind == GROUP else ("rules", "set", rule.kind, rule.name)
    return ("ha-manager", *begin, "--nodes", ",".join(rule.without(removal.node)))


def _set_nodes(rule: HaRule, nodes: str) -> str:
    begin = f"groupset {rule.name}" if rule.kind == GROUP else f"rules set {rule.kind} {rule.name}"
    return f"ha-manager {begin} --nodes {nodes}"


def _remove(rule: HaRule) -> str:
    return f"ha-manager groupremove {rule.name}" if rule.kind == GROUP else f"ha-manager rules remove {rule.name}"


MOVE_GUESTS = Text(
    en="Migrate them while {node} is up. If it is dead: once no doubt is left about their disks, move their files on another node, "
    "mv /etc/pve/nodes/{node}/qemu-server/ID.conf /etc/pve/nodes/OTHER/qemu-server/ (containers: lxc)",
    fr="Migrez-les tant que {node} tourne. S'il est mort : quand aucun doute ne reste sur leurs disques, déplacez leurs fichiers sur "
    "un autre nœud, mv /etc/pve/nodes/{node}/qemu-server/ID.conf /etc/pve/nodes/AUTRE/qemu-server/ (conteneurs : lxc)",
)
MOVE_SERVICES = Text(
    en="Let HA recover or move them first; `ha-manager remove` would lose their protection and their place in rules",
    fr="Laissez d'abord la HA les reprendre ou déplacez-les ; `ha-manager remove` leur ôterait sa protection et leurs règles",
)
GIVE_IT_ANOTHER = Text(
    en="Give it another node: {command}; or remove it: {remove}",
    fr="Donnez-lui un autre nœud : {command} ; ou supprimez-la : {remove}",
)
DELETE_JOBS = Text(
    en="On a member: {commands} (with --force, since the node cannot clean up; without it, the jobs stay for ever)",
    fr="Sur un membre : {commands} (avec --force, car le nœud ne peut pas nettoyer ; sans cela, les tâches restent à jamais)",
)
TAKE_OUT_OSDS = Text(
    en="OSDs: out, wait until Ceph is healthy, `pveceph osd destroy`; monitors and the others: `pveceph mon destroy`, mgr, mds; "
    "last, `ceph osd crush remove` the host",
    fr="OSD : out, attendre que Ceph soit sain, `pveceph osd destroy` ; moniteurs et autres : `pveceph mon destroy`, mgr, mds ; "
    "enfin `ceph osd crush remove` l'hôte",
)
WHICH_GUESTS = Text(en="which guests are where", fr="quelles machines sont où")
WHICH_SERVICES = Text(en="where HA's services are", fr="où sont les services HA")
WHICH_RULES = Text(en="what HA's rules name", fr="ce que nomment les règles HA")
WHICH_JOBS = Text(en="what is replicated", fr="ce qui est répliqué")
WHICH_DAEMONS = Text(en="where Ceph's daemons are", fr="où sont les démons de Ceph")
WHO_CHANGES = Text(en="whether corosync.conf is being changed", fr="si corosync.conf est en train d'être modifié")
TO_COPY = Text(en="To type on a member: {command}", fr="À taper sur un membre : {command}")
IN_RULE = Text(en="The HA rule {rule} names {node}", fr="La règle HA {rule} nomme {node}")
IN_STORAGE = Text(en="The storage {storage} names {node}", fr="Le stockage {storage} nomme {node}")
ONLY_IN_STORAGE = Text(en="The storage {storage} is for {node} alone", fr="Le stockage {storage} est pour {node} seul")
REMOVE_STORAGE = Text(
    en="Nobody else can use it; when nothing of it is needed any more: pvesm remove {storage}",
    fr="Personne d'autre ne peut l'utiliser ; quand plus rien n'en sert : pvesm remove {storage}",
)
