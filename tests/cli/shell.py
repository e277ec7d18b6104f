"""`pve-cluster-bot` as a person runs it: a process of its own, with a configuration in a folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

ROOT = Path(__file__).parent.parent.parent
SLACK = '[slack]\nbot_token = "env:TEST_BOT_TOKEN"\napp_token = "env:TEST_APP_TOKEN"\n'
NODES = '[clusters.pve-prod]\nnodes = [{ name = "pve01", host = "127.0.0.1", port = 9 }]\n'


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """Raise `ValueError` if stdout is not one JSON object and nothing else."""
        answer = json.loads(self.stdout)
        assert isinstance(answer, dict)
        return answer

    @property
    def bad(self) -> list[dict[str, Any]]:
        """The findings of `check --json` that make it fail."""
        return [one for one in self.json["findings"] if one["level"] == "bad"]


@dataclass(frozen=True)
class Shell:
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    inside: tuple[str, ...] = ()

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def configure(self, *tables: str) -> Shell:
        self.config.write_text("\n".join(tables), encoding="utf-8")
        return self

    def run(self, command: str, *words: str) -> Ran:
        """`pve-cluster-bot COMMAND --config … WORDS`; COMMAND may be two words."""
        return self.plain(*command.split(), "--config", str(self.config), *words)

    def plain(self, *words: str) -> Ran:
        argv = [*self.inside, sys.executable, "-m", "bot", *words]
        done = subprocess.run(argv, capture_output=True, text=True, env=self.env, timeout=60, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    def here(self, capsys: pytest.CaptureFixture[str], command: str, *words: str) -> Ran:
        """The same in this process: what starts quickly can be asked often."""
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--config", str(self.config), *words])
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT), **self.environment}
