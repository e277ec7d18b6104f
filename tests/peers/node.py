"""Programs for Node that others wrote, as processes of a test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
START_S = 30


def need(package: str) -> None:
    """Skip the test unless Node and *package* are there."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (FOLDER / "node_modules" / package).is_dir():
        pytest.skip(f"{package} is not installed (npm ci in tests/peers)")


@contextmanager
def node(script: str, *words: str, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run *script* until the block ends; its stdout is a pipe."""
    argv = ["node", str(FOLDER / script), *words]
    environ = {"PATH": os.environ["PATH"], "HOME": str(FOLDER), **(env or {})}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """What the program says when it is ready. Raise `AssertionError` if it ends without a word."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line, f"it ended with {process.wait(5)}"
    return line


def free_port() -> int:
    """For a program that cannot choose its port itself."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def answers(url: str) -> None:
    """Wait until somebody answers at *url*. Raise `TimeoutError` if nobody does."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.05)  # between two looks, not instead of one
    raise TimeoutError(url)
