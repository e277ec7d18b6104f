"""`status` on kept connections, against a bare paramiko that runs the same commands on one node."""

from __future__ import annotations

import shlex
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import paramiko

from benchmarks.figure import Figure
from bot import wiring
from bot.actions import status
from bot.config import Config, parse
from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.cluster.situation import Layout, Situation
from bot.demo.nodes import KEY, SimulatedNodes
from bot.people import Account, Standing, Who
from bot.workflow import Answer

ROUNDS = 30
ALICE = Who(Account("T1", "U1"), "alice", "alice", Standing.MEMBER, "en")


def run() -> list[Figure]:
    """All nodes are on: a node that is off costs its refusal, which bare paramiko is not asked for."""
    with tempfile.TemporaryDirectory() as name:
        nodes = SimulatedNodes.start(Path(name), SimulatedCluster(Situation(Layout())))
        try:
            return [_compared(nodes, Path(name))]
        finally:
            nodes.close()


def _compared(nodes: SimulatedNodes, folder: Path) -> Figure:
    with wiring.clusters(config_of(nodes, folder)) as clusters:
        flow = wiring.workflow(config_of(nodes, folder), clusters)
        first = flow.answer("status", ALICE)
        ours = _median(lambda: flow.answer("status", ALICE))
    bare = max(_bare(endpoint.port, folder, first) for endpoint in nodes.endpoints.values())
    note = f"{ours * 1000:.1f} ms for {len(nodes.endpoints)} nodes, bare {bare * 1000:.1f} ms for one"
    return Figure(f"{status.ACTION.name}: warm, against the slowest node's bare paramiko", ours / bare, "x", 1.5, note)


def _bare(port: int, folder: Path, first: Answer) -> float:
    """The same commands, one after the other, as a script would run them."""
    lines = sorted({shlex.join(seen.argv) for seen in first.outputs})
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(folder / "known_hosts"))
        client.connect(
            "127.0.0.1", port, "root", key_filename=str(folder / KEY), allow_agent=False, look_for_keys=False
        )
        return _median(lambda: [client.exec_command(line)[1].read() for line in lines])


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return median(times)


def config_of(nodes: SimulatedNodes, folder: Path) -> Config:
    listed = [{"name": node, "host": "127.0.0.1", "port": one.port} for node, one in nodes.endpoints.items()]
    slack = {"bot_token": "env:NONE", "app_token": "env:NONE"}
    return parse({"slack": slack, "clusters": {"pve-prod": {"nodes": listed}}}, folder)
