"""What the documents say, held to what is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.actions import load_actions
from bot.cli import app
from bot.help import with_help
from bot.needed import needed
from bot.ssh.sudoers import sudoers_line

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
COMMAND = re.compile(r"(?:pve-cluster-bot |[| ]`)((?:serve|demo|check|do|manifest|db|conf|audit) [^`\n>]*)")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)")


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for found in COMMAND.findall(page.read_text(encoding="utf-8")):
            yield page.name, found.split("#")[0].strip()


@pytest.mark.parametrize(("page", "typed"), sorted(set(commands())))
def test_every_command_and_option_that_is_shown_exists(page: str, typed: str) -> None:
    command: Any = typer.main.get_command(app)
    own, _, _passed_on = typed.partition(" -- ")
    words = iter(own.split())
    while hasattr(command, "commands"):
        command = command.commands[next(words)]
    options = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", own)) <= options


def test_the_readme_says_how_to_get_the_command_before_it_uses_it() -> None:
    _, _, steps = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Use it with Slack\n")
    assert 0 <= steps.find('export PATH="$PWD/.venv/bin:$PATH"') < steps.find("1. `pve-cluster-bot manifest")


def test_the_table_of_actions_names_each_of_them() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in with_help(load_actions()) if f"| `{name}" not in text] == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"], ids=lambda one: one.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, heading in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", (page.parent / target).read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {title.lower().replace(" ", "-") for title in titles}


def test_the_narrow_list_is_all_that_is_needed_and_no_more() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    listed = [line.strip() for line in text.splitlines() if " NOPASSWD: " in line]
    assert listed == [sudoers_line("pvebot", one.argv) for one in needed(load_actions())]
