"""The five steps of the README, done as written, with a local Slack and simulated nodes in place of the real ones."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.serving import Around, around, serving
from tests.cli.shell import ROOT, Shell

README = (ROOT / "README.md").read_text(encoding="utf-8")
needs_keyscan = pytest.mark.skipif(shutil.which("ssh-keyscan") is None, reason="ssh-keyscan is not installed")


def shown(program: str) -> list[str]:
    """The words of the indented line of the README that starts with *program*."""
    (line,) = re.findall(rf"^ +({program} .*)$", README, re.MULTILINE)
    return shlex.split(line, comments=True)


def scanned(port: int) -> str:
    """As the README's ssh-keyscan, of one node on the loopback."""
    assert shown("ssh-keyscan")[-2] == ">"
    argv = ["ssh-keyscan", "-p", str(port), "127.0.0.1"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def made_by_hand(folder: Path, outside: Around) -> str:
    """The example, with this Slack, these nodes, and without the tables that are not needed."""
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    text = text.replace("https://slack.com/api/", f"{outside.slack.url}/api/").replace("port = 8080", "port = 0")
    before, _, _rest = text.partition("# One human")
    return before + outside.tables.partition("port = 0\n")[2]


@needs_keyscan
def test_the_five_steps_lead_to_the_first_command(tmp_path: Path) -> None:
    subprocess.run(shown("ssh-keygen"), cwd=tmp_path, capture_output=True, check=True)
    with around(tmp_path) as outside:
        slack = outside.slack
        shell = Shell(tmp_path, {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token})
        assert json.loads(shell.plain("manifest").stdout)["settings"]["socket_mode_enabled"] is True
        outside.nodes.power("pve04", "on")
        shell.configure(made_by_hand(tmp_path, outside))
        (tmp_path / "known_hosts").write_text("".join(scanned(one.port) for one in outside.nodes.endpoints.values()))
        assert shell.run("db upgrade").code == 0
        checked = shell.run("check", "--json")
        assert checked.bad == []
        assert checked.code == 0
        with serving(shell):
            assert "5 of 5 votes" in outside.types("status")
        ran = shell.run("do", "--", "status")
        assert "5 of 5 votes" in ran.stdout
        assert ran.code == 0
