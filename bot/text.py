"""Words for people: every sentence exists in English and in French."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Literal

Language = Literal["en", "fr"]
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Text:
    """One sentence in both languages; its {names} are filled in later, by the edge that shows it."""

    en: str
    fr: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if _names(self.en) != _names(self.fr):
            raise ValueError(f"the two languages do not name the same values: {self.en!r}")

    def fill(self, **values: object) -> Text:
        """A value may be a `Text` itself: it is shown in the same language as the sentence."""
        return replace(self, values={**self.values, **values})

    def to(self, language: Language, escape: Callable[[str], str] = str) -> str:
        """Return the sentence, each value passed through *escape* (the edge's own quoting)."""
        template = self.fr if language == "fr" else self.en
        return template.format(**{name: _shown(value, language, escape) for name, value in self.values.items()})


class Refused(Exception):
    """A reason to stop that the person should read; any other exception is a bug."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.to("en"))
        self.text = text


def same(words: str) -> Text:
    """A text that reads alike in both languages: a name, a number, a command."""
    return Text("{words}", "{words}", {"words": words})


def literal(en: str, fr: str) -> Text:
    """A text that is already filled in: what it says is shown as it is, braces too."""
    return Text(_whole(en), _whole(fr))


def _whole(words: str) -> str:
    return words.replace("{", "{{").replace("}", "}}")


def counted(n: int, *, en: tuple[str, str], fr: tuple[str, str]) -> Text:
    """`1 vote`, `2 votes`: each language's own singular and plural, the number before it."""
    return Text("{n} " + en[n != 1], "{n} " + fr[n > 1], {"n": n})


def clean(words: str) -> str:
    """What is no character, as a byte of a node's file that is not UTF-8, becomes the replacement character."""
    return _LONE_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", words)


def _shown(value: object, language: Language, escape: Callable[[str], str]) -> str:
    return value.to(language, escape) if isinstance(value, Text) else escape(clean(str(value)))


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}
