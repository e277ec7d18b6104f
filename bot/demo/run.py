"""`pve-cluster-bot demo`: simulated nodes, a local Slack, and the real bot between them, all on the loopback."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import serving, wiring
from bot.config import load
from bot.demo.cluster.joining import ROOT_PASSWORD
from bot.demo.cluster.simulated import SimulatedCluster, pve_new
from bot.demo.nodes import SimulatedNodes
from bot.demo.slack.server import LocalSlack
from bot.demo.slack.sim import Nodes
from bot.text import Text


@dataclass(frozen=True)
class Wanted:
    """*folder* None: a temporary one, removed at the end. *port* 0: a free one."""

    port: int = 0
    language: str = "en"
    folder: Path | None = None
    http: bool = False
    browser: bool = True


def demo(wanted: Wanted, say: Callable[[str], None]) -> None:
    """Until SIGINT or SIGTERM."""
    with ExitStack() as stack:
        folder = stack.enter_context(_folder(wanted.folder))
        (folder / "demo.json").unlink(missing_ok=True)  # of a demo that was killed
        nodes = SimulatedNodes.start(folder, *_clusters(folder))
        stack.callback(nodes.close)
        switches = Nodes(nodes.state, nodes.power, nodes.link)
        slack = stack.enter_context(LocalSlack(port=wanted.port, nodes=switches, file=folder / "slack.json"))
        _write(folder / "config.toml", _config(wanted, slack, nodes) + _policy(folder / "policy.toml"))
        for name in ("bot_token", "app_token", "signing_secret"):
            _write(folder / name, getattr(slack, name))
        _write(folder / "root_password", ROOT_PASSWORD)
        config = load(folder / "config.toml")
        wiring.upgrade(config)
        asyncio.run(serving.serve(config, lambda port: say(_ready(wanted, folder, slack, nodes, port))))
        (folder / "demo.json").unlink()


def _clusters(folder: Path) -> tuple[SimulatedCluster, ...]:
    """One that runs, and hosts for another."""
    running, empty = SimulatedCluster(file=folder / "nodes.json"), folder / "nodes-new.json"
    return running, SimulatedCluster(pve_new(), file=empty)


@contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="pve-cluster-bot-") as name:
            yield Path(name)
    else:
        wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield wanted.absolute()


def _ready(wanted: Wanted, folder: Path, slack: LocalSlack, nodes: SimulatedNodes, port: int) -> str:
    if wanted.http:
        slack.connect_http(f"http://127.0.0.1:{port}/slack/events")
    ports = {"slack": int(slack.url.rpartition(":")[2]), "http": port}
    ports |= {node: endpoint.port for node, endpoint in nodes.endpoints.items()}
    about = {"page": slack.page_url, "token": slack.sim_token, "url": slack.url, "ports": ports, "pid": os.getpid()}
    _write(folder / "demo.json", json.dumps(about, indent=2) + "\n")
    if wanted.browser:
        webbrowser.open(slack.page_url)
    return READY.fill(page=slack.page_url, folder=folder).to("fr" if wanted.language == "fr" else "en")


def _config(wanted: Wanted, slack: LocalSlack, nodes: SimulatedNodes) -> str:
    """The tokens open nothing but this demo's own Slack; the files hold them because a configuration never does."""
    return f"""# Written anew by each `pve-cluster-bot demo --dir` here; [[policy]] and the like from policy.toml stand at its end.
[slack]
transport = "{"http" if wanted.http else "socket"}"
bot_token = "file:bot_token"
app_token = "file:app_token"
signing_secret = "file:signing_secret"
language = "{wanted.language}"
base_url = "{slack.url}/api/"

[http]
port = 0

[database]
url = "sqlite:///bot.db"

{_tables(nodes)}"""


def _tables(nodes: SimulatedNodes) -> str:
    """One for each cluster; the first is meant wherever no channel says another."""
    text = ""
    for cluster, more in zip(nodes.clusters, FIRST_AND_OTHERS, strict=True):
        layout = cluster.situation.layout
        listed = "".join(
            f'  {{ name = "{node}", host = "127.0.0.1", port = {nodes.endpoints[node].port} }},\n'
            for node in layout.nodes
        )
        text += f'[clusters.{layout.cluster}]\n{more}root_password = "file:root_password"\nnodes = [\n{listed}]\n\n'
    return text


def _policy(path: Path) -> str:
    """What whoever tries it out wants to be asked for: [[policy]] and the like, kept where the demo does not write."""
    return f"\n{path.read_text()}" if path.exists() else ""


def _write(path: Path, text: str) -> None:
    """For its owner only, from the first byte."""
    path.touch(mode=0o600)
    path.write_text(text)


FIRST_AND_OTHERS = ('channels = ["C0OPS"]\ndefault = true\n', 'channels = ["C0NEW"]\n')
READY = Text(
    en="The local Slack: {page}\nBeside it, with --config {folder}/config.toml: do, audit, check. Ctrl-C ends it.",
    fr="Le Slack local : {page}\nÀ côté, avec --config {folder}/config.toml : do, audit, check. Ctrl-C termine.",
)
