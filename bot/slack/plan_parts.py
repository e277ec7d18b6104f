"""A plan as people read it, on its card, in its form, in its file: all of it, in every one of them. Pure."""

from __future__ import annotations

import shlex

from bot.action import Cell, Code, Step, Table, Votes
from bot.plan import Plan
from bot.slack import parts
from bot.slack.parts import Part
from bot.text import Language, Text, same


def plan_text(plan: Plan, language: Language) -> str:
    """The whole plan for a file."""
    return "\n".join(part.text for part in plan_parts(plan, language))


def plan_parts(plan: Plan, language: Language) -> list[Part]:
    """What was seen and what follows stand before the long scripts."""
    drawn = _around(plan, language)
    for number, step in enumerate(plan.steps, 1):
        drawn += _step(plan, step, number, language)
    return parts.packed(drawn)


def outline_parts(plan: Plan, language: Language) -> list[Part]:
    """The same, but of its steps what they are and where, without their commands and guards."""
    lines = "\n".join(_where(plan, step, number).to(language) for number, step in enumerate(plan.steps, 1))
    return parts.packed([*_around(plan, language), *parts.preformatted(parts.clean(lines))])


def around_parts(plan: Plan, language: Language) -> list[Part]:
    """All but its steps."""
    return parts.packed(_around(plan, language))


def _around(plan: Plan, language: Language) -> list[Part]:
    drawn: list[Part] = []
    for found in plan.findings:
        drawn += parts.finding(found, language)
    if plan.before and plan.after:
        drawn += parts.plain_table(_votes(plan.before, plan.after), language)
    return [*drawn, *parts.pairs(((UNDO, plan.undo),), language)]


def _where(plan: Plan, step: Step, number: int) -> Text:
    host = plan.hosts[step.on]
    where = ON.fill(number=number, title=step.title, login=host.login, node=step.on, key=host.fingerprint)
    return LIMIT.fill(where=where, seconds=step.timeout_s)


def _step(plan: Plan, step: Step, number: int, language: Language) -> list[Part]:
    drawn = parts.code(Code(_where(plan, step, number), shlex.join(step.argv)), language)
    if step.secret:
        drawn += parts.pairs(((SECRET, step.secret),), language)
    if step.marker:
        drawn += parts.pairs(((MARKER, step.marker),), language)
    return drawn + (parts.code(Code(GUARD, step.guard.strip("\n")), language) if step.guard else [])


def _votes(before: Votes, after: Votes) -> Table:
    def row(name: Text, one: object, other: object) -> tuple[Cell, Cell, Cell]:
        return (name, _cell(one), _cell(other))

    rows = (
        row(PRESENT, before.present, after.present),
        row(EXPECTED, before.expected, after.expected),
        row(NEEDED, before.needed, after.needed),
        row(QUORUM, before.quorate, after.quorate),
        row(SURVIVES, before.survives, after.survives),
    )
    return Table((same(" "), BEFORE, AFTER), rows, title=VOTES)


def _cell(value: object) -> Cell:
    if isinstance(value, bool):
        return YES if value else NO
    return str(value)


ON = Text(
    en="{number}. {title} · on {node} as {login}, host key {key}",
    fr="{number}. {title} · sur {node} en {login}, clé d'hôte {key}",
)
LIMIT = Text(en="{where}, {seconds} s at most", fr="{where}, {seconds} s au plus")
MARKER = Text(en="It has worked only if it prints", fr="Elle n'a réussi que si elle affiche")
SECRET = Text(en="Reads from its input the secret", fr="Lit sur son entrée le secret")
GUARD = Text(
    en="Only if this holds on the node at that moment:", fr="Seulement si ceci est vrai sur le nœud à ce moment :"
)
VOTES = Text(en="Quorum", fr="Quorum")
BEFORE = Text(en="now", fr="maintenant")
AFTER = Text(en="after", fr="après")
PRESENT = Text(en="Votes present", fr="Voix présentes")
EXPECTED = Text(en="Expected votes", fr="Voix attendues")
NEEDED = Text(en="Votes needed", fr="Voix nécessaires")
QUORUM = Text(en="Quorum", fr="Quorum")
SURVIVES = Text(en="Failures survived", fr="Pannes supportées")
YES = Text(en="yes", fr="oui")
NO = Text(en="no", fr="non")
UNDO = Text(en="To undo", fr="Pour annuler")
