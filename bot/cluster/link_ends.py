"""Each link between each two nodes, put together from what both ends see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.action import EachNode
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.corosync_log import CorosyncLog
from bot.cluster.link_stats import LinkStat, LinkStats
from bot.names import NodeName

SLOW_US = 5000  # pvecm.adoc: below 5 ms between all nodes; above 10 ms it hardly works with more than three
TOO_SLOW_US = 10_000
_FIRST_DOWN = 1  # seen: a link counts one "down" before it first comes up


@dataclass(frozen=True)
class Facts:
    conf: EachNode[CorosyncConf]
    stats: EachNode[LinkStats]
    log: EachNode[CorosyncLog]


@dataclass(frozen=True)
class Pair:
    """One link between two nodes; an end that could not be asked is None. *turned_us*: when it last came up or went down."""

    link: int
    a: NodeName
    b: NodeName
    from_a: LinkStat | None
    from_b: LinkStat | None
    turned_us: int | None

    @property
    def ends(self) -> tuple[LinkStat, ...]:
        return tuple(end for end in (self.from_a, self.from_b) if end)

    @property
    def connected(self) -> bool | None:
        """Whether every end that answered says so; None if none answered."""
        return all(end.connected for end in self.ends) if self.ends else None

    @property
    def one_sided(self) -> bool:
        return len({end.connected for end in self.ends}) > 1

    @property
    def latency_us(self) -> int | None:
        """The worse average of the two ends; None if never measured, or not connected: a dead link keeps the one it had."""
        return max((end.latency_us for end in self._measured), default=None)

    @property
    def latency_max_us(self) -> int | None:
        return max((end.latency_max_us for end in self._measured), default=None)

    @property
    def _measured(self) -> tuple[LinkStat, ...]:
        return tuple(end for end in self.ends if end.connected and end.samples)

    @property
    def mtu(self) -> int | None:
        """The smaller one; None unless connected, for a dead link keeps the mtu it had."""
        return min((end.mtu for end in self.ends if end.connected), default=None)

    @property
    def downs(self) -> int:
        """How often it went down since corosync started, by the end that saw it more often."""
        return max((max(0, end.down_count - _FIRST_DOWN) for end in self.ends), default=0)

    @property
    def errors(self) -> int:
        return sum(end.tx_errors for end in self.ends)


def pairs(facts: Facts, conf: CorosyncConf) -> tuple[Pair, ...]:
    """Every link of every two nodes of *conf*, whether or not anybody could be asked about it."""
    names = sorted(conf.nodes)
    return tuple(
        Pair(
            link, a, b, _stat(facts, conf, a, b, link), _stat(facts, conf, b, a, link), _turned(facts, conf, a, b, link)
        )
        for link in conf.links
        for index, a in enumerate(names)
        for b in names[index + 1 :]
    )


def unreached(found: tuple[Pair, ...], facts: Facts) -> tuple[NodeName, ...]:
    """The nodes that no other one reaches over any link. If all who answered are apart, none of them is the one to blame."""
    names = sorted({name for pair in found for name in (pair.a, pair.b)})
    lost = [name for name in names if _is_lost([pair for pair in found if name in (pair.a, pair.b)])]
    running = [name for name in names if _runs(facts, name)]
    apart = set(running) <= set(lost)
    return tuple(name for name in lost if name not in running or not apart)


def stopped(facts: Facts) -> tuple[NodeName, ...]:
    return tuple(node for node, stats in facts.stats.by_node.items() if stats.links is None)


def usual_mtu(found: tuple[Pair, ...]) -> Mapping[int, int]:
    """The mtu that most pairs of each link have; of equals the greater."""
    by_link: dict[int, list[int]] = {}
    for pair in found:
        if pair.mtu is not None:
            by_link.setdefault(pair.link, []).append(pair.mtu)
    return {link: max(set(mtus), key=lambda mtu: (mtus.count(mtu), mtu)) for link, mtus in by_link.items()}


def _is_lost(pairs: list[Pair]) -> bool:
    seen = {pair.connected for pair in pairs}
    return False in seen and True not in seen and not any(pair.one_sided for pair in pairs)


def _runs(facts: Facts, node: NodeName) -> bool:
    stats = facts.stats.by_node.get(node)
    return stats is not None and stats.links is not None


def _stat(facts: Facts, conf: CorosyncConf, on: NodeName, peer: NodeName, link: int) -> LinkStat | None:
    stats = facts.stats.by_node.get(on)
    return None if stats is None or stats.links is None else stats.links.get((conf.nodes[peer].id, link))


def _turned(facts: Facts, conf: CorosyncConf, a: NodeName, b: NodeName, link: int) -> int | None:
    times = [*_turns(facts, a, conf.nodes[b].id, link), *_turns(facts, b, conf.nodes[a].id, link)]
    return max(times, default=None)


def _turns(facts: Facts, on: NodeName, peer_id: int, link: int) -> list[int]:
    """When the log of *on* says that its link to the peer came up or went down."""
    log = facts.log.by_node.get(on)
    return [turn.at_us for turn in log.link_turns if (turn.peer_id, turn.link) == (peer_id, link)] if log else []
