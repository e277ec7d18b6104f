"""/pve-cluster join MEMBER --node NEW: a new node joins the cluster, and all of its /etc/pve gives way to the cluster's."""

from __future__ import annotations

from dataclasses import replace

from bot.action import Action, Verb
from bot.actions.join import change
from bot.actions.join.check import check
from bot.actions.join.facts import Args, Facts
from bot.actions.join.further import further
from bot.actions.join.left import left
from bot.actions.join.report import report
from bot.planned import planned
from bot.text import Text

SUMMARY = Text(
    en="Join a new, empty node to the cluster; needs approval",
    fr="Joindre un nœud neuf et vide au cluster ; demande approbation",
)
ACTION = Action(
    name="join",
    summary=SUMMARY,
    verbs=(
        Verb(
            name="join",
            summary=SUMMARY,
            args=Args,
            facts=Facts,
            report=report,
            further=further,
            change=replace(planned(change, check), settle_s=change.SETTLE_S, left=left),
        ),
    ),
    help=Text(
        en="pvecm add, run on the new node, which must be among the nodes of this cluster in config.toml. MEMBER: the name or an "
        "address of a member. The links are derived from the networks of the cluster's own; the fingerprint is taken from the "
        "cluster, never from what answers. Over the API it needs root's password (root_password in config.toml); with --use_ssh "
        "the trust between the two nodes is made, and taken back. Never --force. All of /etc/pve on the new node is replaced. "
        "pvecm add exits with 0 when it fails: what counts is its last line, and what is seen afterwards.",
        fr="pvecm add, exécuté sur le nouveau nœud, qui doit figurer parmi les nœuds de ce cluster dans config.toml. MEMBER : le "
        "nom ou une adresse d'un membre. Les liens sont déduits des réseaux du cluster ; l'empreinte vient du cluster, jamais de "
        "ce qui répond. Par l'API il faut le mot de passe de root (root_password dans config.toml) ; avec --use_ssh la confiance "
        "entre les deux nœuds est établie, puis reprise. Jamais --force. Tout /etc/pve du nouveau nœud est remplacé. pvecm add "
        "sort avec 0 quand il échoue : ce qui compte est sa dernière ligne, et ce qui se voit ensuite.",
    ),
)
