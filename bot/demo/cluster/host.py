"""One simulated host at one moment, and what a topic says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.demo.cluster.blemishes import Blemishes
from bot.demo.cluster.certificates import Authorities, Authority
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation

Argv = tuple[str, ...]
Files = Mapping[str, Callable[[], str]]
"""By path, what it holds; a path that is not there is no file."""


@dataclass(frozen=True)
class Host:
    """*clock*: Unix time in seconds. *bot_key*: with which the bot logs in. *host_keys*: of all hosts, by name."""

    now: Situation
    node: str
    clock: float
    boot_id: str
    blemishes: Blemishes
    authorities: Authorities
    bot_key: str = ""
    host_keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def authority(self) -> Authority:
        """Whose certificates it has: its own, or its cluster's."""
        return self.authorities.of(self.now.pve_of(self.node).root)


@dataclass(frozen=True)
class Topic:
    """What belongs together on a node. *answer*: to a command, None for one that is another topic's.

    *files*: those it has, for `cat` and `head`. *guarded*: the commands that a guard may run beyond `cat`; it finds
    nothing else of the node.
    """

    answer: Callable[[Host, Argv], Said | None] = lambda _host, _argv: None
    files: Callable[[Host], Files] = lambda _host: {}
    guarded: Callable[[Host], Iterable[Argv]] = lambda _host: ()
