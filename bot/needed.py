"""Every question that the actions put to the nodes, and which of them put it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from bot.action import Action, EachNode, Fact, Output, Unreadable


@dataclass(frozen=True)
class Needed:
    """One command that a login must be able to run. *facts*: all that is read from its answer."""

    argv: tuple[str, ...]
    facts: tuple[type[Fact], ...]
    actions: tuple[str, ...]

    def unread(self, output: Output) -> str | None:
        """Why no fact can be read from *output*; None if one can: what another misses may not be there to read."""
        why = ""
        for fact in self.facts:
            try:
                fact.parse(output)
            except Unreadable as error:
                why = str(error)
            else:
                return None
        return why


def needed(actions: Mapping[str, Action]) -> tuple[Needed, ...]:
    """Each command once, in the order in which the actions name it."""
    asked: dict[tuple[str, ...], list[tuple[type[Fact], str]]] = {}
    for name, fact in _facts(actions):
        asked.setdefault(tuple(fact.ARGV), []).append((fact, name))
    return tuple(Needed(argv, *_each_once(pairs)) for argv, pairs in asked.items())


def _facts(actions: Mapping[str, Action]) -> Iterator[tuple[str, type[Fact]]]:
    for name, action in actions.items():
        for verb in action.verbs:
            for kind in get_type_hints(verb.facts).values():
                fact = get_args(kind)[0] if get_origin(kind) is EachNode else kind
                if hasattr(fact, "ARGV"):  # the others are asked of the API, or only when more is known
                    yield name, fact


def _each_once(pairs: list[tuple[Any, str]]) -> tuple[tuple[type[Fact], ...], tuple[str, ...]]:
    return tuple(dict.fromkeys(fact for fact, _ in pairs)), tuple(dict.fromkeys(name for _, name in pairs))
