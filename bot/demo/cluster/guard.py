"""A guard on a simulated node: its own shell script, run by a real /bin/sh that finds the node's answers for its tools."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.demo.cluster.said import Said
from bot.demo.cluster.units import TIMED_OUT

SHELL, TEXT_TOOLS = "/bin/sh", "/usr/bin:/bin"  # sed, grep, sort, date … are the real ones
# Never the real ones: what runs here must not depend on this machine, nor change it.
SIMULATED = frozenset(
    {"cat", "ls", "stat", "mount", "find", "findmnt", "qm", "pct", "ha-manager", "pvesh", "ip", "getent"}
)
Argv = tuple[str, ...]


def judge(script: str, answers: Mapping[Argv, Said], timeout_s: float) -> Said:
    """What *script* printed and its exit code. *answers*: of the node now, to all that a guard may ask."""
    with tempfile.TemporaryDirectory(prefix="guard-") as name:
        tools = Path(name)
        node = tools / "node"
        node.write_text(_answering(answers))
        node.chmod(0o700)
        for tool in SIMULATED | {argv[0] for argv in answers}:
            (tools / tool).symlink_to(node)
        return _run(script, {"PATH": f"{tools}:{TEXT_TOOLS}", "LC_ALL": "C"}, timeout_s)


def _run(script: str, env: dict[str, str], timeout_s: float) -> Said:
    try:
        ran = subprocess.run(
            [SHELL, "-s"],
            input=script,
            env=env,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        return Said(exit=TIMED_OUT)
    return Said(ran.stdout, ran.stderr, ran.returncode)


def _answering(answers: Mapping[Argv, Said]) -> str:
    """One script under the names of all tools."""
    cases = "".join(_case(argv, said) for argv, said in answers.items())
    cases += "'findmnt '*) exit 1 ;;\n"
    text_only = f"'cat ') exec {_real('cat')} ;;\n"
    unknown = """*) printf '%s: not on this node\n' "$*" >&2; exit 127 ;;\n"""
    return f'#!{SHELL}\ncase "${{0##*/}} $*" in\n{cases}{text_only}{unknown}esac\n'


def _case(argv: Argv, said: Said) -> str:
    asked = shlex.quote(f"{argv[0]} {' '.join(argv[1:])}")
    out, err = shlex.quote(said.stdout), shlex.quote(said.stderr)
    return f"{asked}) printf %s {out}; printf %s {err} >&2; exit {said.exit} ;;\n"


def _real(tool: str) -> str:
    return next(f"{folder}/{tool}" for folder in TEXT_TOOLS.split(":") if os.access(f"{folder}/{tool}", os.X_OK))
