"""remove NODE --cleanup: takes away what a removed node left in /etc/pve, each thing a step of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from bot.action import Json, Step
from bot.actions.remove import guards, holdings, scripts
from bot.actions.remove.facts import Removal
from bot.cluster import guard
from bot.cluster.ha_rules import HaRule
from bot.cluster.local_guests import NODES
from bot.cluster.replication import Job
from bot.text import Text

TIMEOUT_S = 120


@dataclass(frozen=True)
class Traces:
    """What is there of the node, and can be taken away. *logins*, *hosts*: lines. *names*: those of its host key.

    *storages*: with the nodes that would be left. A storage or rule for this node alone is not among them.
    """

    folder: tuple[str, ...] | None = None
    logins: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    storages: Mapping[str, tuple[str, ...]] | None = None
    rules: tuple[HaRule, ...] = ()
    jobs: tuple[Job, ...] = ()

    @property
    def any(self) -> bool:
        return self.folder is not None or bool(self.logins or self.hosts or self.storages or self.rules or self.jobs)

    @property
    def data(self) -> dict[str, Json]:
        """For a program, and for what an approval rests on."""
        return {
            "folder": None if self.folder is None else [*self.folder],
            "keys": len(self.logins),
            "known_hosts": len(self.hosts),
            "storages": [*(self.storages or {})],
            "rules": [rule.name for rule in self.rules],
            "replication": [job.id for job in self.jobs],
        }


def traces(removal: Removal) -> Traces:
    """As the executor has them."""
    facts, me, node = removal.facts, removal.executor, removal.node
    folders, lists = facts.folders.by_node.get(me), facts.keys.by_node.get(me)
    names = lists.names_of(node, removal.taken) if lists else ()
    return Traces(
        folder=folders.by_node.get(node) if folders else None,
        logins=lists.logins_of(node) if lists else (),
        names=names,
        hosts=lists.hosts_of(names) if lists else (),
        storages={id_: left for id_, left in holdings.storages(removal).items() if left},
        rules=tuple(rule for rule in holdings.rules(removal) if rule.without(node)),
        jobs=holdings.jobs(removal),
    )


def plan(removal: Removal) -> tuple[Step, ...]:
    """The directory first: where it cannot be archived, nothing else was touched."""
    found = traces(removal)
    return (*_folder(removal, found), *_keys(removal, found), *_elsewhere(removal, found))


def _folder(removal: Removal, found: Traces) -> Iterator[Step]:
    if found.folder is not None:
        title = ARCHIVE.fill(folder=f"{NODES}/{removal.node}", executor=removal.executor)
        yield _step(removal, title, scripts.archive_and_remove(removal.node), guards.no_guests(removal.node))


def _keys(removal: Removal, found: Traces) -> Iterator[Step]:
    node = removal.node
    if found.logins:
        is_same = guard.same("keys of the node", scripts.digest_of_logins(node), _digest(found.logins))
        yield _step(removal, LOGINS.fill(node=node), scripts.forget_logins(node), is_same)
    if found.hosts:
        is_same = guard.same("host keys of the node", scripts.digest_of_hosts(found.names), _digest(found.hosts))
        yield _step(removal, HOSTS.fill(node=node), scripts.forget_hosts(found.names), is_same)


def _elsewhere(removal: Removal, found: Traces) -> Iterator[Step]:
    for id_, left in (found.storages or {}).items():
        yield _step(removal, STORAGE.fill(node=removal.node, storage=id_), holdings.set_storage(id_, left))
    for rule in found.rules:
        yield _step(removal, RULE.fill(node=removal.node, rule=rule.name), holdings.set_nodes(rule, removal))
    for job in found.jobs:
        yield _step(removal, JOB.fill(job=job.id), ("pvesr", "delete", job.id, "--force"))


def _step(removal: Removal, title: Text, argv: tuple[str, ...], *more: str) -> Step:
    lines = guard.guard(*guards.same_cluster(removal), guards.is_not_listed(removal.node), *more)
    return Step(removal.executor, title, argv, lines, timeout_s=TIMEOUT_S)


def _digest(lines: tuple[str, ...]) -> str:
    return sha256("".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")).hexdigest()


ARCHIVE = Text(
    en="Archive {folder} on {executor}, compare, then remove it",
    fr="Archiver {folder} sur {executor}, comparer, puis le supprimer",
)
LOGINS = Text(
    en="Take the key of {node} out of those that may log in", fr="Ôter la clé de {node} de celles qui donnent accès"
)
HOSTS = Text(en="Forget the host key of {node}", fr="Oublier la clé d'hôte de {node}")
STORAGE = Text(en="Take {node} out of the storage {storage}", fr="Ôter {node} du stockage {storage}")
RULE = Text(en="Take {node} out of the HA rule {rule}", fr="Ôter {node} de la règle HA {rule}")
JOB = Text(en="Delete the replication job {job}", fr="Supprimer la tâche de réplication {job}")
