"""A corosync.conf as pvecm writes it, as a value. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Member:
    """One node of the list. *addresses*: by link."""

    name: str
    id: int
    addresses: tuple[tuple[int, str], ...]
    votes: int = 1

    @property
    def links(self) -> tuple[int, ...]:
        return tuple(link for link, _ in self.addresses)

    def address(self, link: int) -> str | None:
        return dict(self.addresses).get(link)

    @property
    def first(self) -> str:
        """What corosync shows of it: the address on its first link."""
        return self.addresses[0][1]


@dataclass(frozen=True)
class Conf:
    """*members* by id. *key*: which /etc/corosync/authkey goes with it, for only those with the same one talk.

    *priorities*: of the links that have one. *qnetd*: address of the QDevice's host (one vote, algorithm ffsplit).
    *token_ms* None: none in the file, corosync's own holds. *text*: the file as somebody wrote it; "" as pvecm does.
    """

    name: str
    version: int
    members: tuple[Member, ...]
    key: str
    priorities: tuple[tuple[int, int], ...] = ()
    has_qdevice: bool = False
    qnetd: str = ""
    token_ms: int | None = None
    text: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(member.name for member in self.members)

    @property
    def links(self) -> tuple[int, ...]:
        return self.members[0].links if self.members else ()

    @property
    def expected(self) -> int:
        return sum(member.votes for member in self.members) + (1 if self.has_qdevice else 0)

    @property
    def free_id(self) -> int:
        """The lowest that nobody has."""
        taken = {member.id for member in self.members}
        return next(id_ for id_ in range(1, len(taken) + 2) if id_ not in taken)

    def member(self, name: str) -> Member:
        """Raise `KeyError` if there is none of that name."""
        return {member.name: member for member in self.members}[name]

    def with_member(self, member: Member) -> Conf:
        """Its next version; one of the same name is replaced."""
        others = [one for one in self.members if one.name != member.name]
        return self._next(sorted([*others, member], key=lambda one: one.id))

    def without(self, name: str) -> Conf:
        """Its next version."""
        return self._next([one for one in self.members if one.name != name])

    def owners(self) -> Iterator[tuple[str, int, str]]:
        """Address, link and node of all that is in the list."""
        for member in self.members:
            yield from ((address, link, member.name) for link, address in member.addresses)

    def _next(self, members: list[Member]) -> Conf:
        return replace(self, version=self.version + 1, members=tuple(members), text="")
