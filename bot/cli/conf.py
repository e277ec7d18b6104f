"""`pve-cluster-bot conf`: look at and change a corosync.conf file, without any cluster."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from bot.action import Level, Report, Unreadable
from bot.cli.options import AsJson
from bot.cli.screen import language, print_json, print_report, say
from bot.cluster.corosync_lint import lint as flaws_of
from bot.cluster.corosync_lint import worst
from bot.cluster.corosync_verdict import as_data, table, verdict
from bot.conf_command import changed
from bot.text import Refused, Text, clean

app = typer.Typer(help="Check or change a corosync.conf file.", no_args_is_help=True)
ConfFile = Annotated[Path, typer.Argument(metavar="FILE", help="A corosync.conf.")]
Settings = Annotated[list[str], typer.Argument(metavar="KEY=VALUE…", help="As in totem.token=5000.")]
SHARED = Path("/etc/pve")


@app.command()
def lint(file: ConfFile, *, as_json: AsJson = False) -> None:
    """Say what is wrong in FILE, why, and how to mend it. Exit code 1 if a node would suffer from it."""
    flaws = flaws_of(_read(file))
    if as_json:
        print_json({"ok": worst(flaws) is not Level.BAD, "flaws": [as_data(flaw) for flaw in flaws]})
    else:
        print_report(Report(worst(flaws), verdict(flaws), tables=(table(flaws),) if flaws else ()), language())
    sys.exit(int(worst(flaws) is Level.BAD))


@app.command("set")
def set_(file: ConfFile, settings: Settings) -> None:
    """Change keys of FILE, keep everything else as it is, raise config_version; refuse what would break it."""
    file = _real(file)
    if SHARED in file.parents:
        raise Refused(AT_ONCE.fill(file=file))
    try:
        new = changed(_read(file), settings)
    except Unreadable as bad:
        raise Refused(NOT_ONE.fill(file=file, why=bad)) from None
    typer.echo(clean(new.diff))
    for flaw in new.worse:
        say(f"{flaw.what.to(language())}: {flaw.fix.to(language())}")
    if not new.may_be_written:
        raise Refused(NOT_WRITTEN.fill(file=file))
    _replace(file, new.text)


def _real(file: Path) -> Path:
    """Where a symlink leads: it stays one, and it hides nothing."""
    try:
        return file.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: in a circle
        raise Refused(NOT_READ.fill(file=file, why=error)) from None


def _read(file: Path) -> str:
    try:
        # corosync takes any bytes in a comment: what is no UTF-8 comes out again as it went in.
        return file.read_bytes().decode(errors="surrogateescape")
    except OSError as error:
        raise Refused(NOT_READ.fill(file=file, why=error)) from None


def _replace(file: Path, text: str) -> None:
    """All of it or nothing: a file that is half written stops corosync at its next start."""
    try:
        with _beside(file) as new:
            new.write(text.encode(errors="surrogateescape"))
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).replace(file)
    except OSError as error:
        raise Refused(NOT_READ.fill(file=file, why=error)) from None


@contextmanager
def _beside(file: Path) -> Iterator[IO[bytes]]:
    """A new file with owner and mode of *file*; what does not take its place does not stay."""
    old = file.stat()
    with tempfile.NamedTemporaryFile("wb", dir=file.parent, prefix=f".{file.name}.", delete=False) as new:
        try:
            os.fchown(new.fileno(), old.st_uid, old.st_gid)
            os.fchmod(new.fileno(), old.st_mode & 0o7777)
            yield new
        finally:
            Path(new.name).unlink(missing_ok=True)


AT_ONCE = Text(
    en="{file} is the cluster's own: writing it changes every node at once. Work on a copy",
    fr="{file} est celui du cluster : l'écrire change tous les nœuds aussitôt. Travaillez sur une copie",
)
NOT_READ = Text(en="{file}: {why}", fr="{file} : {why}")
NOT_ONE = Text(en="{file} is not a corosync.conf: {why}", fr="{file} n'est pas un corosync.conf : {why}")
NOT_WRITTEN = Text(
    en="Nothing was written: {file} would be broken by it", fr="Rien n'est écrit : {file} en serait cassé"
)
