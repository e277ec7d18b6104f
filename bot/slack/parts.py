"""The pieces of a message: each a block and the same in plain text. Pure.

People's and nodes' words go into plain_text, raw_text and rich_text elements only, which Slack takes literally;
so nothing needs escaping but the top-level text.
"""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import category

from bot.action import Cell, Code, Finding, Json, Level, Table
from bot.text import Language, Text

MARKS = {Level.GOOD: "✅", Level.NOTE: "💬", Level.WARNING: "⚠️", Level.BAD: "⛔", Level.UNKNOWN: "❔"}
HEADER_MAX = 150
TEXT_MAX = 2_900  # of one element; Slack documents 3,000 for a section and nothing for rich text
ROWS_MAX, COLUMNS_MAX, CELLS_MAX = 100, 20, 9_000
Object = dict[str, Json]


@dataclass(frozen=True)
class Part:
    """*text* is what a screen reader gets of *block*."""

    block: Object
    text: str

    @property
    def is_table(self) -> bool:
        return self.block["type"] == "table"


def headline(level: Level, text: Text, language: Language) -> list[Part]:
    words = f"{MARKS[level]} {clean(text.to(language))}"
    if len(words) > HEADER_MAX:
        return [rich(_span(piece, bold=True), text=piece) for piece in _pieces(words)]
    return [Part({"type": "header", "text": {"type": "plain_text", "text": words, "emoji": True}}, words)]


def pairs(rows: tuple[tuple[Text, Cell], ...], language: Language) -> list[Part]:
    """`label: value` lines, as many to a block as fit."""
    parts: list[Part] = []
    spans: list[Object] = []
    lines: list[str] = []
    for label, value in rows:
        name, said = f"{clean(label.to(language))}: ", shown(value, language)[:TEXT_MAX]
        if lines and sum(map(len, lines)) + len(name) + len(said) > TEXT_MAX:
            parts.append(_rich_section(spans, lines))
            spans, lines = [], []
        spans += [_span(("\n" if lines else "") + name, bold=True), *_spans(said)]
        lines.append(name + said)
    return [*parts, *([_rich_section(spans, lines)] if lines else [])]


def finding(found: Finding, language: Language) -> list[Part]:
    words = f"{MARKS[found.level]} {clean(found.text.to(language))}"
    fix = f"\n→ {clean(found.fix.to(language))}" if found.fix else ""
    return [rich(*_spans(piece), text=piece) for piece in _pieces(words + fix)]


def steps(texts: tuple[Text, ...], language: Language) -> list[Part]:
    """What to do next, one line each."""
    words = "\n".join(f"→ {clean(text.to(language))}" for text in texts)
    return [rich(*_spans(piece), text=piece) for piece in _pieces(words)] if words else []


def table(drawn: Table, language: Language) -> list[Part]:
    """A native table where Slack can draw it, else lines of a fixed width."""
    rows = [[clean(c.to(language)) for c in drawn.columns]]
    rows += [[shown(cell, language) for cell in row] for row in drawn.rows]
    text = aligned(rows)
    if len(rows) > ROWS_MAX or len(drawn.columns) > COLUMNS_MAX or sum(len(c) for r in rows for c in r) > CELLS_MAX:
        return preformatted(text)
    cells: list[Json] = [[{"type": "raw_text", "text": cell or "–"} for cell in row] for row in rows]
    return [*title(drawn.title, language), Part({"type": "table", "rows": cells}, text)]


def plain_table(drawn: Table, language: Language) -> list[Part]:
    """A table that is not the message's first: Slack draws one native table per message."""
    rows = [[clean(c.to(language)) for c in drawn.columns]]
    rows += [[shown(cell, language) for cell in row] for row in drawn.rows]
    return [*title(drawn.title, language), *preformatted(aligned(rows))]


def code(lines: Code, language: Language) -> list[Part]:
    return [*title(lines.title, language), *preformatted(shown(lines.lines, language))]


def title(text: Text | None, language: Language) -> list[Part]:
    if text is None:
        return []
    words = clean(text.to(language))[:TEXT_MAX]
    return [rich(_span(words, bold=True), text=words)] if words else []


def context(words: str) -> Part:
    said = clean(words)[:TEXT_MAX]
    return Part({"type": "context", "elements": [{"type": "plain_text", "text": said, "emoji": False}]}, said)


def preformatted(text: str) -> list[Part]:
    return [_preformatted(piece) for piece in _pieces(text)]


def rich(*spans: Object, text: str) -> Part:
    section: Object = {"type": "rich_text_section", "elements": list(spans)}
    return Part({"type": "rich_text", "elements": [section]}, text)


def aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def shown(cell: Cell, language: Language) -> str:
    return clean(cell.to(language) if isinstance(cell, Text) else cell)


def clean(words: str) -> str:
    """Without control characters and lone surrogates, which JSON or Slack would not carry."""
    return "".join(
        char if char in "\n\t" or category(char) not in {"Cc", "Cs"} else "\N{REPLACEMENT CHARACTER}" for char in words
    )


def _preformatted(text: str) -> Part:
    inner: Object = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return Part({"type": "rich_text", "elements": [inner]}, text)


def _rich_section(spans: list[Object], lines: list[str]) -> Part:
    return rich(*spans, text="\n".join(lines))


def _span(text: str, *, bold: bool = False, code: bool = False) -> Object:
    style: Object = {**({"bold": True} if bold else {}), **({"code": True} if code else {})}
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _spans(words: str) -> list[Object]:
    """`words between backticks` in a fixed width; what is typed there can do no more than that."""
    pieces = words.split("`")
    if len(pieces) % 2 == 0:
        return [_span(words)]
    return [_span(piece, code=number % 2 == 1) for number, piece in enumerate(pieces) if piece] or [_span("–")]


def _pieces(text: str) -> list[str]:
    """*text* in pieces that fit, cut at line ends where there are any."""
    found: list[str] = []
    rest = text
    while len(rest) > TEXT_MAX:
        at = rest.rfind("\n", 1, TEXT_MAX) + 1 or TEXT_MAX
        found.append(rest[:at].rstrip("\n") or "–")
        rest = rest[at:]
    return [*found, rest] if rest.strip() else found
