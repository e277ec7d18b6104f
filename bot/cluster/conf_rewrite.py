"""One change of a cluster's corosync.conf, whatever it changes: what it rests on, what forbids it, and the step that makes it.

`Facts` is what every such action looks at; a class of its own may add to it. The candidate is tried by corosync itself on every
node while people look at the plan, so a broken one is stopped before any node has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.action import NOT_ASKED, EachNode, Finding, Json, Level, Step
from bot.cluster import guard
from bot.cluster.candidate import Candidate
from bot.cluster.cmap import LoadedTotem, RunningConfig
from bot.cluster.conf_change import LOCK, NEW, ConfChange
from bot.cluster.conf_copies import Copies
from bot.cluster.conf_copies import findings as copy_findings
from bot.cluster.conf_files import LocalConf, SharedConf
from bot.cluster.conf_swap import IN_FORCE, TIMEOUT_S, swap
from bot.cluster.corosync_conf import CorosyncConf, digest
from bot.cluster.corosync_document import parse, render, with_version_bumped
from bot.cluster.corosync_lint import lint
from bot.cluster.corosync_package import CorosyncPackage
from bot.cluster.ha import Ha
from bot.cluster.members import Members
from bot.cluster.quorum import Quorum, View
from bot.cluster.rewrite_refusals import (
    CHANGING,
    COPIES_DIFFER,
    FLAWED,
    MIXED_COROSYNC,
    NO_CLUSTER,
    NO_QUORUM,
    NOT_ALL_THERE,
    NOT_CONFIGURED,
    NOT_TRIED,
    NOTHING_CHANGES,
    OTHER_LOADED,
    REJECTED,
    SILENT,
)
from bot.cluster.views import Views
from bot.names import NodeName
from bot.text import Text


@dataclass(frozen=True)
class Facts:
    quorum: EachNode[Quorum]
    members: EachNode[Members]
    conf: EachNode[CorosyncConf]
    shared: EachNode[SharedConf]
    local: EachNode[LocalConf]
    loaded: EachNode[LoadedTotem]
    running: EachNode[RunningConfig]
    change: EachNode[ConfChange]
    corosync: EachNode[CorosyncPackage]
    ha: EachNode[Ha]
    candidate: EachNode[Candidate] = NOT_ASKED

    @property
    def views(self) -> Views:
        return Views(self.quorum, self.members, self.conf)

    @property
    def copies(self) -> Copies:
        return Copies(self.shared, self.local)

    @property
    def text(self) -> str:
        """The file that most nodes have; "" if nobody has one."""
        return next(iter(self.copies.texts.values()), "")


@dataclass(frozen=True)
class Rewrite:
    """*new*: the whole candidate, its config_version raised. *links*: every peer must be connected on these afterwards."""

    facts: Facts
    new: str
    links: Sequence[int] = ()

    @property
    def old(self) -> str:
        return self.facts.text

    @cached_property
    def conf(self) -> CorosyncConf:
        """`findings` refuses where there is none."""
        return CorosyncConf.of(parse(self.old))

    @cached_property
    def candidate(self) -> CorosyncConf:
        return CorosyncConf.of(parse(self.new))

    @property
    def is_the_same(self) -> bool:
        """Whether nothing but the version would be another."""
        return render(with_version_bumped(parse(self.old))) == self.new

    @property
    def ring(self) -> dict[NodeName, View]:
        """The views of the ring that counts, of its nodes that answer."""
        best = self.facts.views.best
        seen = self.facts.views.seen.items()
        return {node: view for node, view in seen if view.node_id in best.member_ids} if best else {}

    @property
    def executor(self) -> NodeName:
        """The node with the lowest id that answers."""
        return min(self.ring, key=lambda node: self.ring[node].node_id)

    def further(self) -> Mapping[str, Mapping[NodeName, tuple[str, ...]]]:
        """Try the candidate on every node."""
        return {"candidate": dict.fromkeys(self.ring, Candidate.argv(self.new))} if self.old and self.new else {}

    def step(self, title: Text) -> Step:
        view = self.ring[self.executor]
        back = render(with_version_bumped(with_version_bumped(parse(self.old))))
        argv = swap(self.old, self.new, back, self.candidate.version, len(view.members), self.links)
        lines = (guard.host(self.executor), *guard.conf(self.conf.name, self.conf.version), *guard.ring(view))
        return Step(self.executor, title, argv, guard.guard(*lines), timeout_s=TIMEOUT_S, marker=IN_FORCE)

    def rests_on(self) -> dict[str, Json]:
        view = self.ring[self.executor]
        return {
            "cluster": self.conf.name,
            "config_version": self.conf.version,
            "digest": digest(self.old),
            "ring": [*sorted(view.member_ids)],
            "votes": view.total,
            "expected": view.expected,
            "quorate": view.quorate,
        }

    def findings(self) -> list[Finding]:
        """All of them: what forbids it, then what people must know."""
        if not self.old or not self.ring:
            return [_no(NO_CLUSTER)]
        return [*self._standing(), *self._file(), *self._consequences()]

    def _standing(self) -> Iterator[Finding]:
        yield from self._members()
        yield from (
            _no(COPIES_DIFFER.fill(finding=found.text), found.fix) for found in copy_findings(self.facts.copies)
        )
        for node, loaded in self.facts.loaded.by_node.items():
            if loaded.version is not None and loaded.version != self.conf.version:
                yield _no(OTHER_LOADED.fill(node=node, loaded=loaded.version, version=self.conf.version))
        for node, change in self.facts.change.by_node.items():
            if change.locked or change.prepared:
                yield _no(CHANGING.fill(node=node, what=LOCK if change.locked else NEW), WAIT)
        versions = {found.version for found in self.facts.corosync.by_node.values()}
        if len(versions) > 1:
            yield _no(MIXED_COROSYNC.fill(versions=", ".join(sorted(versions))), UPGRADE)

    def _members(self) -> Iterator[Finding]:
        """Every node takes the file, so every node must be there, and be known."""
        quorum, view = self.facts.quorum, self.ring[self.executor]
        for node in self.conf.nodes:
            if node in quorum.silent:
                yield _no(SILENT.fill(node=node, why=quorum.silent[node]))
            elif node not in quorum.by_node:
                yield _no(NOT_CONFIGURED.fill(node=node))
        away = [node for node, listed in self.conf.nodes.items() if listed.id not in view.member_ids]
        if away:
            yield _no(NOT_ALL_THERE.fill(nodes=", ".join(away)))
        if not view.quorate:
            yield _no(NO_QUORUM)

    def _file(self) -> Iterator[Finding]:
        if self.is_the_same:
            yield _no(NOTHING_CHANGES)
            return
        yield from self._flaws()
        tried = self.facts.candidate
        yield from (_no(REJECTED.fill(node=node, why=one.why)) for node, one in tried.by_node.items() if one.why)
        yield from (_no(NOT_TRIED.fill(node=node, why=why)) for node, why in tried.silent.items())

    def _flaws(self) -> Iterator[Finding]:
        """Those that the file does not have already."""
        known = {(flaw.rule, flaw.what.to("en")) for flaw in lint(self.old)}
        for flaw in (flaw for flaw in lint(self.new) if (flaw.rule, flaw.what.to("en")) not in known):
            if flaw.level is Level.BAD:
                yield _no(FLAWED.fill(rule=flaw.rule, what=flaw.what), flaw.fix)
            else:
                yield Finding(flaw.level, flaw.what, flaw.fix)

    def _consequences(self) -> Iterator[Finding]:
        armed = sorted({node for ha in self.facts.ha.by_node.values() for node in ha.armed})
        if armed:
            yield Finding(Level.WARNING, ARMED.fill(seconds=Ha.WATCHDOG_S, nodes=", ".join(armed)))


def _no(text: Text, fix: Text | None = None) -> Finding:
    return Finding(Level.BAD, text, fix, blocks=True)


WAIT = Text(
    en="Wait for it to end; what a killed one left is given up after two minutes",
    fr="Attendez qu'elle finisse ; ce qu'une commande tuée a laissé est abandonné après deux minutes",
)
UPGRADE = Text(en="Bring all nodes to the same version first", fr="Mettez d'abord tous les nœuds à la même version")
ARMED = Text(
    en="HA is armed: if this goes wrong, {nodes} reset themselves {seconds} s after the quorum is lost",
    fr="La HA est armée : si cela tourne mal, {nodes} se réinitialisent {seconds} s après la perte du quorum",
)
