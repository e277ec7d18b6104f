"""`pve-cluster-bot audit`: read the ledger. Reading it is recorded in it."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot import wiring
from bot.action import Finding, Json, Level, Report, Table
from bot.cli.doing import account
from bot.cli.options import AsJson, ConfigFile
from bot.cli.screen import language, print_json, print_report, say
from bot.event import Kind
from bot.names import shortened
from bot.store import Row
from bot.text import Refused, Text, clean

app = typer.Typer(help="Read the ledger of everything that happened.", no_args_is_help=True)
Only = typer.Option
MOST = 10_000
REQUEST = re.compile(r"(?=.*[a-z])[a-z0-9-]{2,60}")
LONGEST = 300  # of a line of a story; the whole is in `audit show SEQ`
END_US = 2**63 - 1  # of what a database can count
LocalTime = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])]


def _number_or_name(word: str) -> str:
    """Raise `BadParameter`, a usage mistake, for what is neither."""
    is_number = word.isascii() and word.isdecimal() and 1 <= int(word[:20]) <= END_US
    if not is_number and not REQUEST.fullmatch(word):
        raise typer.BadParameter(NEITHER.to(language()))
    return word


@app.command("list")
def list_(
    config: ConfigFile,
    kind: Annotated[Kind | None, Only(help="Only events of this kind.")] = None,
    actor: Annotated[str | None, Only(help="Only events of this account, as TEAM/USER or os/LOGIN.")] = None,
    cluster: Annotated[str | None, Only(help="Only events of this cluster.")] = None,
    action: Annotated[str | None, Only(help="Only events of this action.")] = None,
    request: Annotated[str | None, Only(help="Only events of this request.")] = None,
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
            request=request,
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
def show(
    config: ConfigFile,
    what: Annotated[str, typer.Argument(metavar="SEQ|REQUEST", parser=_number_or_name)],
    *,
    as_json: AsJson = False,
) -> None:
    """One event, whole; or the whole story of a request, in order. Exit code 1 if any of it is not as it was written."""
    with wiring.Books.open(wiring.load(config)) as books:
        event = books.ledger.row(int(what)) if what.isdecimal() else None
        rows = [event] if event else books.ledger.page(request=what, limit=MOST)
        problems = {row.seq: problem for row in rows if (problem := books.ledger.problem(row))}
        books.was_read(account(), f"show {what}")
    if event is not None:
        _print_one(event, problems.get(event.seq), as_json=as_json)
    elif rows:
        _print_story(what, rows, problems, as_json=as_json)
    else:
        raise Refused((NO_SUCH_EVENT if what.isdecimal() else NO_SUCH_REQUEST).fill(what=what))
    sys.exit(int(bool(problems)))


def _print_story(request: str, rows: list[Row], problems: Mapping[int, str], *, as_json: bool) -> None:
    altered = [ALTERED.fill(seq=seq, problem=problem) for seq, problem in problems.items()]
    if as_json:
        said: dict[str, Json] = {"said": [why.to(language()) for why in altered]} if altered else {}
        print_json({"ok": not altered, **said, "request": request, "events": [_event(row) for row in rows]})
        return
    findings = tuple(Finding(Level.BAD, why) for why in altered)
    level = Level.BAD if altered else Level.NOTE
    report = Report(level, STORY.fill(request=request, count=len(rows)), findings=findings, tables=(_story(rows),))
    print_report(report, language())


def _story(rows: list[Row]) -> Table:
    cells = tuple((str(r.seq), _when(r.at_us), r.kind, r.actor, r.outcome or "", _particulars(r)) for r in rows)
    return Table(STORY_COLUMNS, cells)


def _particulars(row: Row) -> str:
    """What a reader needs of an event's detail beside its kind: the command and its end, the words of people, why."""
    detail = row.told.get("detail") if row.told is not None else None
    if not isinstance(detail, dict):
        return ""
    argv = detail.get("argv")
    ran = f"{detail.get('node')}: {shlex.join(map(str, argv))}" if isinstance(argv, list) else ""
    ended = f"exit {detail['exit']}" if detail.get("exit") is not None else ""
    words = [str(detail[key]) for key in ("line", "statement", "why", "seen") if detail.get(key)]
    return shortened(" · ".join(filter(None, [ran, ended, *words])), LONGEST)


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
STORY = Text(en="Request {request}: {count} events", fr="Demande {request} : {count} événements")
NO_SUCH_EVENT = Text(en="The ledger has no event {what}", fr="Le registre n'a pas d'événement {what}")
NO_SUCH_REQUEST = Text(en="The ledger knows no request {what}", fr="Le registre ne connaît pas de demande {what}")
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
STORY_COLUMNS = (*COLUMNS[:4], COLUMNS[6], Text(en="Particulars", fr="Détails"))
NEITHER = Text(en="a number from 1 on, or the id of a request", fr="un numéro à partir de 1, ou l'id d'une demande")
