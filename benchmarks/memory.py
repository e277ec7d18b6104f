"""How much memory an idle bot with five nodes keeps."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figure import Figure
from bot import wiring
from bot.config import load
from bot.demo.slack.server import LocalSlack
from bot.demo.sshd import new_private_key

LIMIT_MB = 150
SETTLED_S = 3


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, LocalSlack() as slack:
        config = _config(Path(name), slack)
        argv = [sys.executable, "-m", "bot", "serve", "--config", str(config)]
        with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as bot:
            assert bot.stderr is not None
            bot.stderr.readline()
            time.sleep(SETTLED_S)
            megabytes = _resident_kb(bot.pid) / 1024
            bot.terminate()
    return [Figure("resident memory of `serve`, idle, 5 nodes", megabytes, "MB", LIMIT_MB)]


def _resident_kb(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1])


def _config(folder: Path, slack: LocalSlack) -> Path:
    (folder / "id_ed25519").write_text(new_private_key())
    (folder / "bot").write_text(slack.bot_token)
    (folder / "app").write_text(slack.app_token)
    nodes = ", ".join(f'{{ name = "pve0{n}", host = "127.0.0.1", port = {9000 + n} }}' for n in range(1, 6))
    path = folder / "config.toml"
    path.write_text(
        f'[slack]\nbot_token = "file:bot"\napp_token = "file:app"\nbase_url = "{slack.url}/api/"\n'
        f"[http]\nport = 0\n[clusters.pve-prod]\nnodes = [{nodes}]\n"
    )
    wiring.upgrade(load(path))
    return path
