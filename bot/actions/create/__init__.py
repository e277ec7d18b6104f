"""/pve-cluster create NAME: make a cluster of one host, which others then join."""

from __future__ import annotations

from dataclasses import replace

from bot.action import Action, Verb
from bot.actions.create import change
from bot.actions.create.check import check
from bot.actions.create.facts import Args, Facts, further
from bot.actions.create.left import left
from bot.planned import planned
from bot.text import Text

SUMMARY = Text(
    en="Create a cluster on its first node; needs approval",
    fr="Créer un cluster sur son premier nœud ; demande approbation",
)
ACTION = Action(
    name="create",
    summary=SUMMARY,
    verbs=(
        Verb(
            name="create",
            summary=SUMMARY,
            args=Args,
            facts=Facts,
            further=further,
            report=change.report,
            change=replace(planned(change, check), settle_s=change.SETTLE_S, left=left),
        ),
    ),
    help=Text(
        en="Runs `pvecm create` on a host that stands alone: its guests stay. The name can never be changed. A link is an address "
        "of that host, `IP` or `IP,priority=N`: the higher priority carries the traffic (pvecm's own help says the opposite), of "
        "equal ones the lowest number, so the dedicated network comes first. Without links, link 0 is the address of the host's "
        "name. The other nodes in config.toml are looked at as future members: MTU, latency (5 ms is the limit), TCP 22 and 8006; "
        "UDP 5405-5412 cannot be seen before. pvecm checks no address and exits with 0 when it fails: what counts is what is seen.",
        fr="Lance `pvecm create` sur un hôte autonome : ses machines restent. Le nom ne peut plus changer. Un lien est une adresse "
        "de cet hôte, `IP` ou `IP,priority=N` : la priorité plus haute porte le trafic (l'aide de pvecm dit le contraire), à "
        "égalité le numéro le plus bas, donc le réseau dédié d'abord. Sans liens, le lien 0 est l'adresse du nom de l'hôte. Les "
        "autres nœuds de config.toml sont regardés comme futurs membres : MTU, latence (5 ms est la limite), TCP 22 et 8006 ; "
        "UDP 5405-5412 ne se voit pas avant. pvecm ne vérifie aucune adresse et sort avec 0 en échouant : seul compte ce qu'on voit.",
    ),
)
