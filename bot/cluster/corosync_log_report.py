"""What `corosync log` tells: the last lines of each node, and what the known ones mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from bot.action import Code, EachNode, Finding, Json, Level, Report, Table
from bot.cluster.corosync_log import CorosyncLog, LogLine
from bot.cluster.corosync_messages import KNOWN, known
from bot.cluster.silence import silent
from bot.cluster.worst import worst_of
from bot.names import NodeName
from bot.text import Refused, Text, counted, same

_MOST_LINES = 500
_RECENT_US = 7 * 86_400 * 1_000_000


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
    found = (*_findings(by_node), *(silent(node, why) for node, why in facts.log.silent.items()))
    return Report(
        level=worst_of((finding.level for finding in found), answered=bool(by_node)),
        headline=_headline(by_node),
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


def _times(log: CorosyncLog) -> dict[int, list[int]]:
    """When each message worth knowing was logged, by its place in `KNOWN`."""
    found: dict[int, list[int]] = {}
    for line in log.lines:
        meant = known(line.text)
        if meant:
            found.setdefault(KNOWN.index(meant), []).append(line.at_us)
    return dict(sorted(found.items()))


def _findings(by_node: Mapping[NodeName, CorosyncLog]) -> Iterator[Finding]:
    for node, log in by_node.items():
        for index, at_us in _times(log).items():
            each = KNOWN[index]
            if each.level is not Level.NOTE:
                times = counted(len(at_us), en=("time", "times"), fr=("fois", "fois"))
                said = SEEN.fill(node=node, times=times, last=_when(max(at_us)), meaning=each.meaning)
                yield Finding(each.level if _is_recent(log, at_us) else Level.NOTE, said, each.fix)


def _is_recent(log: CorosyncLog, at_us: list[int]) -> bool:
    return log.asked_at_us - max(at_us) < _RECENT_US


def _headline(by_node: Mapping[NodeName, CorosyncLog]) -> Text:
    if not by_node:
        return NOBODY
    kinds = {
        index
        for log in by_node.values()
        for index, at_us in _times(log).items()
        if KNOWN[index].level is not Level.NOTE and _is_recent(log, at_us)
    }
    messages = counted(
        len(kinds), en=("kind of message", "kinds of messages"), fr=("sorte de message", "sortes de messages")
    )
    return TROUBLE.fill(kinds=messages) if kinds else QUIET


def _table(by_node: Mapping[NodeName, CorosyncLog]) -> tuple[Table, ...]:
    rows = tuple(
        (node, str(len(at_us)), _when(max(at_us)), KNOWN[index].meaning)
        for node, log in by_node.items()
        for index, at_us in _times(log).items()
    )
    return (Table((NODE, TIMES, LAST_TIME, MEANING), rows, WORTH_KNOWING),) if rows else ()


def _code(node: NodeName, log: CorosyncLog, lines: int) -> Code:
    shown = "\n".join(f"{_when(line.at_us)} {line.text}" for line in log.lines[-lines:])
    told = counted(
        min(lines, len(log.lines)), en=("last line", "last lines"), fr=("dernière ligne", "dernières lignes")
    )
    return Code(LAST.fill(node=node, lines=told), shown or EMPTY)


def _line(line: LogLine) -> Json:
    meant = known(line.text)
    return {"at_us": line.at_us, "text": line.text, "meaning": meant.meaning.to("en") if meant else None}


def _when(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")


NOT_A_COUNT = Text(en="--lines takes a number from 1 to {most}", fr="--lines prend un nombre de 1 à {most}")
NOBODY = Text(en="No node answered: no log could be read", fr="Aucun nœud n'a répondu : aucun journal n'a pu être lu")
QUIET = Text(
    en="No trouble in what could be read of corosync's log over the last 7 days",
    fr="Aucune anomalie dans ce qui a pu être lu du journal de corosync sur les 7 derniers jours",
)
TROUBLE = Text(
    en="corosync's log shows trouble: {kinds} to look at",
    fr="Le journal de corosync montre des anomalies : {kinds} à regarder",
)
SEEN = Text(
    en="{node}, {times}, last {last} UTC: {meaning}", fr="{node}, {times}, la dernière le {last} UTC : {meaning}"
)
NODE = Text(en="Node", fr="Nœud")
TIMES = Text(en="Times", fr="Fois")
LAST_TIME = Text(en="Last (UTC)", fr="Dernière (UTC)")
MEANING = Text(en="Meaning", fr="Signification")
WORTH_KNOWING = Text(
    en="Known messages among the last 1000 lines", fr="Messages connus parmi les 1000 dernières lignes"
)
LAST = Text(en="{node}: {lines} (UTC)", fr="{node} : {lines} (UTC)")
EMPTY = Text(en="(nothing logged)", fr="(rien dans le journal)")
