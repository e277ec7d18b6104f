"""`pve-cluster-bot do`: what follows /pve-cluster, from the server's shell."""

from __future__ import annotations

import os
import pwd
import shlex
import sys
from typing import Annotated
from uuid import uuid4

import typer

from bot import wiring
from bot.action import Finding, Json, Level
from bot.cli.options import AsJson, ConfigFile
from bot.cli.screen import language, print_json, print_report, say
from bot.desk import Done
from bot.message import Asked
from bot.operators import TEAM
from bot.people import Account
from bot.text import Language
from bot.typed import cut

Words = Annotated[list[str] | None, typer.Argument(metavar="WORDS", help="What follows /pve-cluster.")]
ClusterOption = Annotated[str | None, typer.Option("--cluster", metavar="NAME", help="Which cluster.")]
CANNOT_TELL = 3


def do(config: ConfigFile, words: Words = None, cluster: ClusterOption = None, *, as_json: AsJson = False) -> None:
    """Do what follows /pve-cluster, through the same door and into the same ledger."""
    from bot import approving  # all parts at once; the other commands start without them

    line = shlex.join([*(words or []), *(("--cluster", cluster) if cluster else ())])
    # A shell passes any bytes; those that are no text have no place in the ledger either.
    asked = Asked(str(uuid4()), cut(os.fsencode(line).decode(errors="replace")), account(), "cli", wiring.now_us())
    with wiring.Books.open(wiring.load(config)) as books:
        done = approving.do(books.config, books.ledger.engine, asked, language())
    if as_json:
        print_json(_json(done))
    elif done.answer.report:
        print_report(done.answer.report, language())
    elif said := done.answer.refusal or done.answer.said:
        say(said.to(language()))
    sys.exit(_exit_code(done))


def account() -> Account:
    """The person at the keyboard: with sudo, who invoked it. Only root could have had sudo set it truly."""
    invoker = os.environ.get("SUDO_UID", "") if os.getuid() == os.geteuid() == 0 else ""
    return Account(TEAM, _login(int(invoker) if invoker.isascii() and invoker.isdecimal() else os.getuid()))


def _login(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return f"uid:{uid}"  # as in a container; no login can be called so (passwd(5))


def _exit_code(done: Done) -> int:
    if done.answer.report is None and (done.answer.refusal or not done.answer.said):
        return CANNOT_TELL if done.answer.unknown else 1
    if done.answer.report is None or done.answer.blocked:
        return int(done.answer.blocked)
    return CANNOT_TELL if done.answer.report.level is Level.UNKNOWN else 0


def _json(done: Done, spoken: Language = "en") -> dict[str, Json]:
    answer = done.answer
    said = answer.report.headline if answer.report else answer.refusal or answer.said
    return {
        "ok": answer.refusal is None and not answer.blocked,
        "request": done.filing.request.id if done.filing else None,
        "action": answer.action,
        "verb": answer.verb,
        "cluster": answer.cluster,
        "level": answer.report.level if answer.report else None,
        "said": said.to(spoken) if said else None,
        "findings": [_finding(one, spoken) for one in answer.report.findings] if answer.report else [],
        "data": dict(answer.report.data) if answer.report else {},
    }


def _finding(finding: Finding, spoken: Language) -> dict[str, Json]:
    fix = finding.fix.to(spoken) if finding.fix else None
    return {"level": finding.level, "text": finding.text.to(spoken), "fix": fix}
