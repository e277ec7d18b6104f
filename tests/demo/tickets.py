"""Tickets on simulated nodes, without the way there."""

from __future__ import annotations

import time

from bot.action import Output
from bot.demo.cluster.simulated import SimulatedCluster
from bot.run import Outcome, Ticket, Trace, outcome
from bot.ssh import run_once


def start(cluster: SimulatedCluster, ticket: Ticket, cut_after: int | None = None) -> int:
    """Its exit code. *cut_after*: the connection breaks after so many bytes."""
    argv, stdin = run_once.start(ticket)
    left = [stdin[:cut_after]]

    def read(most: int) -> bytes:
        said, left[0] = left[0][:most], left[0][most:]
        return said

    return cluster.run(ticket.node, argv, read).exit


def trace(cluster: SimulatedCluster, ticket: Ticket) -> Trace:
    said = cluster.run(ticket.node, run_once.trace(ticket))
    return run_once.traced(Output(ticket.node, said.exit, said.stdout, said.stderr))


def ended(cluster: SimulatedCluster, ticket: Ticket) -> Trace:
    end = time.monotonic() + 10
    while (found := trace(cluster, ticket)).is_active:
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def ran(cluster: SimulatedCluster, ticket: Ticket) -> Outcome:
    boot_id = trace(cluster, ticket).boot_id
    assert start(cluster, ticket) == 0
    return outcome(ended(cluster, ticket), boot_id)
