"""The commands of `pve-cluster-bot`. Exit codes: 0 done, 1 refused, failed or broken, 2 usage, 3 cannot tell."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from bot.action import Unreachable
from bot.cli import audit, checking, conf, database, doing, running
from bot.cli.screen import language, print_json, say
from bot.config import BadConfig
from bot.logs import log_to_stderr
from bot.text import Refused, Text

app = typer.Typer(
    name="pve-cluster-bot",
    help="Operate Proxmox VE clusters from Slack, with a second person's approval.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(database.app, name="db")
app.add_typer(conf.app, name="conf")
app.add_typer(audit.app, name="audit")
app.command()(running.serve)
app.command()(running.demo)
app.command()(checking.check)
app.command()(doing.do)
app.command()(running.manifest)


def main(argv: list[str] | None = None) -> None:
    """Run one command and end the process with its exit code. *argv*: without the program's name."""
    log_to_stderr()
    words = sys.argv[1:] if argv is None else argv
    try:
        app(words)
    except BadConfig as bad:
        _refuse(words, *bad.mistakes)
    except Unreachable as silent:
        _refuse(words, silent.text, code=3)
    except Refused as refused:
        _refuse(words, refused.text)


def _refuse(words: list[str], *reasons: Text, code: int = 1) -> NoReturn:
    """What reads stdout gets its one object also when the command did not come to its answer."""
    said = [reason.to(language()) for reason in reasons]
    if asks_for_json(words):
        print_json({"ok": False, "said": "\n".join(said)})
    for line in said:
        say(line)
    sys.exit(code)


def asks_for_json(words: list[str]) -> bool:
    """What follows `--` is what `do` passes on."""
    own = words[: words.index("--")] if "--" in words else words
    return "--json" in own
