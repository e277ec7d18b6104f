"""The simulated clusters as they stand on this machine: every node on its port, and switches to break it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import paramiko

from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.cluster.situation import QNETD, Power
from bot.demo.sshd import Endpoint, Run, key_of, known_hosts, line_of, new_private_key

KEY, KNOWN_HOSTS, HOST_KEYS, PORTS = "id_ed25519", "known_hosts", "host_keys.json", "node_ports.json"


@dataclass(frozen=True)
class SimulatedNodes:
    """*folder* keeps the bot's key and the nodes' host keys and ports, so that a later demo has the same ones.

    No two of *clusters* have a host of the same name.
    """

    clusters: tuple[SimulatedCluster, ...]
    endpoints: Mapping[str, Endpoint]

    @classmethod
    def start(cls, folder: Path, *clusters: SimulatedCluster) -> Self:
        """Write the key and known_hosts into *folder*; nodes that are off refuse connections from the start."""
        client_key = key_of(_kept_key(folder / KEY))
        owners = {node: cluster for cluster in clusters for node in cluster.situation.layout.nodes}
        keys = {node: key_of(text) for node, text in _host_keys(folder / HOST_KEYS, owners).items()}
        ports = _kept_ports(folder / PORTS)
        endpoints = {n: _endpoint(partial(c.run, n), keys[n], client_key, ports.get(n, 0)) for n, c in owners.items()}
        (folder / PORTS).write_text(json.dumps({node: endpoint.port for node, endpoint in endpoints.items()}))
        (folder / KNOWN_HOSTS).write_text(known_hosts((endpoints[node], keys[node]) for node in owners))
        for cluster in clusters:
            cluster.bot_key, cluster.host_keys = line_of(client_key), {node: line_of(keys[node]) for node in owners}
        for node, endpoint in endpoints.items():
            endpoint.power(owners[node].situation.power_of(node))
        return cls(clusters, endpoints)

    def close(self) -> None:
        for endpoint in self.endpoints.values():
            endpoint.close()
        for cluster in self.clusters:
            cluster.close()

    def power(self, host: str, power: str) -> None:
        """Raise `ValueError` if there is no such host or power."""
        self._of(host).power(host, power)
        if host != QNETD:
            self.endpoints[host].power(Power(power))

    def link(self, node: str, number: int, up: bool) -> None:  # noqa: FBT001 - as the local Slack calls it
        """Raise `ValueError` if there is no such link."""
        self._of(node).link(node, number, up)

    def service(self, node: str, name: str, *, runs: bool) -> None:
        """Raise `ValueError` if there is no such node or service."""
        self._of(node).service(node, name, runs=runs)

    def state(self) -> dict[str, object]:
        """For the page: each host with its power and links, and the cluster of the configuration that it is listed in."""
        return {"nodes": [host for cluster in self.clusters for host in _shown(cluster)]}

    def _of(self, host: str) -> SimulatedCluster:
        found = next((cluster for cluster in self.clusters if host in cluster.hosts), None)
        if found is None:
            raise ValueError(f"no host {host!r}")
        return found


def _shown(cluster: SimulatedCluster) -> Iterator[dict[str, object]]:
    now = cluster.situation
    for host in cluster.hosts:
        cables = range(now.layout.links if host in now.layout.nodes else 0)
        links = {str(n): (host, n) not in now.cut for n in cables}
        yield {"name": host, "power": now.power_of(host).value, "links": links, "cluster": now.layout.cluster}


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


def _host_keys(path: Path, nodes: Iterable[str]) -> dict[str, str]:
    """Those that are kept, and new ones for hosts that were not there yet."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {node: new_private_key() for node in nodes if node not in kept}
    if missing:
        path.touch(mode=0o600)
        path.write_text(json.dumps(kept | missing))
    return kept | missing
