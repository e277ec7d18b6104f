"""Rules for single lines of a corosync.conf: a key that exists, with a value that it can have."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from bot.action import Level
from bot.cluster.corosync_document import Section, Setting
from bot.cluster.corosync_keys import NUMBERS, RING, SECTIONS, WORDS, known_keys
from bot.cluster.flaw import Flaw, Rule
from bot.names import shortened
from bot.text import Text

_LONGEST = 510  # corosync reads lines into 512 bytes and takes the rest for a line of its own (coroparse.c)


def number(root: Section) -> Iterator[Flaw]:
    for path, setting in _settings(root):
        span = NUMBERS.get(path, {}).get(setting.key)
        if span and setting.value and not _in(setting.whole, span):
            fix = NUMBER_FIX.fill(low=span[0], high=span[1])
            yield _flaw("number", setting, Level.BAD, NOT_A_NUMBER, fix)


def word(root: Section) -> Iterator[Flaw]:
    for path, setting in _settings(root):
        allowed = WORDS.get(path, {}).get(setting.key)
        if allowed and setting.value and setting.value not in allowed:
            yield _flaw("word", setting, Level.BAD, NOT_A_WORD, WORD_FIX.fill(allowed=", ".join(sorted(allowed))))


def empty_value(root: Section) -> Iterator[Flaw]:
    for _, setting in _settings(root):
        if not setting.value:
            yield _flaw("empty-value", setting, Level.BAD, EMPTY, EMPTY_FIX)


def comment_after_value(root: Section) -> Iterator[Flaw]:
    for _, setting in _settings(root):
        if "#" in setting.value:
            yield _flaw("comment-after-value", setting, Level.BAD, TAIL_COMMENT, TAIL_COMMENT_FIX)


def unknown_key(root: Section) -> Iterator[Flaw]:
    for path, setting in _settings(root):
        known = known_keys(path)
        if known is not None and setting.key not in known and not RING.fullmatch(setting.key):
            yield _flaw("unknown-key", setting, Level.WARNING, UNKNOWN_KEY, _nearest(setting.key, known))


def unknown_section(root: Section) -> Iterator[Flaw]:
    for path, section in root.walk():
        if path and path not in SECTIONS and path[:-1] in {(), *SECTIONS}:
            near = [known[-1] for known in SECTIONS if known[:-1] == path[:-1]]
            what = UNKNOWN_SECTION.fill(name=shortened(section.name))
            level = Level.BAD if section.name.startswith("\ufeff") else Level.WARNING
            yield Flaw("unknown-section", section.line, level, what, _nearest(section.name, near))


def key_outside_section(root: Section) -> Iterator[Flaw]:
    for setting in root.settings:
        yield _flaw("key-outside-section", setting, Level.WARNING, OUTSIDE, OUTSIDE_FIX)


def repeated_key(root: Section) -> Iterator[Flaw]:
    for _, section in root.walk():
        for setting in section.settings:
            last = section.setting(setting.key)
            if last is not None and last is not setting:
                what = REPEATED.fill(last=last.line)
                yield _flaw("repeated-key", setting, Level.WARNING, what, REPEATED_FIX)


def long_line(root: Section) -> Iterator[Flaw]:
    for _, setting in _settings(root):
        if len(setting.raw.encode(errors="surrogateescape")) > _LONGEST:
            yield _flaw("long-line", setting, Level.BAD, LONG, LONG_FIX.fill(most=_LONGEST))


def _settings(root: Section) -> Iterator[tuple[tuple[str, ...], Setting]]:
    for path, section in root.walk():
        for setting in section.settings:
            yield path, setting


def _in(value: int | None, span: tuple[int, int]) -> bool:
    return value is not None and span[0] <= value <= span[1]


def _flaw(rule: str, setting: Setting, level: Level, what: Text, fix: Text) -> Flaw:
    names = {"key": shortened(setting.key), "value": shortened(setting.value)}
    return Flaw(rule, setting.line, level, what.fill(**names), fix.fill(**names))


def _nearest(name: str, known: frozenset[str] | list[str]) -> Text:
    near = get_close_matches(name.lstrip("\ufeff"), known, n=1)
    return NEAREST.fill(near=near[0]) if near else REMOVE


NOT_A_NUMBER = Text(
    en="`{key}` is “{value}”, which is no number in its range",
    fr="`{key}` vaut « {value} », qui n'est pas un nombre dans sa plage",
)
NUMBER_FIX = Text(
    en="Give `{key}` a whole number from {low} to {high}", fr="Donnez à `{key}` un entier de {low} à {high}"
)
NOT_A_WORD = Text(
    en="`{key}` cannot be “{value}”: corosync refuses it or silently takes something else",
    fr="`{key}` ne peut pas valoir « {value} » : corosync refuse ou prend autre chose sans le dire",
)
WORD_FIX = Text(en="Use one of: {allowed}", fr="Utilisez l'une de ces valeurs : {allowed}")
EMPTY = Text(en="`{key}` has no value", fr="`{key}` n'a pas de valeur")
EMPTY_FIX = Text(en="Give `{key}` a value or remove the line", fr="Donnez une valeur à `{key}` ou supprimez la ligne")
TAIL_COMMENT = Text(
    en="corosync takes the comment for a part of the value of `{key}`",
    fr="corosync prend le commentaire pour une partie de la valeur de `{key}`",
)
TAIL_COMMENT_FIX = Text(
    en="Put the comment on a line of its own, beginning with #",
    fr="Mettez le commentaire sur sa propre ligne, commençant par #",
)
UNKNOWN_KEY = Text(
    en="corosync knows no key `{key}` here and ignores it without a word",
    fr="corosync ne connaît pas de clé `{key}` ici et l'ignore sans rien dire",
)
UNKNOWN_SECTION = Text(
    en="corosync knows no section “{name}” here", fr="corosync ne connaît pas ici de section « {name} »"
)
NEAREST = Text(en="Did you mean `{near}`?", fr="Vouliez-vous dire `{near}` ?")
REMOVE = Text(en="Remove it", fr="Supprimez-la")
OUTSIDE = Text(
    en="`{key}` stands outside every section, where nothing reads it",
    fr="`{key}` est hors de toute section, où rien ne la lit",
)
OUTSIDE_FIX = Text(en="Move `{key}` into its section", fr="Déplacez `{key}` dans sa section")
REPEATED = Text(
    en="`{key}` is set again in line {last}: only that one counts",
    fr="`{key}` est redéfinie ligne {last} : seule celle-là compte",
)
REPEATED_FIX = Text(en="Keep one of the two lines", fr="Gardez une seule des deux lignes")
LONG = Text(en="the line of `{key}` is too long for corosync", fr="la ligne de `{key}` est trop longue pour corosync")
LONG_FIX = Text(en="Shorten it to {most} bytes", fr="Raccourcissez-la à {most} octets")

RULES: tuple[Rule, ...] = (
    number,
    word,
    empty_value,
    comment_after_value,
    unknown_key,
    unknown_section,
    key_outside_section,
    repeated_key,
    long_line,
)
