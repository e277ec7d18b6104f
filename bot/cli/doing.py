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
from bot.action import Json, Level
from bot.cli.options import AsJson, ConfigFile
from bot.cli.screen import language, print_json, print_report, say
from bot.config import load
from bot.desk import Done
from bot.message import Asked
from bot.operators import TEAM
from bot.people import Account
from bot.text import Language

Words = Annotated[list[str] | None, typer.Argument(metavar="WORDS", help="What follows /pve-cluster.")]
ClusterOption = Annotated[str | None, typer.Option("--cluster", metavar="NAME", help="Which cluster.")]
CANNOT_TELL = 3


def do(config: ConfigFile, words: Words = None, cluster: ClusterOption = None, *, as_json: AsJson = False) -> None:
    """Do what follows /pve-cluster, through the same door and into the same ledger."""
    line = shlex.join([*(words or []), *(("--cluster", cluster) if cluster else ())])
    asked = Asked(str(uuid4()), line, account(), "cli", wiring.now_us())
    with wiring.Books.open(load(config)) as books:
        done = books.do(asked, language())
    if as_json:
        print_json(_json(done))
    elif done.answer.report:
        print_report(done.answer.report, language())
    else:
        say(done.answer.refusal.to(language()) if done.answer.refusal else "")
    sys.exit(_exit_code(done))


def account() -> Account:
    """The person at the keyboard: with sudo, who invoked it."""
    uid = int(os.environ["SUDO_UID"]) if os.geteuid() == 0 and "SUDO_UID" in os.environ else os.getuid()
    return Account(TEAM, pwd.getpwuid(uid).pw_name)


def _exit_code(done: Done) -> int:
    if done.answer.report is None:
        return CANNOT_TELL if done.answer.unknown else 1
    return CANNOT_TELL if done.answer.report.level is Level.UNKNOWN else 0


def _json(done: Done, spoken: Language = "en") -> dict[str, Json]:
    answer = done.answer
    said = answer.report.headline if answer.report else answer.refusal
    return {
        "ok": answer.report is not None,
        "action": answer.action,
        "verb": answer.verb,
        "cluster": answer.cluster,
        "level": answer.report.level if answer.report else None,
        "said": said.to(spoken) if said else None,
        "findings": [{"level": f.level, "text": f.text.to(spoken)} for f in answer.report.findings]
        if answer.report
        else [],
        "data": dict(answer.report.data) if answer.report else {},
    }
