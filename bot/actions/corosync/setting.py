"""corosync set SETTING…: what is asked, and the whole file that it would give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.action import Json, Step, Votes
from bot.cluster.conf_edit import KeyValue, edited
from bot.cluster.conf_rewrite import Facts, Rewrite
from bot.cluster.conf_swap import BACKUPS
from bot.cluster.corosync_document import BadCorosyncConf, diff, parse
from bot.cluster.vote_rules import survived_failures
from bot.names import NodeName
from bot.text import Refused, Text


@dataclass(frozen=True)
class Args:
    setting: tuple[KeyValue, ...]


def rewrite(args: Args, facts: Facts) -> Rewrite:
    """Raise `Refused` or `BadCorosyncConf` where there is no file that it could give; `check` asks first."""
    return Rewrite(facts, edited(facts.text, args.setting))


def further(args: Args, facts: Facts) -> Mapping[str, Mapping[NodeName, tuple[str, ...]]]:
    try:
        return rewrite(args, facts).further()
    except (Refused, BadCorosyncConf):
        return {}


def words(args: Args, facts: Facts) -> Text:
    return WORDS.fill(settings=", ".join(args.setting), cluster=rewrite(args, facts).conf.name)


def plan(args: Args, facts: Facts) -> tuple[Step, ...]:
    return (rewrite(args, facts).step(SWAP),)


def rests_on(args: Args, facts: Facts) -> dict[str, Json]:
    return rewrite(args, facts).rests_on()


def votes(args: Args, facts: Facts) -> tuple[Votes, Votes]:
    """No setting that may be set changes them."""
    made = rewrite(args, facts)
    view = made.ring[made.executor]
    now = Votes(view.total, view.expected, view.needed, view.quorate, survived_failures(view))
    return now, now


def undo(_args: Args, _facts: Facts) -> Text:
    return UNDO.fill(backups=BACKUPS)


def changed_lines(made: Rewrite) -> str:
    """What the file loses and gains, as `diff` marks it."""
    lines = diff(parse(made.old), parse(made.new)).splitlines()[2:]
    return "\n".join(line for line in lines if line[:1] in {"+", "-"})


WORDS = Text(
    en="Set {settings} in corosync.conf of the cluster {cluster}",
    fr="Régler {settings} dans le corosync.conf du cluster {cluster}",
)
SWAP = Text(
    en="Put the new file in the place of the old one on all nodes, and go back by itself if it does not hold",
    fr="Mettre le nouveau fichier à la place de l'ancien sur tous les nœuds, et revenir de soi-même s'il ne tient pas",
)
UNDO = Text(
    en="/pve-cluster corosync set with the values of before; the whole old file is in {backups}… on the node that the output names",
    fr="/pve-cluster corosync set avec les valeurs d'avant ; tout l'ancien fichier est dans {backups}… sur le nœud que la sortie nomme",
)
