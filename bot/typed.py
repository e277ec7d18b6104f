"""From a line as Slack or a phone delivers it to the words that were meant, or a refusal."""

from __future__ import annotations

import re
import shlex
import unicodedata

from bot.names import shortened
from bot.own_words import said
from bot.text import Refused, Text

MOST_CHARACTERS = 2000
_CUT = re.compile(r"… \[(\d{1,9})\]$")
# Slack writes links, mentions and channels as <target|label>, and & < > as entities (its message formatting).
_LINKED = re.compile(r"<([@!#]?)([^<>|]*)(?:\|([^<>]*))?>")
_MAILTO = re.compile(r"^(?:mailto:|tel:)")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
# iOS and macOS make one long dash of two hyphens.
_LONG_DASHES = re.compile(r"(?<!\S)-*[\u2012-\u2015]+-*(?=\w)")
_BLANKS = str.maketrans(
    {
        **dict.fromkeys("\t\n\r\u2028\u2029", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0e\ufe0f", ""),  # they show nothing
    }
)
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u2010\u2011\u2212\ufe63\uff0d", "-"),
    }
)
_WELCOME = re.compile(r"[A-Za-z0-9_.:/,=@+\[\]'\" -]")


def cut(line: str) -> str:
    """*line* as it is kept: one too long for a command only as far as it is needed to refuse it, with its true length."""
    return line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS]}… [{len(line)}]"


def words(line: str) -> list[str]:
    """Split *line* into words. Raise `Refused` for what no command can hold: nothing is contacted then."""
    if len(line) > MOST_CHARACTERS:
        marked = _CUT.search(line)
        raise Refused(TOO_LONG.fill(length=marked[1] if marked else len(line), most=MOST_CHARACTERS))
    text = _unlinked(line)
    found, at = [], 0
    for one in said(text):  # a reason goes nowhere but to people and the ledger
        _require_visible(one.own)
        found += [*_split(text[at : one.start]), *one.words]
        at = one.end
    return found + _split(text[at:])


def _split(text: str) -> list[str]:
    plain = _LONG_DASHES.sub("--", text.translate(_SAME)).strip()
    _require_welcome(plain)
    try:
        return shlex.split(plain)
    except ValueError as error:
        raise Refused(NOT_CLOSED.fill(line=shortened(plain))) from error


def _require_welcome(plain: str) -> None:
    for character in plain:
        if not _WELCOME.fullmatch(character):
            raise Refused(_why_not(character))


def _require_visible(free: str) -> None:
    """What people say in their own words may hold any letter, but nothing that hides or turns round what is read."""
    for character in free:
        if unicodedata.category(character)[0] == "C":
            raise Refused(_why_not(character))


def _unlinked(line: str) -> str:
    text = _LINKED.sub(_label, line)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return "".join(" " if unicodedata.category(c) == "Zs" else c for c in text.translate(_BLANKS))


def _label(match: re.Match[str]) -> str:
    mark, target, label = match.groups()
    return mark + (label or _MAILTO.sub("", target))


def _why_not(character: str) -> Text:
    code = f"U+{ord(character):04X}"
    if unicodedata.bidirectional(character) in {
        "R",
        "AL",
        "RLE",
        "LRE",
        "RLO",
        "LRO",
        "PDF",
        "RLI",
        "LRI",
        "FSI",
        "PDI",
    }:
        return RIGHT_TO_LEFT.fill(code=code)
    if unicodedata.category(character)[0] == "C":
        return INVISIBLE.fill(code=code)
    if character.isascii():
        return SHELL.fill(character=character)
    return STRANGE.fill(character=character, code=code)


TOO_LONG = Text(
    en="That is {length} characters long: a command has {most} at most",
    fr="Ce texte fait {length} caractères : une commande en a {most} au plus",
)
NOT_CLOSED = Text(
    en="A quote is not closed in “{line}”: close it, or leave the quotes out",
    fr="Un guillemet n'est pas fermé dans « {line} » : fermez-le, ou n'en mettez pas",
)
SHELL = Text(
    en="“{character}” has no place here: no shell reads this line. Type one command, without it",
    fr="« {character} » n'a pas sa place ici : aucun shell ne lit cette ligne. Tapez une seule commande, sans ce signe",
)
STRANGE = Text(
    en="“{character}” ({code}) is not used in any command: use plain letters, digits and hyphens",
    fr="« {character} » ({code}) ne sert dans aucune commande : lettres sans accent, chiffres et tirets seulement",
)
RIGHT_TO_LEFT = Text(
    en="The line holds a right-to-left character ({code}), which can hide what is meant: type it again in plain letters",
    fr="La ligne contient un caractère de droite à gauche ({code}), qui peut cacher le sens : retapez-la en lettres simples",
)
INVISIBLE = Text(
    en="The line holds an invisible control character ({code}): type it again by hand",
    fr="La ligne contient un caractère de contrôle invisible ({code}) : retapez-la à la main",
)
