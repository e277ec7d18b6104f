"""What `corosync lint` tells: the flaws of the file that the nodes have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.action import EachNode, Finding, Json, Level, NoArgs, Report, Table
from bot.cluster.conf_copies import Copies, config_version, findings
from bot.cluster.conf_files import LocalConf, SharedConf
from bot.cluster.corosync_lint import lint
from bot.cluster.flaw import Flaw
from bot.cluster.silence import silent
from bot.cluster.worst import worst_of
from bot.text import Text, counted, same


@dataclass(frozen=True)
class Facts:
    shared: EachNode[SharedConf]
    local: EachNode[LocalConf]


def report(_args: NoArgs, facts: Facts, _after: Facts) -> Report:
    copies = Copies(facts.shared, facts.local)
    by_digest = {name: _flaws(copies, name, text) for name, text in copies.texts.items()}
    found = (*findings(copies), *(silent(node, why) for node, why in facts.shared.silent.items()))
    flaws = tuple(flaw for each in by_digest.values() for flaw in each)
    return Report(
        level=_level(copies, flaws, found),
        headline=_headline(copies, flaws),
        findings=found,
        tables=tuple(table(each, _title(copies, name)) for name, each in by_digest.items() if each),
        next=(same("/pve-cluster corosync show"),) if copies.texts else (),
        data={
            "files": [
                {"digest": name, "version": config_version(copies.texts[name]), "flaws": [as_data(f) for f in each]}
                for name, each in by_digest.items()
            ],
            "silent": {node: why.to("en") for node, why in facts.shared.silent.items()},
        },
    )


def table(flaws: Sequence[Flaw], title: Text | None = None) -> Table:
    """One row for each flaw; also what `conf lint` prints."""
    rows = tuple((LEVELS[flaw.level], str(flaw.line or "–"), flaw.rule, flaw.what, flaw.fix) for flaw in flaws)
    return Table((LEVEL, LINE, RULE, WHY, FIX), rows, title)


def as_data(flaw: Flaw) -> dict[str, Json]:
    return {
        "rule": flaw.rule,
        "line": flaw.line,
        "level": flaw.level.value,
        "what": flaw.what.to("en"),
        "fix": flaw.fix.to("en"),
    }


def verdict(flaws: Sequence[Flaw]) -> Text:
    bad = sum(flaw.level is Level.BAD for flaw in flaws)
    warnings = sum(flaw.level is Level.WARNING for flaw in flaws)
    if bad:
        errors = counted(bad, en=("error", "errors"), fr=("erreur", "erreurs"))
        return BROKEN.fill(bad=errors, warnings=_warnings(warnings))
    return WARNED.fill(warnings=_warnings(warnings)) if warnings else NOTED if flaws else CLEAN


def _warnings(n: int) -> Text:
    return counted(n, en=("warning", "warnings"), fr=("avertissement", "avertissements"))


def _flaws(copies: Copies, name: str, text: str) -> tuple[Flaw, ...]:
    """Every flaw of one text; being unlisted is a flaw of each node that has it."""
    found = [flaw for node in copies.nodes_with(name) for flaw in lint(text, node)]
    unique = {(flaw.rule, flaw.line, flaw.what.to("en")): flaw for flaw in found}
    return tuple(unique.values())


def _headline(copies: Copies, flaws: tuple[Flaw, ...]) -> Text:
    if not copies.answering:
        return NOBODY
    return verdict(flaws) if copies.texts else NO_FILE


def _level(copies: Copies, flaws: tuple[Flaw, ...], found: tuple[Finding, ...]) -> Level:
    if copies.answering and not copies.texts:
        return Level.NOTE
    levels = [*(flaw.level for flaw in flaws), *(finding.level for finding in found)]
    return worst_of(levels, answered=bool(copies.answering))


def _title(copies: Copies, name: str) -> Text:
    return ON.fill(nodes=", ".join(copies.nodes_with(name)))


LEVELS = {
    Level.BAD: Text(en="broken", fr="cassé"),
    Level.WARNING: Text(en="risky", fr="risqué"),
    Level.NOTE: Text(en="note", fr="note"),
    Level.UNKNOWN: Text(en="unknown", fr="inconnu"),
    Level.GOOD: Text(en="good", fr="bon"),
}
LEVEL = Text(en="Verdict", fr="Verdict")
LINE = Text(en="Line", fr="Ligne")
RULE = Text(en="Rule", fr="Règle")
WHY = Text(en="Why", fr="Pourquoi")
FIX = Text(en="Fix", fr="Remède")
ON = Text(en="/etc/pve/corosync.conf on {nodes}", fr="/etc/pve/corosync.conf sur {nodes}")
CLEAN = Text(en="The file has no flaw that I know of", fr="Le fichier n'a aucun défaut connu")
NOTED = Text(en="The file is sound; some remarks", fr="Le fichier est sain ; quelques remarques")
WARNED = Text(
    en="The file works, but is risky: {warnings}",
    fr="Le fichier marche mais présente des risques : {warnings}",
)
BROKEN = Text(
    en="The file is broken: {bad}, {warnings}. Restart nothing before they are corrected",
    fr="Le fichier est cassé : {bad}, {warnings}. Ne redémarrez rien avant de les corriger",
)
NOBODY = Text(
    en="No node answered: the file could not be read", fr="Aucun nœud n'a répondu : le fichier n'a pas pu être lu"
)
NO_FILE = Text(
    en="No /etc/pve/corosync.conf on any node: they are in no cluster, or pmxcfs does not run",
    fr="Pas de /etc/pve/corosync.conf, sur aucun nœud : ils ne sont dans aucun cluster, ou pmxcfs ne tourne pas",
)
