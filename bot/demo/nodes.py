"""The simulated cluster as it stands on this machine: every node on its port, and switches to break it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import paramiko

from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.cluster.situation import QNETD, Power
from bot.demo.sshd import Endpoint, Run, key_of, known_hosts, new_private_key

KEY, KNOWN_HOSTS, HOST_KEYS, PORTS = "id_ed25519", "known_hosts", "host_keys.json", "node_ports.json"


@dataclass(frozen=True)
class SimulatedNodes:
    """*folder* keeps the bot's key and the nodes' host keys and ports, so that a later demo is the same cluster."""

    cluster: SimulatedCluster
    endpoints: Mapping[str, Endpoint]

    @classmethod
    def start(cls, folder: Path, cluster: SimulatedCluster) -> Self:
        """Write the key and known_hosts into *folder*; nodes that are off refuse connections from the start."""
        client_key = key_of(_kept_key(folder / KEY))
        cluster.bot_key = f"{client_key.get_name()} {client_key.get_base64()}"
        nodes = cluster.situation.layout.nodes
        keys = {node: key_of(text) for node, text in _host_keys(folder / HOST_KEYS, nodes).items()}
        ports = _kept_ports(folder / PORTS)
        endpoints = {n: _endpoint(partial(cluster.run, n), keys[n], client_key, ports.get(n, 0)) for n in nodes}
        (folder / PORTS).write_text(json.dumps({node: endpoint.port for node, endpoint in endpoints.items()}))
        (folder / KNOWN_HOSTS).write_text(known_hosts((endpoints[node], keys[node]) for node in nodes))
        for node, endpoint in endpoints.items():
            endpoint.power(cluster.situation.power_of(node))
        return cls(cluster, endpoints)

    def close(self) -> None:
        for endpoint in self.endpoints.values():
            endpoint.close()
        self.cluster.close()

    def power(self, host: str, power: str) -> None:
        """Raise `ValueError` if there is no such host or power."""
        self.cluster.power(host, power)
        if host != QNETD:
            self.endpoints[host].power(Power(power))

    def link(self, node: str, number: int, up: bool) -> None:  # noqa: FBT001 - as the local Slack calls it
        self.cluster.link(node, number, up)

    def service(self, node: str, name: str, *, runs: bool) -> None:
        """Raise `ValueError` if there is no such node or service."""
        self.cluster.service(node, name, runs=runs)

    def state(self) -> dict[str, object]:
        """For the page: each host with its power and links."""
        now = self.cluster.situation
        links = {node: {str(n): (node, n) not in now.cut for n in range(now.layout.links)} for node in now.layout.nodes}
        hosts = [{"name": h, "power": now.power_of(h).value, "links": links.get(h, {})} for h in self.cluster.hosts]
        return {"nodes": hosts}


def _endpoint(run: Run, host_key: paramiko.PKey, client_key: paramiko.PKey, port: int) -> Endpoint:
    """On *port* if it is free, for an approved plan names it."""
    try:
        return Endpoint(run, host_key, client_key, port)
    except OSError:
        return Endpoint(run, host_key, client_key)


def _kept_ports(path: Path) -> dict[str, int]:
    kept: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    return kept


def _kept_key(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(new_private_key())
    return path.read_text()


def _host_keys(path: Path, nodes: tuple[str, ...]) -> dict[str, str]:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(json.dumps({node: new_private_key() for node in nodes}))
    kept: dict[str, str] = json.loads(path.read_text())
    return kept
