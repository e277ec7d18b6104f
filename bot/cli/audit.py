"""`pve-cluster-bot audit`: read the ledger. Reading it is recorded in it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot import wiring
from bot.action import Json, Level, Report, Table
from bot.cli.doing import account
from bot.cli.options import AsJson, ConfigFile
from bot.cli.screen import language, print_json, print_report, say
from bot.event import Kind
from bot.store import Row
from bot.text import Refused, Text, clean

app = typer.Typer(help="Read the ledger of everything that happened.", no_args_is_help=True)
Only = typer.Option
Number = Annotated[int, typer.Argument(metavar="SEQ", min=1, max=2**63 - 1)]
END_US = 2**63 - 1  # of what a database can count
LocalTime = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])]


@app.command("list")
def list_(
    config: ConfigFile,
    kind: Annotated[Kind | None, Only(help="Only events of this kind.")] = None,
    actor: Annotated[str | None, Only(help="Only events of this account, as TEAM/USER or os/LOGIN.")] = None,
    cluster: Annotated[str | None, Only(help="Only events of this cluster.")] = None,
    action: Annotated[str | None, Only(help="Only events of this action.")] = None,
    since: LocalTime = None,
    until: LocalTime = None,
    limit: Annotated[int, Only(min=1, max=10_000, help="The newest so many.")] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """The newest events, oldest of them first."""
    with wiring.Books.open(wiring.load(config)) as books:
        rows = books.ledger.page(
            kind=kind,
            actor=actor,
            cluster=cluster,
            action=action,
            since_us=_us(since),
            until_us=_us(until),
            limit=limit,
        )
        books.was_read(account(), "list")
    if as_json:
        print_json({"ok": True, "events": [_event(row) for row in rows]})
    else:
        print_report(Report(Level.NOTE, EVENTS.fill(count=len(rows)), tables=(_table(rows),)), language())


@app.command()
def show(config: ConfigFile, seq: Number, *, as_json: AsJson = False) -> None:
    """One event, whole. Exit code 1 if it is not as it was written."""
    with wiring.Books.open(wiring.load(config)) as books:
        row = books.ledger.row(seq)
        problem = books.ledger.problem(row) if row else None
        books.was_read(account(), f"show {seq}")
    if row is None:
        raise Refused(NO_SUCH_EVENT.fill(seq=seq))
    _print_one(row, problem, as_json=as_json)
    sys.exit(int(problem is not None))


def _print_one(row: Row, problem: str | None, *, as_json: bool) -> None:
    shown: dict[str, Json] = {**_event(row), "prev_hash": row.prev_hash, "hash": row.hash}
    why = ALTERED.fill(seq=row.seq, problem=problem) if problem else None
    if as_json:
        print_json({"ok": why is None, **({"said": why.to(language())} if why else {}), **shown})
        return
    typer.echo(clean(json.dumps(shown, indent=2, ensure_ascii=False)))
    if why:
        say(why.to(language()))


def _us(moment: datetime | None) -> int | None:
    """Of the local time. The calendar's first and last days are before and after all that is recorded."""
    if moment is None:
        return None
    try:
        return int(moment.timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        return 0 if moment.year == 1 else END_US


def _event(row: Row) -> dict[str, Json]:
    """The body, or what stands in its place."""
    return row.told if row.told is not None else {"seq": row.seq, "body": str(row.body)}


def _table(rows: list[Row]) -> Table:
    cells = tuple(
        (str(r.seq), _when(r.at_us), r.kind, r.actor, r.cluster or "", r.action or "", r.outcome or "") for r in rows
    )
    return Table(COLUMNS, cells)


def _when(at_us: int) -> str:
    try:
        return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, ArithmeticError, OSError, TypeError):  # somebody wrote no time there
        return str(at_us)


EVENTS = Text(en="{count} events", fr="{count} événements")
NO_SUCH_EVENT = Text(en="The ledger has no event {seq}", fr="Le registre n'a pas d'événement {seq}")
ALTERED = Text(
    en="Event {seq} is not as it was written: {problem}. All of the ledger: pve-cluster-bot check --config F",
    fr="L'événement {seq} n'est pas tel qu'il fut écrit : {problem}. Tout le registre : pve-cluster-bot check --config F",
)
COLUMNS = (
    Text(en="No.", fr="N°"),
    Text(en="When", fr="Quand"),
    Text(en="What", fr="Quoi"),
    Text(en="Who", fr="Qui"),
    Text(en="Cluster", fr="Cluster"),
    Text(en="Action", fr="Action"),
    Text(en="Outcome", fr="Issue"),
)
