"""`pve-cluster-bot check`: prove a configuration before anybody relies on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from bot import wiring
from bot.action import Finding, Json, Level
from bot.cli.capable import incapable
from bot.cli.options import AsJson, ConfigFile
from bot.cli.screen import found, language, print_json
from bot.config import BadConfig, Config, references, secret
from bot.docket import Illegible
from bot.readiness import CLOCK_BEHIND, CLOCK_OFF_US
from bot.request import OPEN, State
from bot.ssh.nodes import Probe
from bot.store import Verdict, behind_us, illegible
from bot.text import Refused, Text
from bot.units import SECOND_US

Section = tuple[str, Finding]
SHELL_SLOW_US = 100_000
OVER = frozenset(State) - OPEN


def check(
    config: ConfigFile,
    *,
    slack: Annotated[bool, typer.Option("--slack", help="Of the outside, only Slack.")] = False,
    ssh: Annotated[bool, typer.Option("--ssh", help="Of the outside, only the nodes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say of each part of the configuration whether it works, and if not, what to do."""
    lines: list[Section] = []
    try:
        read = wiring.load(config)
        lines += [("config", Finding(Level.GOOD, READ.fill(path=config)))]
        lines += [*_secrets(read), *_database(read)]
        lines += _slack(read) if slack or not ssh else ()
        lines += _nodes(read) if ssh or not slack else ()
    except BadConfig as bad:
        lines += [("config", Finding(Level.BAD, mistake)) for mistake in bad.mistakes]
    _show(lines, as_json=as_json)
    sys.exit(int(any(finding.level is Level.BAD for _, finding in lines)))


def _show(lines: list[Section], *, as_json: bool) -> None:
    spoken = language()
    if as_json:
        told: list[Json] = [
            {
                "part": part,
                "level": f.level.value,
                "text": f.text.to(spoken),
                "fix": f.fix.to(spoken) if f.fix else None,
            }
            for part, f in lines
        ]
        print_json({"ok": all(f.level is not Level.BAD for _, f in lines), "findings": told})
        return
    for part, finding in lines:
        typer.echo(f"{part:<10} {found(finding, spoken)}")


def _secrets(config: Config) -> Iterator[Section]:
    for key, reference in references(config):
        try:
            secret(reference, config.folder)
        except BadConfig as bad:
            yield "secrets", Finding(Level.BAD, SECRET.fill(key=key, why=bad.text))
        else:
            yield "secrets", Finding(Level.GOOD, SECRET_THERE.fill(key=key, reference=reference))


def _database(config: Config) -> Iterator[Section]:
    try:
        with wiring.Books.open(config) as books:
            yield "database", Finding(Level.GOOD, DATABASE)
            yield "ledger", _ledger(books.ledger.verify())
            yield from (("requests", _illegible(*one)) for one in illegible(books.ledger.engine))
            yield from (("clock", finding) for finding in _clock(behind_us(books.ledger.engine, wiring.now_us)))
    except Refused as refused:
        yield "database", Finding(Level.BAD, refused.text)


def _ledger(verdict: Verdict) -> Finding:
    if verdict.is_whole:
        return Finding(Level.GOOD, LEDGER.fill(rows=verdict.rows))
    return Finding(Level.BAD, BROKEN.fill(rows=verdict.rows, problem=verdict.problem), BROKEN_FIX)


def _illegible(found: Illegible, state: str) -> Finding:
    """Of one that is over nothing is lost but its card."""
    level = Level.WARNING if state in OVER else Level.BAD
    return Finding(level, NOT_LEGIBLE.fill(id=found.id, state=state, why=found.why), NOT_LEGIBLE_FIX)


def _clock(behind_us: int) -> Iterator[Finding]:
    if behind_us >= CLOCK_OFF_US:
        yield Finding(Level.WARNING, CLOCK_BEHIND.fill(seconds=behind_us // SECOND_US), CLOCK_FIX)


def _slack(config: Config) -> Iterator[Section]:
    from bot.slack.check import check as ask
    from bot.slack.client import sync_client

    try:
        settings = wiring.slack_settings(config)
    except BadConfig as bad:
        yield "slack", Finding(Level.BAD, bad.text)
        return
    for finding in ask(sync_client(settings), settings):
        yield "slack", finding


def _nodes(config: Config) -> Iterator[Section]:
    for name, probe, answers in wiring.proofs(config):
        table = config.clusters[name]
        login = {**wiring.logins(config, table), **wiring.beside(config, table)}[probe.node]
        for finding in (
            *_reached(probe, answers),
            *incapable(probe.node, login, answers),
            *_slow(probe),
            *_still(probe),
        ):
            yield name, finding


def _reached(probe: Probe, answers: wiring.Answers) -> Iterator[Finding]:
    if probe.problem is not None:
        yield Finding(Level.BAD, NOT_REACHED.fill(node=probe.node, why=probe.problem))
        return
    told = REACHED if answers else REACHED_BESIDE
    yield Finding(Level.GOOD, told.fill(node=probe.node, fingerprint=probe.fingerprint, count=len(answers)))


def _slow(probe: Probe) -> Iterator[Finding]:
    if (probe.shell_us or 0) > SHELL_SLOW_US:
        milliseconds = (probe.shell_us or 0) // 1000
        yield Finding(Level.WARNING, SLOW.fill(node=probe.node, milliseconds=milliseconds), SLOW_FIX)


def _still(probe: Probe) -> Iterator[Finding]:
    """Reading goes without, so it is a warning."""
    for why in probe.obstacles:
        yield Finding(Level.WARNING, NO_CHANGES.fill(node=probe.node, why=why))


READ = Text(en="{path} is in order", fr="{path} est en ordre")
SECRET = Text(en="{key}: {why}", fr="{key} : {why}")
SECRET_THERE = Text(en="{key}: {reference} holds a secret", fr="{key} : {reference} contient un secret")
DATABASE = Text(
    en="The database is at this version, guarded, and can be written",
    fr="La base de données est à la bonne version, protégée et accessible en écriture",
)
LEDGER = Text(
    en="Every row of the ledger is as it was written, from 1 to {rows}",
    fr="Chaque ligne du registre est telle qu'elle fut écrite, de 1 à {rows}",
)
BROKEN = Text(
    en="The ledger was changed behind the bot's back: {problem}; the {rows} rows before are as they were written",
    fr="Le registre a été modifié dans le dos du bot : {problem} ; les {rows} lignes d'avant sont telles qu'elles furent écrites",
)
BROKEN_FIX = Text(
    en="Keep the database as it is, find out who can write it, then start again from a backup",
    fr="Gardez la base telle quelle, cherchez qui peut l'écrire, puis repartez d'une sauvegarde",
)
NOT_LEGIBLE = Text(
    en="Request {id}, {state} in the database, cannot be read ({why}). It never runs; if it was running, its cluster stays locked",
    fr="La demande {id}, {state} dans la base, est illisible ({why}). Elle n'est jamais exécutée ; si elle était en cours, "
    "son cluster reste verrouillé",
)
NOT_LEGIBLE_FIX = Text(
    en="Start the version of the bot that wrote it; if none did, find out who can write the database",
    fr="Démarrez la version du bot qui l'a écrite ; si aucune ne l'a fait, cherchez qui peut écrire dans la base",
)
CLOCK_FIX = Text(
    en="Look at what timedatectl says of its time server. Until then the bot counts on from the ledger, so that every "
    "request has its full time",
    fr="Voyez ce que timedatectl dit de son serveur de temps. D'ici là le bot compte à partir du registre, pour que chaque "
    "demande ait tout son temps",
)
NOT_REACHED = Text(en="{node}: {why}", fr="{node} : {why}")
REACHED = Text(
    en="{node}: reached and logged in, host key {fingerprint} as known; asked all {count} questions of the actions",
    fr="{node} : joint, connexion acceptée, clé d'hôte {fingerprint}, celle attendue ; "
    "les {count} questions des actions sont posées",
)
REACHED_BESIDE = Text(
    en="{node}: reached and logged in, host key {fingerprint} as known",
    fr="{node} : joint, connexion acceptée, clé d'hôte {fingerprint}, celle attendue",
)
NO_CHANGES = Text(
    en="{node} can be read, but changes cannot be relied upon there. {why}",
    fr="{node} peut être lu, mais on ne peut y compter sur les changements. {why}",
)
SLOW = Text(
    en="{node}: a command that does nothing takes {milliseconds} ms",
    fr="{node} : une commande qui ne fait rien prend {milliseconds} ms",
)
SLOW_FIX = Text(
    en="Look at what the login shell's start-up files do, ~/.bashrc first",
    fr="Regardez ce que font les fichiers de démarrage du shell, ~/.bashrc d'abord",
)
