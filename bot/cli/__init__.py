"""The commands of `pve-cluster-bot`. Exit codes: 0 done, 1 refused, failed or broken, 2 usage, 3 cannot tell."""

from __future__ import annotations

import sys

import typer

from bot.action import Unreachable
from bot.cli import audit, checking, conf, database, doing, running
from bot.cli.screen import language, say
from bot.config import BadConfig
from bot.text import Refused

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


def main() -> None:
    try:
        app()
    except BadConfig as bad:
        for mistake in bad.mistakes:
            say(mistake.to(language()))
        sys.exit(1)
    except Unreachable as silent:
        say(silent.text.to(language()))
        sys.exit(3)
    except Refused as refused:
        say(refused.text.to(language()))
        sys.exit(1)
