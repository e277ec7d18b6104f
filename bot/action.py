"""The contract: what an action declares, and the values that pass through it. No effects here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, Self, TypeAlias, TypeVar

from bot.names import NodeName, shortened
from bot.text import Refused, Text

A = TypeVar("A")
F = TypeVar("F")
T = TypeVar("T")
LOOK_TIMEOUT_S = 20
Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"


class Risk(StrEnum):
    """How much a verb can hurt; `policy.py` says which is which and what each level requires."""

    READ = "read"
    CHANGE = "change"
    DESTRUCTIVE = "destructive"


class Level(StrEnum):
    """How good the news is: decides the mark in front of a headline or a finding."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Output:
    """What one remote command answered. *sent_at_us*: Unix time in microseconds by the bot's clock.

    *key*: the public key with which the bot logged in there, as a line of authorized_keys has it, without its comment.
    """

    node: NodeName
    exit: int
    stdout: str
    stderr: str = ""
    truncated: bool = False
    sent_at_us: int = 0
    took_us: int = 0
    key: str = ""


@dataclass(frozen=True)
class Call:
    """One read to run on one node. *timeout_s* is in seconds and holds on the node too."""

    node: NodeName
    argv: tuple[str, ...]
    timeout_s: int = LOOK_TIMEOUT_S


class Unreachable(Refused):
    """A node did not answer: no connection, no login, an unknown host key, or too late."""


class Unreadable(ValueError):
    """A node answered something its parser does not understand; the message names the line, and is short."""

    def __init__(self, why: str) -> None:
        super().__init__(shortened(why, 300))


class Fact(Protocol):
    """Something a node can be asked: the command to run, and how its output is read.

    `parse` raises `Unreadable` for an output that it does not understand.
    """

    ARGV: ClassVar[tuple[str, ...]]

    @classmethod
    def parse(cls, output: Output) -> Self: ...


class ApiFact(Protocol):
    """Something a node's API can be asked, if a token is configured: the path, and how its JSON is read."""

    PATH: ClassVar[str]

    @classmethod
    def parse(cls, output: Output) -> Self: ...


@dataclass(frozen=True)
class EachNode(Generic[T]):
    """A fact asked of every node; *silent* are those that gave no usable answer, and why."""

    by_node: Mapping[NodeName, T]
    silent: Mapping[NodeName, Text]

    @property
    def any(self) -> T | None:
        """The answer of the first node that gave one."""
        return next(iter(self.by_node.values()), None)


class Beside(tuple[NodeName, ...]):
    """As a field of facts: the hosts that the configuration names beside the nodes of a cluster, none of them a node.

    They are asked nothing but what is further, and may have steps.
    """

    __slots__ = ()


Asked: TypeAlias = Mapping[str, Mapping[NodeName, tuple[str, ...]]]
"""What to ask when the other facts are known: commands by field and node."""
NOT_ASKED: EachNode[Any] = EachNode({}, {})
"""The default of a field that only `Verb.further` asks for."""


@dataclass(frozen=True)
class Finding:
    """One thing a check saw; a blocking one forbids the action. *fix* says what to do about it."""

    level: Level
    text: Text
    fix: Text | None = None
    blocks: bool = False


@dataclass(frozen=True)
class Step:
    """One remote command of a plan, run at most once. *timeout_s* is in seconds.

    *guard* is a shell script that runs on the node right before, in the same remote step: unless it exits with 0, the
    command never runs. *secret*: what the command reads from its standard input, by its name in the cluster's table of
    the configuration; in a plan, by the reference that stands there. *marker*: what it must have printed to have
    succeeded, for commands that exit with 0 when they fail.
    """

    on: NodeName
    title: Text
    argv: tuple[str, ...]
    guard: str = ""
    timeout_s: int = 60
    secret: str = ""
    marker: str = ""


@dataclass(frozen=True)
class Votes:
    """The quorum in numbers. *survives*: how many more voters may fail, whichever they are."""

    present: int
    expected: int
    needed: int
    quorate: bool
    survives: int


Cell: TypeAlias = str | Text


@dataclass(frozen=True)
class Table:
    """Rows of cells under column heads; every row is as long as *columns*."""

    columns: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: Text | None = None

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row is not as long as the columns")


@dataclass(frozen=True)
class Code:
    """Lines to show as they are, in a fixed-width font: a file, a log, a drawing."""

    title: Text
    lines: str | Text


@dataclass(frozen=True)
class Report:
    """What the person is told, in the order it is shown. *data* is the same for a program (`do --json`)."""

    level: Level
    headline: Text
    pairs: tuple[tuple[Text, Cell], ...] = ()
    findings: tuple[Finding, ...] = ()
    tables: tuple[Table, ...] = ()
    code: tuple[Code, ...] = ()
    next: tuple[Text, ...] = ()
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Change(Generic[A, F]):
    """What a verb that changes a cluster declares beside its report. Every function here is pure.

    *words*: what will be done, in one sentence. *check* returns all findings; a blocking one refuses the request.
    *rests_on*: the facts on which an approval rests, with `cluster` and `config_version` at least; when they are no
    longer the same, the request is superseded. *votes*: before and after. *confirm*: what an approver must type,
    "" for nothing. *statement*: a question that an approver must answer in words, None for none.
    After the last step the cluster is looked at until the report is good, for *settle_s* seconds at most. *left*: what
    is told when the step of that number (from 0) did not succeed, or was not begun after others were, on the facts before
    and now: what is left, what to do.
    For *watch_s* seconds after it ended the cluster is looked at now and then, also where it is not known to have
    succeeded; the first report of *watch* is told. *watch_further*: what is then asked in place of `Verb.further`, given
    what the approval rested on; None for nothing else.
    """

    words: Callable[[A, F], Text]
    check: Callable[[A, F], list[Finding]]
    plan: Callable[[A, F], tuple[Step, ...]]
    rests_on: Callable[[A, F], dict[str, Json]]
    undo: Callable[[A, F], Text]
    votes: Callable[[A, F], tuple[Votes | None, Votes | None]] = lambda _args, _facts: (None, None)
    confirm: Callable[[A, F], str] = lambda _args, _facts: ""
    statement: Callable[[A, F], Text | None] = lambda _args, _facts: None
    settle_s: int = 0
    left: Callable[[A, F, F, int], Report] | None = None
    watch_s: int = 0
    watch: Callable[[A, F], Report | None] = lambda _args, _facts: None
    watch_further: Callable[[A, F, Mapping[str, Json]], Asked] | None = None


@dataclass(frozen=True, kw_only=True)
class Verb(Generic[A, F]):
    """One thing the bot can do. Every function here is pure: values in, values out.

    The fields of *args* are the words after the verb, in order; its keyword-only fields are the `--options`
    (a `bool` one is a flag). The fields of *facts* are what is looked at: `EachNode[T]` of every node, a plain `T`
    of the first node that answers. *on* narrows both to some nodes; None means all. *change* is None for a read.
    *is_bare*: meant when the words after the action are no verb's name, as in `expected 3`.
    *further*: what can be asked only when those are known, by field and node; these fields are `EachNode[T]` with
    `NOT_ASKED` as their default, and T needs no ARGV.
    """

    name: str
    summary: Text
    args: type[A]
    facts: type[F]
    report: Callable[[A, F, F], Report]
    on: Callable[[A], tuple[NodeName, ...] | None] = lambda _args: None
    further: Callable[[A, F], Asked] = lambda _args, _facts: {}
    change: Change[A, F] | None = None
    is_bare: bool = False


AnyVerb: TypeAlias = Verb[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Action:
    """One word after /pve-cluster, and its verbs. The first verb is meant when none is typed.

    *help* is shown by `help NAME`: what the verbs are for, what really runs behind them, what to beware of.
    """

    name: str
    summary: Text
    verbs: tuple[AnyVerb, ...]
    help: Text | None = None


@dataclass(frozen=True)
class NoArgs:
    """For a verb that takes no words."""


@dataclass(frozen=True)
class NoFacts:
    """For a verb that looks at no node."""
