"""Whether a login can run what the actions need, judged by what the node answered when asked all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.action import Finding, Level, Output, Unreachable
from bot.names import NodeName
from bot.needed import Needed
from bot.ssh.login import Login
from bot.ssh.sudoers import sudoers_line
from bot.text import Text, same

NOT_THERE = 127  # env(1): the program was not found


def incapable(node: NodeName, login: Login, answers: Mapping[Needed, Output | Unreachable]) -> Iterator[Finding]:
    """What cannot be run or read there; commands that fail for one reason are told together."""
    yield from _refused(node, login, answers)
    for one, answer in answers.items():
        if isinstance(answer, Output) and (why := one.unread(answer)) is not None:
            yield _unread(node, login, one, answer.exit, why)


def _refused(node: NodeName, login: Login, answers: Mapping[Needed, Output | Unreachable]) -> Iterator[Finding]:
    by_reason: dict[str, list[Needed]] = {}
    reasons: dict[str, Text] = {}
    for one, answer in answers.items():
        if isinstance(answer, Unreachable):
            by_reason.setdefault(str(answer), []).append(one)
            reasons[str(answer)] = answer.text
    for reason, all_ in by_reason.items():
        commands = ", ".join(f"`{' '.join(one.argv)}`" for one in all_)
        text = NOT_RUN.fill(node=node, commands=commands, why=reasons[reason])
        yield Finding(Level.BAD, text, _sudoers(login, all_) if login.sudo else None)


def _sudoers(login: Login, refused: list[Needed]) -> Text:
    lines = "\n     ".join(sudoers_line(login.user, one.argv) for one in refused)
    return ALLOW.fill(host=login.host, lines=same(lines))


def _unread(node: NodeName, login: Login, one: Needed, exit_: int, why: str) -> Finding:
    said = {"node": node, "command": " ".join(one.argv), "actions": ", ".join(one.actions), "why": why}
    if exit_ == NOT_THERE:
        fix = INSTALL.fill(program=one.argv[0], host=login.host, user=login.user)
        return Finding(Level.BAD, MISSING.fill(program=one.argv[0], **said), fix)
    return Finding(Level.BAD, NOT_READ.fill(**said), TRY.fill(host=login.host, user=login.user))


NOT_RUN = Text(en="{node}: {commands} cannot be run. {why}", fr="{node} : {commands} ne peut pas tourner. {why}")
ALLOW = Text(
    en="If sudo refused, add to sudoers on {host} (visudo):\n     {lines}",
    fr="Si sudo a refusé, ajoutez à sudoers sur {host} (visudo) :\n     {lines}",
)
MISSING = Text(
    en="{node} has no {program}, which is needed for: {actions}",
    fr="{node} n'a pas {program}, nécessaire pour : {actions}",
)
INSTALL = Text(
    en="Install the package of {program} on {host}, or put it where {user} finds it (PATH)",
    fr="Installez le paquet de {program} sur {host}, ou mettez-le là où {user} le trouve (PATH)",
)
NOT_READ = Text(
    en="{node}: what `{command}` answered cannot be read ({why}), which is needed for: {actions}",
    fr="{node} : la réponse de `{command}` est illisible ({why}), nécessaire pour : {actions}",
)
TRY = Text(
    en="Run it on {host} as {user} and mend what it says there",
    fr="Lancez-la sur {host} en tant que {user} et corrigez ce qu'elle y dit",
)
