"""Planning `remove` of one of 16 nodes on kept connections, against a bare paramiko that asks the others the same."""

from __future__ import annotations

import shlex
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import paramiko

from benchmarks.figure import Figure
from benchmarks.status import ALICE, config_of
from bot import wiring
from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.cluster.situation import Layout, Power, Situation
from bot.demo.nodes import KEY, SimulatedNodes
from bot.workflow import Answer

ROUNDS, COUNT = 5, 16
NODES = tuple(f"pve{number:02d}" for number in range(1, COUNT + 1))
GONE = NODES[-1]
LINE = f"remove {GONE} --dry-run"


def run() -> list[Figure]:
    """The node is off; the others are simulated in this one process, so that all of their work counts here, too."""
    layout = Layout(nodes=NODES, has_qdevice=False, empty=frozenset({GONE}))
    situation = Situation(layout).with_power(GONE, Power.OFF)
    with tempfile.TemporaryDirectory() as name:
        nodes = SimulatedNodes.start(Path(name), SimulatedCluster(situation))
        try:
            return _figures(nodes, Path(name))
        finally:
            nodes.close()


def _figures(nodes: SimulatedNodes, folder: Path) -> list[Figure]:
    config = config_of(nodes, folder)
    with wiring.clusters(config) as clusters:
        flow = wiring.workflow(config, clusters)
        first = flow.answer(LINE, ALICE)
        if first.blocked or first.report is None:
            raise ValueError(f"not planned: {first}")
        ours = _median(lambda: flow.answer(LINE, ALICE))
    bare = _bare(nodes, folder, first)
    note = f"{len(first.outputs)} questions to {COUNT} nodes; bare paramiko, one after the other, {bare:.2f} s"
    return [
        Figure(f"remove: planned on {COUNT} nodes, warm", ours, "s", 2.0, note),
        Figure(f"remove: planned on {COUNT} nodes, against bare paramiko", ours / bare, "x", 1.5),
    ]


def _bare(nodes: SimulatedNodes, folder: Path, first: Answer) -> float:
    """The same commands on the same nodes, as a script would run them over connections that stand."""
    asked = [(seen.node, shlex.join(seen.argv)) for seen in first.outputs if seen.node != GONE]
    with ExitStack() as stack:
        clients = {name: stack.enter_context(paramiko.SSHClient()) for name in NODES if name != GONE}
        for name, client in clients.items():
            client.load_host_keys(str(folder / "known_hosts"))
            client.connect(
                "127.0.0.1",
                nodes.endpoints[name].port,
                "root",
                key_filename=str(folder / KEY),
                allow_agent=False,
                look_for_keys=False,
            )
        return _median(lambda: [clients[node].exec_command(line)[1].read() for node, line in asked])


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return median(times)
