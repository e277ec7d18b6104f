"""The nodes under a bot that is killed: they outlive it, and tell what was sent to them and what ran there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.cluster.situation import QNETD, Layout, Power, Service, Situation
from bot.demo.nodes import SimulatedNodes
from tests.chaos.counting import Counting

LEFT, HELD = "pve01", "pve02"


@dataclass(frozen=True)
class Ground:
    """LEFT has lost its quorum; HELD is on, its corosync is not: it must be held while the number is set.

    *cluster*: its own name. *ports*: of the nodes' SSH servers on the loopback. *sent*: the tickets of a request that
    were to be started, each time. *ran*: those that ran well, and where.
    """

    cluster: str
    ports: Mapping[str, int]
    sent: Callable[[str], list[str]]
    ran: Callable[[str], dict[str, str]]


@contextmanager
def simulated(folder: Path) -> Iterator[Ground]:
    cluster = Counting(_minority(), folder / "nodes.json")
    with closing(SimulatedNodes.start(folder, cluster)) as nodes:
        ports = {node: one.port for node, one in nodes.endpoints.items()}
        yield Ground(cluster.situation.layout.cluster, ports, cluster.sent, cluster.ran)


def _minority() -> Situation:
    now = Situation(Layout()).with_service(HELD, Service.COROSYNC, runs=False)
    for host in {*now.layout.nodes, QNETD} - {LEFT, HELD}:
        now = now.with_power(host, Power.OFF)
    return now
