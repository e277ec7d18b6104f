"""What people say in their own words: how much is kept of it, and where it is in a line, however it is quoted."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from bot.text import Refused, Text

SAID_MAX = 3000  # of one reason or statement; what an input of Slack's takes at most
_DASH = "[-\u2010-\u2015\u2212\ufe63\uff0d]"
_DOUBLE = '["\u201c-\u201f\u00ab\u00bb\u2033]'
_SINGLE = "['\u2018-\u201b\u2032\u2039\u203a]"
_NO_OPTION = rf"(?:(?!\s{_DASH}{{1,2}}\w).)*?"  # a quote that is not closed must not take the options that follow
_SHELL = r"""(?:'[^']*'|"(?:\\.|[^"\\])*")+"""  # also as shlex.join writes it: 'don'"'"'t'
_QUOTED = (
    _SHELL,
    "\u201c[^\u201c\u201d]*\u201d",
    "\u00ab[^\u00ab\u00bb]*\u00bb",
    "\u201e[^\u201c-\u201e]*[\u201c\u201d]",
    f"{_DOUBLE}{_NO_OPTION}{_DOUBLE}",
    f"{_SINGLE}{_NO_OPTION}{_SINGLE}",  # ends before a space: \u2018l\u2019h\u00f4te\u2019 is one
    r"\w[\w.,:+/@-]*",
)
# What stands behind --reason; or all of one shell word, as '--reason=\u2026'.
_SAID = re.compile(
    rf"(?<!\S)(?:{_DASH}+reason(?P<glue>\s*=\s*|\s+)(?P<said>{'|'.join(_QUOTED)})"
    rf"|(?=[\"']{_DASH}+reason=)(?P<word>{_SHELL}))(?!\S)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Said:
    """*words*: as a command line has them; *own*: the value among them. *start*, *end*: where in the line it stood."""

    words: tuple[str, ...]
    own: str
    start: int
    end: int


def require_short(*own: str) -> None:
    """Raise `Refused` for more than is kept of what somebody says."""
    longest = max(map(len, own))
    if longest > SAID_MAX:
        raise Refused(TOO_MUCH.fill(length=longest, most=SAID_MAX))


def said(line: str) -> Iterator[Said]:
    """Each reason in *line*, in order; one whose quote is not closed is none."""
    for match in _SAID.finditer(line):
        option, glue, own = _read(match)
        words = (f"{option}={own}",) if "=" in glue and own else (option, own)
        yield Said(words, own, match.start(), match.end())


def _read(match: re.Match[str]) -> tuple[str, str, str]:
    if match["word"]:
        return shlex.split(match["word"])[0].partition("=")
    return "--reason", match["glue"], _unquoted(match["said"]).strip()


def _unquoted(quoted: str) -> str:
    if re.fullmatch(_SHELL, quoted, re.DOTALL):
        return shlex.split(quoted)[0]
    return quoted[1:-1] if re.match(f"{_DOUBLE}|{_SINGLE}", quoted) else quoted


TOO_MUCH = Text(
    en="That is {length} characters long: {most} at most are kept, so say it in fewer",
    fr="Ce texte fait {length} caractères : on en garde {most} au plus, dites-le plus court",
)
