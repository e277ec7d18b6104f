"""`serve` as a service manager runs it, on a local Slack and simulated nodes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.nodes import SimulatedNodes
from bot.demo.slack.server import LocalSlack
from tests.cli.shell import Shell
from tests.ssh.sshd import until

READY_S = 60  # also beside much else
READY = re.compile(r"on port (\d+)")


@dataclass(frozen=True)
class Around:
    """What the bot talks to."""

    slack: LocalSlack
    nodes: SimulatedNodes

    @property
    def tables(self) -> str:
        return tables({node: one.port for node, one in self.nodes.endpoints.items()})

    @property
    def secrets(self) -> dict[str, str]:
        return secrets(self.slack)

    def slack_table(self, transport: str = "socket") -> str:
        return slack_table(self.slack, transport)

    def types(self, text: str, user: str = "U0ALICE") -> str:
        """What *user* then reads, and the answer to the command itself."""
        return str(self.slack.run(self.slack.acts.slash(user, "C0OPS", text)))


def tables(ports: Mapping[str, int]) -> str:
    """Of the configuration, without [slack]'s secrets and [database]. *ports*: of the nodes on the loopback."""
    listed = ", ".join(f'{{ name = "{node}", host = "127.0.0.1", port = {port} }}' for node, port in ports.items())
    return f'[http]\nport = 0\n[clusters.pve-prod]\nchannels = ["C0OPS"]\nnodes = [{listed}]\n'


def slack_table(slack: LocalSlack, transport: str) -> str:
    references = 'bot_token = "env:BOT_TOKEN"\napp_token = "env:APP_TOKEN"\nsigning_secret = "env:SIGNING"\n'
    return f'[slack]\ntransport = "{transport}"\nbase_url = "{slack.url}/api/"\n{references}'


def secrets(slack: LocalSlack) -> dict[str, str]:
    """By the variable of the environment that holds it."""
    return {"BOT_TOKEN": slack.bot_token, "APP_TOKEN": slack.app_token, "SIGNING": slack.signing_secret}


@dataclass(frozen=True)
class Serving:
    """A bot that is ready. *port*: of its HTTP side."""

    process: subprocess.Popen[str]
    port: int


@contextmanager
def around(folder: Path) -> Iterator[Around]:
    with LocalSlack() as slack, closing(SimulatedNodes.start(folder, SimulatedCluster())) as nodes:
        yield Around(slack, nodes)


@contextmanager
def serving(shell: Shell) -> Iterator[int]:
    """The HTTP port. All that it prints goes to serve.log in the folder of *shell*."""
    with started(shell) as bot:
        try:
            yield bot.port
        finally:
            bot.process.send_signal(signal.SIGTERM)
            bot.process.wait(READY_S)
    assert bot.process.returncode == 0, (shell.folder / "serve.log").read_text()


@contextmanager
def started(shell: Shell, *program: str) -> Iterator[Serving]:
    """*program*: the module in place of `bot`, and what goes before `serve`. It is killed if it still runs at the end."""
    log = shell.folder / "serve.log"
    module, *words = program or ("bot",)
    argv = [sys.executable, "-m", module, *words, "serve", "--config", str(shell.config)]
    with log.open("ab") as out, subprocess.Popen(argv, stdout=out, stderr=out, env=shell.env, text=True) as process:
        before = log.stat().st_size
        try:
            until(lambda: bool(_ready(log, before)) or process.poll() is not None, READY_S)
            found = _ready(log, before)
            assert found is not None, log.read_text()
            yield Serving(process, int(found[1]))
        finally:
            process.kill()


def _ready(log: Path, before: int) -> re.Match[str] | None:
    """What it says there since *before*, a number of bytes."""
    return READY.search(log.read_bytes()[before:].decode())
