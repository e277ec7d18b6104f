"""What a command prints: a report for a person's terminal, or one JSON object for a program."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from bot.action import Cell, Code, Finding, Json, Level, Report, Table
from bot.text import Language, Text, clean

MARKS = {Level.GOOD: "✅", Level.NOTE: "•", Level.WARNING: "⚠️ ", Level.BAD: "⛔", Level.UNKNOWN: "❔"}

UNBOUNDED = 100_000

LABEL = Text(en="{label}: ", fr="{label} : ")


def language() -> Language:
    """The terminal's, as its environment says."""
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "fr" if spoken.startswith("fr") else "en"


def say(line: str) -> None:
    """To the person, never to the program that reads stdout."""
    Console(file=sys.stderr, soft_wrap=True, highlight=False).print(escape(line))


def print_json(value: Mapping[str, Json]) -> None:
    sys.stdout.write(clean(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")


def print_report(report: Report, spoken: Language) -> None:
    """The same parts in the same order as in Slack."""
    console = _console()
    console.print(f"[bold]{MARKS[report.level]} {escape(report.headline.to(spoken))}[/bold]\n")
    for label, value in report.pairs:
        console.print(f"  {escape(LABEL.fill(label=label).to(spoken))}{escape(shown(value, spoken))}")
    for finding in report.findings:
        console.print(f"\n{escape(found(finding, spoken))}")
    for table in report.tables:
        console.print(_grid(table, spoken), soft_wrap=False)
    for code in report.code:
        _print_code(console, code, spoken)
    for step in report.next:
        console.print(f"→ {escape(step.to(spoken))}")


def _console() -> Console:
    """What reads a pipe has no width: there a table is as wide as its words."""
    wide = None if sys.stdout.isatty() else UNBOUNDED
    return Console(soft_wrap=True, highlight=False, width=wide)


def found(finding: Finding, spoken: Language) -> str:
    fix = f"\n   → {finding.fix.to(spoken)}" if finding.fix else ""
    return f"{MARKS[finding.level]} {finding.text.to(spoken)}{fix}"


def shown(cell: Cell, spoken: Language) -> str:
    return cell.to(spoken) if isinstance(cell, Text) else clean(cell)


def _grid(table: Table, spoken: Language) -> Grid:
    grid = Grid(title=escape(table.title.to(spoken)) if table.title else None, title_justify="left")
    for column in table.columns:
        grid.add_column(escape(column.to(spoken)), overflow="fold")
    for row in table.rows:
        grid.add_row(*(escape(shown(cell, spoken)) for cell in row))
    return grid


def _print_code(console: Console, code: Code, spoken: Language) -> None:
    console.print(f"\n[bold]{escape(code.title.to(spoken))}[/bold]")
    console.print(escape(shown(code.lines, spoken)))
