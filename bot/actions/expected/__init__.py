"""/pve-cluster expected [N]: the vote arithmetic, and another number of expected votes."""

from __future__ import annotations

from dataclasses import replace

from bot.action import Action, NoArgs, Verb
from bot.actions.expected import change, show
from bot.actions.expected.check import check
from bot.actions.expected.facts import Args, Facts
from bot.planned import planned
from bot.text import Text

ACTION = Action(
    name="expected",
    summary=Text(
        en="The vote arithmetic, and what a change would do", fr="Le calcul des voix, et l'effet d'un changement"
    ),
    verbs=(
        Verb(
            name="expected",
            summary=Text(
                en="Show the votes and what each number of expected votes would do",
                fr="Afficher les voix et l'effet de chaque nombre de voix attendues",
            ),
            args=NoArgs,
            facts=show.Facts,
            report=show.report,
        ),
        Verb(
            name="set",
            summary=Text(
                en="Restore quorum on a surviving side, when the others are off; needs approval",
                fr="Rétablir le quorum du côté survivant, les autres étant éteints ; demande approbation",
            ),
            is_bare=True,
            args=Args,
            facts=Facts,
            report=change.report,
            change=replace(
                planned(change, check), confirm=change.confirm, statement=change.statement, settle_s=change.SETTLE_S
            ),
        ),
    ),
    help=Text(
        en="pvecm expected without a number is an error: it only sets. Here it shows the arithmetic, by corosync's own rule: "
        "a number below the votes present is refused, and on a quorate cluster also one that would end the quorum. The right "
        "number on a surviving side is the number of votes present, never blindly 1. With a number, a second person must "
        "approve it, stating how they know that the missing nodes are off; while one of them lives on another side, nobody can.",
        fr="pvecm expected sans nombre est une erreur : il ne sait que régler. Ici il montre le calcul, selon la règle même de "
        "corosync : un nombre inférieur aux voix présentes est refusé et, avec quorum, aussi celui qui le ferait perdre. Le bon "
        "nombre du côté survivant est celui des voix présentes, jamais 1 à l'aveugle. Avec un nombre, une deuxième personne "
        "doit approuver, en disant comment elle sait les absents éteints ; si l'un d'eux vit d'un autre côté, personne ne le peut.",
    ),
)
