"""How long the bot takes to import."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from benchmarks.figure import Figure

MODULES = "bot.wiring, bot.cli, bot.slack.app"


def run() -> list[Figure]:
    return [Figure(f"python -c 'import {MODULES}'", min(_seconds(f"import {MODULES}") for _ in range(5)), "s", 0.8)]


def _seconds(statement: str) -> float:
    # As installed, with compiled modules; the first of the five runs compiles them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env=environment)
    return time.perf_counter() - begun
