"""A change as the module beside its action declares it: what every one of them has goes by the same name there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from bot.action import Change, Finding, Json, Step, Votes
from bot.text import Text

A = TypeVar("A")
F = TypeVar("F")
A_contra = TypeVar("A_contra", contravariant=True)
F_contra = TypeVar("F_contra", contravariant=True)


class Planned(Protocol[A_contra, F_contra]):
    """The functions of such a module; `Change` says what each is for."""

    def words(self, args: A_contra, facts: F_contra, /) -> Text: ...
    def plan(self, args: A_contra, facts: F_contra, /) -> tuple[Step, ...]: ...
    def rests_on(self, args: A_contra, facts: F_contra, /) -> dict[str, Json]: ...
    def undo(self, args: A_contra, facts: F_contra, /) -> Text: ...
    def votes(self, args: A_contra, facts: F_contra, /) -> tuple[Votes | None, Votes | None]: ...


def planned(by: Planned[A, F], check: Callable[[A, F], list[Finding]]) -> Change[A, F]:
    """What else it has is put in with `replace`."""
    return Change(words=by.words, check=check, plan=by.plan, rests_on=by.rests_on, undo=by.undo, votes=by.votes)
