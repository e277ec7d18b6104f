"""The pieces of a message: each a block and the same in plain text. Pure.

People's and nodes' words go into plain_text, raw_text and rich_text elements only, which Slack takes literally;
so nothing needs escaping but the top-level text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.action import Cell, Code, Finding, Json, Level, Table
from bot.text import Language, Text

MARKS = {Level.GOOD: "✅", Level.NOTE: "💬", Level.WARNING: "⚠️", Level.BAD: "⛔", Level.UNKNOWN: "❔"}
HEADER_MAX = 150
TEXT_MAX = 2_900  # of one element; Slack documents 3,000 for a section and nothing for rich text
WIDEST = 60
ROWS_MAX, COLUMNS_MAX, CELLS_MAX = 100, 20, 9_000
EMPTY = "–"  # Slack refuses an element or a cell without text
# Control characters and lone surrogates, which JSON or Slack would not carry, and what turns the reading direction round.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
LABEL = Text(en="{label}: ", fr="{label} : ")
Object = dict[str, Json]


@dataclass(frozen=True)
class Part:
    """*text* is what a screen reader gets of *block*."""

    block: Object
    text: str

    @property
    def is_table(self) -> bool:
        return self.block["type"] == "table"

    @property
    def size(self) -> int:
        """How many characters of the top-level text it takes."""
        return len(escape(self.text))


def escape(words: str) -> str:
    """Slack's own three characters; after this nothing can mention, link or become markup."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def headline(level: Level, text: Text, language: Language) -> list[Part]:
    words = f"{MARKS[level]} {clean(text.to(language))}"
    if len(words) > HEADER_MAX:
        return [rich(_span(piece, bold=True), text=piece) for piece in _pieces(words)]
    return [Part({"type": "header", "text": {"type": "plain_text", "text": words, "emoji": False}}, words)]


def pairs(rows: tuple[tuple[Text, Cell], ...], language: Language) -> list[Part]:
    """`label: value` lines, as many to a block as fit; a value too long for one goes on in the next."""
    blocks: list[list[tuple[str, str]]] = [[]]
    for line in _pair_lines(rows, language):
        if blocks[-1] and sum(len(name) + len(said) for name, said in [*blocks[-1], line]) > TEXT_MAX:
            blocks.append([])
        blocks[-1].append(line)
    return [_pairs(lines) for lines in blocks if lines]


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
    rows = _rows(drawn, language)
    cells: list[Json] = [[{"type": "raw_text", "text": cell} for cell in row] for row in rows]
    native = Part({"type": "table", "rows": cells}, aligned(rows))
    if len(rows) > ROWS_MAX or len(drawn.columns) > COLUMNS_MAX or native.size > CELLS_MAX:
        return plain_table(drawn, language)
    return [*title(drawn.title, language), native]


def plain_table(drawn: Table, language: Language) -> list[Part]:
    """A table that is not the message's first: Slack draws one native table per message."""
    return [*title(drawn.title, language), *preformatted(aligned(_rows(drawn, language)))]


def code(lines: Code, language: Language) -> list[Part]:
    return [*title(lines.title, language), *preformatted(shown(lines.lines, language))]


def title(text: Text | None, language: Language) -> list[Part]:
    words = clean(text.to(language)) if text else ""
    return [rich(_span(piece, bold=True), text=piece) for piece in _pieces(words)]


def context(words: str) -> Part:
    said = clean(words)[:TEXT_MAX]
    return Part({"type": "context", "elements": [{"type": "plain_text", "text": said, "emoji": False}]}, said)


def preformatted(text: str) -> list[Part]:
    return [_preformatted(piece) for piece in _pieces(text)]


def packed(drawn: list[Part]) -> list[Part]:
    """The same in as few blocks as hold it: rich text that follows rich text shares a block, up to a block's text."""
    found: list[Part] = []
    for part in drawn:
        found.append(_both(found.pop(), part) if found and _share(found[-1], part) else part)
    return found


def _share(one: Part, other: Part) -> bool:
    is_rich = one.block["type"] == other.block["type"] == "rich_text"
    return is_rich and len(one.text) + len(other.text) < TEXT_MAX


def _both(one: Part, other: Part) -> Part:
    elements = [*_ended(_elements(one)), *_elements(other)]
    return Part({"type": "rich_text", "elements": elements}, f"{one.text}\n{other.text}")


def _ended(elements: list[Json]) -> list[Json]:
    """A section does not end its line by itself, whatever follows it."""
    *before, last = elements
    if not isinstance(last, dict) or last["type"] != "rich_text_section":
        return elements
    spans = last["elements"] if isinstance(last["elements"], list) else []
    return [*before, {**last, "elements": [*spans, {"type": "text", "text": "\n"}]}]


def _elements(part: Part) -> list[Json]:
    elements = part.block["elements"]
    return elements if isinstance(elements, list) else []


def rich(*spans: Object, text: str) -> Part:
    section: Object = {"type": "rich_text_section", "elements": list(spans)}
    return Part({"type": "rich_text", "elements": [section]}, text)


def aligned(rows: list[list[str]]) -> str:
    """In columns; one very wide cell is not worth padding all the others."""
    widths = [min(WIDEST, max(len(row[column]) for row in rows)) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def shown(cell: Cell, language: Language) -> str:
    return clean(cell.to(language) if isinstance(cell, Text) else cell)


def clean(words: str) -> str:
    """What cannot be shown as it is becomes the replacement character, so that it is seen."""
    return UNFIT.sub("\N{REPLACEMENT CHARACTER}", words)


def _pair_lines(rows: tuple[tuple[Text, Cell], ...], language: Language) -> Iterator[tuple[str, str]]:
    for label, value in rows:
        first, *more = _pieces(shown(value, language)) or [EMPTY]
        yield clean(LABEL.fill(label=label).to(language)), first
        yield from (("", piece) for piece in more)


def _pairs(lines: list[tuple[str, str]]) -> Part:
    spans: list[Object] = []
    for number, (name, said) in enumerate(lines):
        bold = ("\n" if number else "") + name
        spans += [*([_span(bold, bold=True)] if bold else []), *_spans(said)]
    return rich(*spans, text="\n".join(name + said for name, said in lines))


def _rows(drawn: Table, language: Language) -> list[list[str]]:
    rows = [drawn.columns, *drawn.rows]
    return [[shown(cell, language) or EMPTY for cell in row] for row in rows]


def _preformatted(text: str) -> Part:
    inner: Object = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return Part({"type": "rich_text", "elements": [inner]}, text)


def _span(text: str, *, bold: bool = False, code: bool = False) -> Object:
    style: Object = {**({"bold": True} if bold else {}), **({"code": True} if code else {})}
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _spans(words: str) -> list[Object]:
    """`words between backticks` in a fixed width; what is typed there can do no more than that."""
    pieces = words.split("`")
    if len(pieces) % 2 == 0:
        return [_span(words)]
    return [_span(piece, code=number % 2 == 1) for number, piece in enumerate(pieces) if piece] or [_span(words)]


def _pieces(text: str) -> list[str]:
    """*text* in pieces that fit, cut at line ends where there are any."""
    found: list[str] = []
    rest = text
    while len(rest) > TEXT_MAX:
        at = rest.rfind("\n", 1, TEXT_MAX) + 1 or TEXT_MAX
        found.append(rest[:at].rstrip("\n") or EMPTY)
        rest = rest[at:]
    return [*found, rest] if rest.strip() else found
