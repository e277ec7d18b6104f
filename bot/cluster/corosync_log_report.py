"""What `corosync log` tells: the last lines of each node, and what the known ones mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from bot.action import Code, EachNode, Finding, Json, Level, Report, Table
from bot.cluster.corosync_log import CorosyncLog, LogLine
from bot.cluster.corosync_messages import KNOWN, known
from bot.names import NodeName
from bot.text import Refused, Text, same

_MOST_LINES = 500


class Lines(int):
    """How many lines of a log to show. Raise `Refused` unless *typed* is a number from 1 to 500."""

    def __new__(cls, typed: str | int) -> Self:
        digits = str(typed)
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 4 and 0 < int(digits) <= _MOST_LINES):
            raise Refused(NOT_A_COUNT.fill(most=_MOST_LINES))
        return super().__new__(cls, digits)


@dataclass(frozen=True)
class Args:
    node: NodeName | None = None
    lines: Lines = field(default=Lines(20), kw_only=True)


@dataclass(frozen=True)
class Facts:
    log: EachNode[CorosyncLog]


def report(args: Args, facts: Facts, _after: Facts) -> Report:
    by_node = facts.log.by_node
    found = (*_findings(by_node), *(_silent(node, why) for node, why in facts.log.silent.items()))
    return Report(
        level=_level(found, answered=bool(by_node)),
        headline=_headline(found, answered=bool(by_node)),
        findings=found,
        tables=_table(by_node),
        code=tuple(_code(node, log, args.lines) for node, log in by_node.items()),
        next=(same("/pve-cluster links"), same("/pve-cluster corosync show")),
        data={
            "nodes": {node: [_line(line) for line in log.lines[-args.lines :]] for node, log in by_node.items()},
            "silent": {node: why.to("en") for node, why in facts.log.silent.items()},
        },
    )


def on(args: Args) -> tuple[NodeName, ...] | None:
    return None if args.node is None else (args.node,)


def _counted(log: CorosyncLog) -> Counter[int]:
    meant = (known(line.text) for line in log.lines)
    return Counter(KNOWN.index(each) for each in meant if each)


def _findings(by_node: Mapping[NodeName, CorosyncLog]) -> Iterator[Finding]:
    for node, log in by_node.items():
        for index in sorted(_counted(log)):
            each = KNOWN[index]
            if each.level is not Level.NOTE:
                times = _counted(log)[index]
                yield Finding(each.level, SEEN.fill(node=node, times=times, meaning=each.meaning), each.fix)


def _silent(node: NodeName, why: Text) -> Finding:
    return Finding(Level.WARNING, NO_ANSWER.fill(node=node, why=why))


def _level(found: tuple[Finding, ...], *, answered: bool) -> Level:
    if not answered:
        return Level.UNKNOWN
    levels = {finding.level for finding in found}
    return next((level for level in (Level.BAD, Level.WARNING) if level in levels), Level.GOOD)


def _headline(found: tuple[Finding, ...], *, answered: bool) -> Text:
    if not answered:
        return NOBODY
    return TROUBLE.fill(kinds=len(found)) if found else QUIET


def _table(by_node: Mapping[NodeName, CorosyncLog]) -> tuple[Table, ...]:
    rows = tuple(
        (node, str(times), KNOWN[index].meaning)
        for node, log in by_node.items()
        for index, times in sorted(_counted(log).items())
    )
    return (Table((NODE, TIMES, MEANING), rows, WORTH_KNOWING),) if rows else ()


def _code(node: NodeName, log: CorosyncLog, lines: int) -> Code:
    shown = "\n".join(f"{_when(line.at_us)} {line.text}" for line in log.lines[-lines:])
    return Code(LAST.fill(node=node, lines=min(lines, len(log.lines))), shown or EMPTY)


def _line(line: LogLine) -> Json:
    meant = known(line.text)
    return {"at_us": line.at_us, "text": line.text, "meaning": meant.meaning.to("en") if meant else None}


def _when(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")


NOT_A_COUNT = Text(en="--lines takes a number from 1 to {most}", fr="--lines prend un nombre de 1 à {most}")
NO_ANSWER = Text(en="{node}: no answer. {why}", fr="{node} : pas de réponse. {why}")
NOBODY = Text(en="No node answered: no log could be read", fr="Aucun nœud n'a répondu : aucun journal n'a pu être lu")
QUIET = Text(
    en="The last lines of corosync's log show no trouble",
    fr="Les dernières lignes du journal de corosync ne montrent aucun trouble",
)
TROUBLE = Text(
    en="corosync's log shows trouble: {kinds} kinds of messages to look at",
    fr="Le journal de corosync montre des troubles : {kinds} sortes de messages à regarder",
)
SEEN = Text(en="{node}, {times} times: {meaning}", fr="{node}, {times} fois : {meaning}")
NODE = Text(en="Node", fr="Nœud")
TIMES = Text(en="Times", fr="Fois")
MEANING = Text(en="Meaning", fr="Signification")
WORTH_KNOWING = Text(
    en="Known messages among the last 1000 lines", fr="Messages connus parmi les 1000 dernières lignes"
)
LAST = Text(en="{node}: the last {lines} lines (UTC)", fr="{node} : les {lines} dernières lignes (UTC)")
EMPTY = Text(en="(nothing logged)", fr="(rien dans le journal)")
