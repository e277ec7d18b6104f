"""What the real tools answered, beside what the lab's stand-in answers in the same situation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.lab import Lab

FOLDER = Path(__file__).parents[1] / "data/real-pve"
# Recorded with one network for the nodes' names and link 0; a lab has one for each.
THERE = (("10.88.1.", "10.77.1."), ("10.88.2.", "10.77.2."))
BACK = (("10.77.0.", "10.88.1."), *((here, there) for there, here in THERE))
# A lab's /etc/pve is writable about 2 s after corosync is up, not 5 s; and it shows who its guests are a moment later.
PACE = {
    "10a-right-after-create/addnode_alone": ("sleep 2; ", ""),
    "03-join-more/mk_guest_on_pve03": ("; cat", "; sleep 1; cat"),
    "03-join-more/rm_guest": ("; cat", "; sleep 1; cat"),
}
# What is another at each run.
VARIES = (
    (r"(Date|Ring ID|Config Version):.*", r"\1: …"),
    (r"(version\"?): \d+", r"\1: …"),
    (r"config-\d+\.sql", "config-….sql"),
    (r"^\d{10}\.\d+", "…"),
    (r"UPID:(\w+)(:\w+){3}:", r"UPID:\1:…:"),
    (r"(root@pam:) \w{8}", r"\1 …"),
    (r"mtu: \d+", "mtu: …"),
    (r"after \d+ x", "after … x"),
    (r"bot@\w+", "bot@…"),
    (r"  token: \d+\n", ""),  # a lab's is shorter, so that a lost node is noticed sooner
    # The real /etc/pve forbids each write by itself, the stand-in is mounted read-only.
    (r".*/etc/pve/.*: (Permission denied|Read-only file system)$", "…: not writable"),
    (r"(^…  ro\n)+", "…  ro\n"),
)


@dataclass(frozen=True)
class Recording:
    """*name*: its file and its own name."""

    name: str
    node: str
    command: str
    said: tuple[int, list[str], list[str]]


def recordings() -> Mapping[str, Recording]:
    found = [
        (f"{path.stem}/{one['name']}", one)
        for path in sorted(FOLDER.glob("*.json"))
        for one in json.loads(path.read_text(encoding="utf-8"))
    ]
    return {
        name: Recording(name, one["node"], one["command"], _said(one["exit"], one["stdout"], one["stderr"]))
        for name, one in found
    }


def replay(lab: Lab, recorded: Recording) -> tuple[int, list[str], list[str]]:
    """The exit code and the lines of both outputs, without what is another at each run."""
    command = recorded.command.replace(*PACE.get(recorded.name, ("", "")))
    for there, here in THERE:
        command = command.replace(there, here)
    done = lab.exec(recorded.node, "bash", "-c", command)
    return _said(done.returncode, done.stdout, done.stderr)


def _said(exit_: int, stdout: str, stderr: str) -> tuple[int, list[str], list[str]]:
    return exit_, _lines(stdout), _lines(stderr)


def _lines(text: str) -> list[str]:
    for here, there in BACK:
        text = text.replace(here, there)
    for pattern, word in VARIES:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text.splitlines()
