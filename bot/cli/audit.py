"""`pve-cluster-bot audit`: read the ledger. Reading it is recorded in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot import wiring
from bot.action import Json, Level, Report, Table
from bot.cli.doing import account
from bot.cli.options import AsJson, ConfigFile
from bot.cli.screen import language, print_json, print_report
from bot.config import load
from bot.event import Kind
from bot.store import Row
from bot.text import Refused, Text

app = typer.Typer(help="Read the ledger of everything that happened.", no_args_is_help=True)
Only = typer.Option
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
    with wiring.Books.open(load(config)) as books:
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
        print_json({"events": [_body(row) for row in rows]})
    else:
        print_report(Report(Level.NOTE, EVENTS.fill(count=len(rows)), tables=(_table(rows),)), language())


@app.command()
def show(config: ConfigFile, seq: Annotated[int, typer.Argument(metavar="SEQ")], *, as_json: AsJson = False) -> None:
    """One event, whole."""
    with wiring.Books.open(load(config)) as books:
        row = books.ledger.row(seq)
        books.was_read(account(), f"show {seq}")
    if row is None:
        raise Refused(NO_SUCH_EVENT.fill(seq=seq))
    shown = {**_body(row), "prev_hash": row.prev_hash, "hash": row.hash}
    if as_json:
        print_json(shown)
    else:
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))


def _us(moment: datetime | None) -> int | None:
    return int(moment.astimezone(UTC).timestamp() * 1_000_000) if moment else None


def _body(row: Row) -> dict[str, Json]:
    body: dict[str, Json] = json.loads(row.body)
    return body


def _table(rows: list[Row]) -> Table:
    cells = tuple(
        (str(r.seq), _when(r.at_us), r.kind, r.actor, r.cluster or "", r.action or "", r.outcome or "") for r in rows
    )
    return Table(COLUMNS, cells)


def _when(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


EVENTS = Text(en="{count} events", fr="{count} événements")
NO_SUCH_EVENT = Text(en="The ledger has no event {seq}", fr="Le registre n'a pas d'événement {seq}")
COLUMNS = (
    Text(en="No.", fr="N°"),
    Text(en="When", fr="Quand"),
    Text(en="What", fr="Quoi"),
    Text(en="Who", fr="Qui"),
    Text(en="Cluster", fr="Cluster"),
    Text(en="Action", fr="Action"),
    Text(en="Outcome", fr="Issue"),
)
