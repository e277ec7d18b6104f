"""`pve-cluster-bot serve`, `demo` and `manifest`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from bot import wiring
from bot.cli.options import ConfigFile
from bot.cli.screen import language, say
from bot.text import Text


def serve(config: ConfigFile) -> None:
    """Run the bot until SIGINT or SIGTERM."""
    from bot import serving

    asyncio.run(serving.serve(wiring.load(config), lambda port: say(READY.fill(port=port).to(language()))))


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the local Slack's page; 0 takes a free one.")] = 0,
    lang: Annotated[str, typer.Option(help="en or fr: the language of those whose Slack has none.")] = "en",
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Keep configuration, database and keys there.")
    ] = None,
    *,
    http: Annotated[bool, typer.Option("--http", help="Signed HTTP instead of Socket Mode.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no page.")] = False,
) -> None:
    """Simulated nodes behind a real SSH server, and a local Slack to type in."""
    from bot.demo import run

    if lang not in {"en", "fr"}:
        raise typer.BadParameter("en or fr", param_hint="--lang")
    run.demo(run.Wanted(port=port, language=lang, folder=directory, http=http, browser=not no_browser), say)


def manifest(
    url: Annotated[
        str | None, typer.Option(help="Where Slack reaches the bot over HTTP; without: Socket Mode.")
    ] = None,
) -> None:
    """Print the Slack app's manifest."""
    from bot.slack.manifest import manifest as made

    if url is not None and not url.startswith("https://"):
        raise typer.BadParameter("Slack calls https:// addresses only", param_hint="--url")
    typer.echo(json.dumps(made(url), indent=2))


READY = Text(
    en="Ready: /healthz, /readyz and /metrics on port {port}",
    fr="Prêt : /healthz, /readyz et /metrics sur le port {port}",
)
