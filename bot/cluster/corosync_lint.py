"""What is wrong with a corosync.conf: `corosync -t` accepts far too much, so the bot looks for itself."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Level
from bot.cluster import (
    corosync_lint_links,
    corosync_lint_nodes,
    corosync_lint_quorum,
    corosync_lint_totem,
    corosync_lint_values,
)
from bot.cluster.corosync_document import BadCorosyncConf, Section, parse
from bot.cluster.flaw import Flaw, Rule
from bot.names import NodeName
from bot.text import Text

RULES: tuple[Rule, ...] = (
    *corosync_lint_values.RULES,
    *corosync_lint_totem.RULES,
    *corosync_lint_nodes.RULES,
    *corosync_lint_links.RULES,
    *corosync_lint_quorum.RULES,
)
_ORDER = (Level.BAD, Level.UNKNOWN, Level.WARNING, Level.NOTE, Level.GOOD)


def lint(text: str, local: NodeName | None = None) -> tuple[Flaw, ...]:
    """Every flaw of *text*, the worst first, then by line; *local*: the node on which the file lies."""
    try:
        root = parse(text)
    except BadCorosyncConf as bad:
        return (Flaw("syntax", bad.line, Level.BAD, bad.why, SYNTAX_FIX),)
    found = [flaw for rule in RULES for flaw in rule(root)]
    found += [] if local is None else _local_node(root, local)
    return tuple(sorted(found, key=lambda flaw: (_ORDER.index(flaw.level), flaw.line)))


def worst(flaws: tuple[Flaw, ...]) -> Level:
    return flaws[0].level if flaws else Level.GOOD


def _local_node(root: Section, local: NodeName) -> Iterator[Flaw]:
    names = [node.get("name") for node in root.sections("nodelist", "node")]
    if names and local not in names:
        line = next((section.line for section in root.sections("nodelist")), 0)
        yield Flaw("local-node", line, Level.BAD, NOT_LISTED.fill(node=local), NOT_LISTED_FIX)


SYNTAX_FIX = Text(
    en="Correct that line: as it is, corosync refuses the whole file",
    fr="Corrigez cette ligne : telle quelle, corosync refuse tout le fichier",
)
NOT_LISTED = Text(
    en="the file lies on {node} but does not list it: corosync does not start there",
    fr="le fichier est sur {node} mais ne le liste pas : corosync n'y démarre pas",
)
NOT_LISTED_FIX = Text(
    en="If the node was removed, separate it properly; if its host name changed, change it back",
    fr="Si le nœud a été retiré, séparez-le proprement ; si son nom d'hôte a changé, remettez l'ancien",
)
