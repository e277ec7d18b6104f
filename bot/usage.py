"""How a verb is typed: its words in order and its options, read off the fields of its arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, dataclass, fields
from itertools import groupby
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from bot.action import Action, AnyVerb


@dataclass(frozen=True)
class Word:
    """One argument of a verb. *kind* makes its value of a typed word, or raises `Refused`.

    *takes_rest*: it is made of all words that are left, each by *kind*.
    """

    name: str
    kind: Any
    optional: bool
    takes_rest: bool = False

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def shown(self) -> str:
        """In a usage: what its kind calls itself (`SHOWN`), as in KEY=VALUE, else the name."""
        return str(getattr(self.kind, "SHOWN", self.name.upper()))

    @property
    def is_flag(self) -> bool:
        return self.kind is bool


def positionals(verb: AnyVerb) -> tuple[Word, ...]:
    return tuple(_word(verb, field) for field in fields(verb.args) if not field.kw_only)


def options(verb: AnyVerb) -> tuple[Word, ...]:
    return tuple(_word(verb, field) for field in fields(verb.args) if field.kw_only)


def usage(action: Action, verb: AnyVerb) -> str:
    """What to type after /pve-cluster; what is in brackets may be left out."""
    named = [action.name, *_verb_words(action, verb)]
    words = [_place(word) for word in positionals(verb)]
    return " ".join([*named, *words, *_option_usage((*options(verb), *common(verb)))])


def _place(word: Word) -> str:
    shown = word.shown + "…" * word.takes_rest
    return f"[{shown}]" if word.optional else shown


def common(verb: AnyVerb) -> tuple[Word, ...]:
    """The options that every change has: why, for which ticket, or only to see what would be asked."""
    return COMMON if verb.change is not None else ()


def _verb_words(action: Action, verb: AnyVerb) -> list[str]:
    if verb.name == action.name or verb.is_bare:
        return []
    return [f"[{verb.name}]" if verb is action.verbs[0] and all(w.optional for w in positionals(verb)) else verb.name]


def _option_usage(words: Iterable[Word]) -> Iterator[str]:
    """Of numbered ones, as `--link0` to `--link7`, only the first and the last."""
    for _, run in groupby(words, key=lambda word: word.name.rstrip("0123456789")):
        first, *others = map(_option_words, run)
        yield from (first, *others) if len(others) < 2 else (first, "…", others[-1])


def _option_words(word: Word) -> str:
    typed = word.option if word.is_flag else f"{word.option} {word.name.upper()}"
    return f"[{typed}]" if word.optional else typed


COMMON = (Word("reason", str, True), Word("ticket", str, True), Word("dry_run", bool, True))


def _word(verb: AnyVerb, field: Field[Any]) -> Word:
    optional = field.default is not MISSING or field.default_factory is not MISSING
    hint = get_type_hints(verb.args)[field.name]
    if get_origin(hint) is tuple:
        return Word(field.name, get_args(hint)[0], optional, takes_rest=True)
    return Word(field.name, _kind(hint), optional)


def _kind(hint: Any) -> Any:
    """`X` of `X | None`."""
    if get_origin(hint) in {Union, UnionType}:
        return next(kind for kind in get_args(hint) if kind is not type(None))
    return hint
