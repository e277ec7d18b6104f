"""A demo as people start it: a process of its own, driven over /sim and from the shell beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_S = 30
ENGLISH = {**os.environ, "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Demo:
    folder: Path
    process: subprocess.Popen[str]

    @property
    def about(self) -> dict[str, Any]:
        about: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())
        return about

    def sim(self, act: str, **body: Any) -> dict[str, Any]:
        """POST to /sim/ACT, or GET when there is no body."""
        headers = {"X-Sim-Token": self.about["token"], "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else None
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.about['url']}/sim/{act}", data, headers)
        ) as response:
            answer: dict[str, Any] = json.load(response)
            return answer

    def read(self, path: str, token: str = "") -> str:
        """What the page would get from /sim/PATH, as text."""
        headers = {"X-Sim-Token": token or self.about["token"]}
        with urllib.request.urlopen(urllib.request.Request(f"{self.about['url']}/sim/{path}", headers=headers)) as said:
            return str(said.read().decode())

    def types(self, text: str, user: str = "U0ALICE", channel: str = "C0OPS") -> str:
        """What *user* then reads."""
        answer = self.sim("slash", user=user, channel=channel, text=text)
        assert answer["ack"]["ok"], answer
        return "\n".join(message["text"] for message in answer["messages"])

    def kill(self) -> None:
        """As if it had lost power, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait(timeout=START_S)

    def shell(self, *words: str, config: bool = True) -> subprocess.CompletedProcess[str]:
        """`pve-cluster-bot WORDS` beside it."""
        named = ["--config", str(self.folder / "config.toml")] if config else []
        at = words.index("--") if "--" in words else len(words)
        argv = [sys.executable, "-m", "bot", *words[:at], *named, *words[at:]]
        return subprocess.run(argv, capture_output=True, text=True, env=ENGLISH, timeout=60, check=False)

    def ask(self, *words: str) -> dict[str, Any]:
        """The JSON that a command prints."""
        answer: dict[str, Any] = json.loads(self.shell(*words).stdout)
        return answer


@contextmanager
def running_demo(folder: Path, *options: str, said: list[str] | None = None) -> Iterator[Demo]:
    """Started, and ended by SIGTERM as a service manager would, if it was not killed. *said* gets its stderr."""
    argv = [sys.executable, "-m", "bot", "demo", "--dir", str(folder), "--no-browser", *options]
    (folder / "demo.json").unlink(missing_ok=True)
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=ENGLISH) as process:
        try:
            _wait_for(folder / "demo.json", process)
            yield Demo(folder, process)
        finally:
            was_killed = process.poll() == -signal.SIGKILL
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=START_S)
            if said is not None:
                said.append(errors)
    assert was_killed or process.returncode == 0, errors


def _wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + START_S
    while not (path.exists() and path.read_text().endswith("}\n")):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end, "the demo does not get ready"
        time.sleep(0.05)
