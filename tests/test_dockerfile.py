"""The Dockerfile, held to what can be held without an engine: its paths, its steps in a plain folder, its promises."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.config_tables import HttpTable
from tests.ssh.sshd import free_port

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Step:
    word: str
    rest: str


def steps() -> list[Step]:
    lines = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
    return [Step(*line.split(maxsplit=1)) for line in lines]


def stages() -> list[list[Step]]:
    found: list[list[Step]] = []
    for step in steps():
        if step.word == "FROM":
            found.append([])
        found[-1].append(step)
    return found


def copied() -> Iterator[str]:
    for step in stages()[0]:
        if step.word == "COPY":
            yield from shlex.split(step.rest)[:-1]


def value(word: str) -> str:
    return next(step.rest for step in stages()[-1] if step.word == word)


def test_each_path_that_is_copied_exists_and_is_tracked() -> None:
    for path in copied():
        assert (ROOT / path).exists(), path


def test_what_is_not_copied_is_not_sent() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert sorted(rule[1:] for rule in rules if rule.startswith("!")) == sorted(copied())
    for secret in ("config.toml", "id_ed25519", "pve-cluster-bot.db", ".venv", ".git"):
        assert not any(fnmatch(secret, rule[1:]) for rule in rules if rule.startswith("!"))


def test_the_base_is_named_and_the_same_in_both_stages() -> None:
    assert [stage[0].rest.split()[0] for stage in stages()] == ["python:3.11-slim", "python:3.11-slim"]


def test_it_uses_the_same_uv_as_make() -> None:
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"uv=={version}" in TEXT


def test_nothing_runs_as_root() -> None:
    words = [step.word for step in stages()[-1]]
    user = value("USER")
    assert user not in {"root", "0"}
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "RUN" not in words[words.index("USER") :]


class Healthz(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_args: object) -> None: ...


def health(port: int) -> int:
    """The exit code of the image's own check, were the bot on *port*."""
    program, *rest = json.loads(value("HEALTHCHECK").partition("CMD ")[2])
    assert program == "python"
    argv = [sys.executable, *(word.replace(f":{HttpTable().port}/", f":{port}/") for word in rest)]
    return subprocess.run(argv, capture_output=True, check=False).returncode


def test_its_health_is_what_healthz_says() -> None:
    with HTTPServer(("127.0.0.1", 0), Healthz) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        assert health(server.server_port) == 0
        server.shutdown()
        thread.join()
    assert health(free_port()) == 1


def installed(folder: Path) -> Path:
    """The build stage, step by step, in *folder* instead of /app: its virtual environment."""
    tools = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "UV_LINK_MODE": "copy", "UV_OFFLINE": "1"}
    env = {key: kept for key, kept in env.items() if key != "VIRTUAL_ENV"} | {"UV_PYTHON": sys.executable}
    for step in stages()[0]:
        if step.word == "COPY":
            *sources, target = shlex.split(step.rest)
            for source in sources:
                _copy(ROOT / source, folder / target if len(sources) == 1 else folder / target / source)
        if step.word == "RUN" and step.rest.startswith("uv "):
            done = subprocess.run(
                shlex.split(step.rest), cwd=folder, env=env, capture_output=True, text=True, check=False
            )
            if "not found in the cache" in done.stderr or "network" in done.stderr.lower():
                pytest.skip("the packages are not in uv's cache here, and this test fetches nothing")
            assert done.returncode == 0, done.stderr
    return folder / ".venv"


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def test_the_steps_of_the_build_give_a_bot_that_runs_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    venv = installed(tmp_path / "app")
    shutil.rmtree(tmp_path / "app" / "bot")  # the second stage gets the environment only
    shutil.rmtree(tmp_path / "app" / "migrations")
    (tmp_path / "data").mkdir()
    bot = str(venv / "bin" / "pve-cluster-bot")
    (tmp_path / "data" / "config.toml").write_text(
        '[slack]\nbot_token = "env:B"\napp_token = "env:A"\n'
        '[clusters.pve-prod]\nnodes = [{ name = "pve01", host = "127.0.0.1" }]\n'
    )
    for words in (
        ["manifest"],
        ["db", "upgrade", "--config", "config.toml"],
        ["db", "check", "--config", "config.toml"],
    ):
        done = subprocess.run([bot, *words], cwd=tmp_path / "data", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    listed = subprocess.run([venv / "bin" / "python", "-c", "import pytest"], capture_output=True, check=False)
    assert listed.returncode == 1, "what only tests need is in the image"
