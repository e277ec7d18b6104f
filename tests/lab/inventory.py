"""What a lab says of itself to a program."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from tests.lab.kernel import children
from tests.lab.lab import Lab
from tests.lab.plan import CLUSTER, PASSWORD, Node


def inventory(lab: Lab) -> dict[str, Any]:
    return {
        "key": str(lab.key),
        "known_hosts": str(lab.known_hosts_file()),
        "user": "root",
        "password": PASSWORD,
        "cluster": CLUSTER,
        "network_namespace": lab.network,
        "nodes": [_node(lab, node) for node in lab.nodes.values()],
    }


def _node(lab: Lab, node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "address": node.address(),
        "port": 22,
        "links": [node.address(f"link{number}") for number in range(node.links)],
        "nodeid": node.id or None,
        "qnetd": node.is_qnetd,
        "up": lab.is_up(node.name),
    }


def memory(lab: Lab) -> int:
    """Bytes of private and shared memory (PSS) of all processes, and the nodes' disks."""
    todo, total = [lab.hub()], 0
    while todo:
        pid = todo.pop()
        todo += children(pid)
        total += _pss(pid)
    disks = os.statvfs(f"/proc/{lab.hub()}/root{lab.dir}/fs")
    return total + (disks.f_blocks - disks.f_bfree) * disks.f_frsize


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
