"""`pve-cluster-bot db`: the tables."""

from __future__ import annotations

import typer

from bot import wiring
from bot.cli.options import ConfigFile
from bot.cli.screen import language, say
from bot.text import Text

app = typer.Typer(help="Bring the database's tables to this version, or say whether they are.", no_args_is_help=True)


@app.command()
def upgrade(config: ConfigFile) -> None:
    """Create the tables, or bring them to this version."""
    wiring.upgrade(wiring.load(config))
    say(AT_HEAD.to(language()))


@app.command()
def check(config: ConfigFile) -> None:
    """Say whether the tables, and the guards of the ledger, are those of this version."""
    wiring.require_head(wiring.load(config))
    say(AT_HEAD.to(language()))


AT_HEAD = Text(en="The database is at this version", fr="La base de données est à la bonne version")
