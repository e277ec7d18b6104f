"""What is left of a removed node in the cluster, each with the command that would take it away."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Finding, Level
from bot.actions.remove import cleanup, holdings
from bot.actions.remove.facts import Removal
from bot.cluster.key_lists import HOSTS, LOGINS
from bot.cluster.local_guests import NODES
from bot.text import Text, counted


def remains(removal: Removal) -> tuple[Finding, ...]:
    return (*_folder(removal), *_keys(removal), *holdings.named(removal), *_jobs(removal))


def _folder(removal: Removal) -> Iterator[Finding]:
    folder = cleanup.traces(removal).folder
    if folder is not None:
        own = removal.facts.files.by_node.get(removal.executor)
        guests = len(own.on(removal.node)) if own else 0
        told = FOLDER.fill(folder=f"{NODES}/{removal.node}", guests=_guests(guests), entries=", ".join(folder) or "—")
        yield Finding(Level.WARNING if guests else Level.NOTE, told, REMOVE_IT.fill(folder=f"{NODES}/{removal.node}"))


def _keys(removal: Removal) -> Iterator[Finding]:
    found = cleanup.traces(removal)
    if found.logins:
        yield Finding(
            Level.NOTE,
            KEY.fill(node=removal.node, count=len(found.logins), file=LOGINS),
            DROP_KEY.fill(node=removal.node, file=LOGINS),
        )
    if found.hosts:
        yield Finding(
            Level.NOTE,
            KEY.fill(node=removal.node, count=len(found.hosts), file=HOSTS),
            DROP_HOST.fill(node=removal.node, file=HOSTS),
        )


def _jobs(removal: Removal) -> Iterator[Finding]:
    for job in cleanup.traces(removal).jobs:
        yield Finding(Level.NOTE, JOB.fill(job=job.id, node=removal.node), DROP_JOB.fill(job=job.id))


def _guests(count: int) -> Text:
    return counted(count, en=("guest's file", "guests' files"), fr=("fichier de machine", "fichiers de machines"))


FOLDER = Text(
    en="{folder} is still there, with {guests}: {entries}", fr="{folder} est encore là, avec {guests} : {entries}"
)
REMOVE_IT = Text(
    en="With --cleanup it is archived first. By hand, when no guest is left in it: rm -r {folder}",
    fr="Avec --cleanup, il est d'abord archivé. À la main, quand il ne contient plus de machine : rm -r {folder}",
)
KEY = Text(
    en="{file} still has the key of {node} (lines: {count})", fr="{file} a encore la clé de {node} (lignes : {count})"
)
DROP_KEY = Text(en="By hand: sed -i '/ root@{node}$/d' {file}", fr="À la main : sed -i '/ root@{node}$/d' {file}")
DROP_HOST = Text(en="By hand: ssh-keygen -R {node} -f {file}", fr="À la main : ssh-keygen -R {node} -f {file}")
JOB = Text(
    en="The replication job {job} still goes to or from {node}",
    fr="La tâche de réplication {job} va encore vers {node} ou en vient",
)
DROP_JOB = Text(en="By hand: pvesr delete {job} --force", fr="À la main : pvesr delete {job} --force")
